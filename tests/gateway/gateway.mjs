// Starts the registry, the partner and each engine, and checks what clients of the gateway get. The argument is a folder with
// the database of a registry, registry.sqlite.
import { copyFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { attacks } from "./attacks.mjs";
import { bypass } from "./bypass.mjs";
import { SECRET, engine, found, guard } from "./engines.mjs";
import { joined } from "./joined.mjs";
import { Middle } from "./middle.mjs";
import { failing } from "./failing.mjs";
import { planning } from "./planning.mjs";
import { plans } from "./plans.mjs";
import { stop, stopAll, stopAllAtTheEnd } from "./processes.mjs";
import { data, sides } from "./questions.mjs";
import { reloading } from "./reloading.mjs";
import { createKey, partner, registry } from "./subgraphs.mjs";

const [folder] = process.argv.slice(2);
const composed = fileURLToPath(new URL("../../deploy/gateway/supergraph.graphql", import.meta.url));
// Enough for the load of the tests, and hardly refilled, so that what is paid can be seen.
const LIMITS = "points=10000000,per_second=1";

const PAGES = '{ pages(filter: { platforms: ["rutube"] }, first: 100) { nodes { nativeId owner { territory { code } } } } }';

// Territory with most of the pages.
const busiest = (pages) => {
  const counts = new Map();
  pages.forEach(({ owner: { territory } }) => territory && counts.set(territory.code, (counts.get(territory.code) ?? 0) + 1));
  return [...counts].sort((one, other) => other[1] - one[1])[0][0];
};

const failures = [];
let passed = 0;
const check = async (what, run) => {
  try {
    await run();
    passed += 1;
  } catch (error) {
    failures.push(`${what}: ${error.message}`);
  }
};

const checkEngine = async (name, stage) => {
  const supergraph = `${folder}/supergraph.graphql`;
  copyFileSync(composed, supergraph);
  stage.gateway = await engine(folder, name, {
    supergraph,
    registry: `http://127.0.0.1:${stage.beforeRegistry.port}/subgraph`,
    coprocessor: stage.registry.coprocessor,
    partner: stage.guardUrl,
  });
  stage.supergraph = supergraph;
  const named = (what, run) => check(`${name}: ${what}`, run);
  await joined(stage, named);
  await bypass(stage, named);
  await plans(stage, named);
  await attacks(stage, named);
  await planning(stage, named);
  await failing(stage, named);
  await reloading(stage, named);
  await stop(stage.gateway.program);
};

stopAllAtTheEnd();
try {
  const key = createKey(folder);
  const stage = { registry: { ...(await registry(folder, LIMITS)), key } };
  const pages = (await data(`${stage.registry.url}/public/graphql`, PAGES)).pages.nodes;
  const { url: partnerUrl } = await partner(folder, pages.map(({ nativeId }) => nativeId));
  stage.code = busiest(pages);
  stage.beforeRegistry = await Middle.before(stage.registry.subgraph);
  stage.beforePartner = await Middle.before(partnerUrl);
  stage.guardUrl = (await guard(folder, stage.beforePartner.port)).url;
  stage.sides = sides({
    publicUrl: `${stage.registry.url}/public/graphql`,
    subgraphUrl: stage.registry.subgraph,
    partnerUrl,
    secret: SECRET,
  });
  for (const name of found) await checkEngine(name, stage);
  await Promise.all([stage.beforeRegistry.close(), stage.beforePartner.close()]);
} catch (error) {
  failures.push(error.stack);
} finally {
  await stopAll();
}
failures.forEach((failure) => console.error(failure));
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length ? 1 : 0);
