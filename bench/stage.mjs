// Starts the registry, the partner, the guard and each engine for gateway.py, prints where they are as a line of JSON,
// and ends them when its input ends. The argument is a folder with the database of a registry, registry.sqlite.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { DEPLOY, SECRET, engine, found, guard } from "../tests/gateway/engines.mjs";
import { stopAll, stopAllAtTheEnd } from "../tests/gateway/processes.mjs";
import { partner, registry } from "../tests/gateway/subgraphs.mjs";

const [folder] = process.argv.slice(2);
// One client sends all of the load.
const LIMITS = "points=1000000000000,per_second=1000000000";
const ROUTER = "Hive Router";

// The configuration of the router without its coprocessor, in a folder with the files that it names.
const withoutCoprocessor = () => {
  const other = `${folder}/without-coprocessor`;
  mkdirSync(other);
  copyFileSync(`${DEPLOY}/documents.json`, `${other}/documents.json`);
  const text = readFileSync(`${DEPLOY}/router.yaml`, "utf8");
  const rest = text.replace(/^coprocessor:\n(?: .*\n)+/m, "");
  if (rest === text) throw new Error("router.yaml has no coprocessor");
  writeFileSync(`${other}/router.yaml`, rest);
  return { folder: other, config: `${other}/router.yaml` };
};

const where = ({ program, url, subgraph }) => ({ url: subgraph ?? url, pid: program.child.pid });

const startAll = async () => {
  const ours = await registry(folder, LIMITS);
  const theirs = await partner(folder);
  const guarded = await guard(folder, theirs.port);
  const sides = {
    supergraph: `${DEPLOY}/supergraph.graphql`,
    registry: ours.subgraph,
    coprocessor: ours.coprocessor,
    partner: guarded.url,
  };
  const engines = {};
  for (const name of found) engines[name] = where(await engine(folder, name, sides));
  if (engines[ROUTER]) {
    const other = withoutCoprocessor();
    const program = await engine(other.folder, ROUTER, { ...sides, config: other.config });
    engines[`${ROUTER} without coprocessor`] = where(program);
  }
  const parts = { registry: where(ours), partner: where(theirs), guard: where(guarded) };
  return { ...parts, engines, lists: `${ours.url}/public/graphql`, authorization: `Bearer ${SECRET}` };
};

stopAllAtTheEnd();
console.log(JSON.stringify(await startAll()));
process.stdin.resume();
process.stdin.on("end", () => stopAll().finally(() => process.exit(0)));
