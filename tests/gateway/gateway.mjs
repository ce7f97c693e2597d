// Starts the registry, the partner and each engine, and checks what clients of the gateway get. The argument is a folder with
// the database of a registry, registry.sqlite.
import { execFileSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { SECRET, engine, found, guard } from "./engines.mjs";
import { joined } from "./joined.mjs";
import { Middle } from "./middle.mjs";
import { failing } from "./failing.mjs";
import { freePort, ready, start, stop, stopAll, stopAllAtTheEnd } from "./processes.mjs";
import { data, sides } from "./questions.mjs";
import { reloading } from "./reloading.mjs";

const [folder] = process.argv.slice(2);
const { REGISTRY_PROGRAM, PARTNER_PROGRAM } = process.env;
const database = { DATABASE_URL: `sqlite://${folder}/registry.sqlite`, LOG: "warn" };
const composed = fileURLToPath(new URL("../../deploy/gateway/supergraph.graphql", import.meta.url));
// Enough for the load of the tests, and hardly refilled, so that what is paid can be seen.
const LIMITS = "points=10000000,per_second=1";

const PAGES = '{ pages(filter: { platforms: ["rutube"] }, first: 100) { nodes { nativeId owner { territory { code } } } } }';

const registry = async () => {
  const port = await freePort();
  const settings = { LISTEN: `127.0.0.1:${port}`, GATEWAY_SECRET: SECRET, TRUSTED_PROXIES: "127.0.0.1", LIMITS_PUBLIC: LIMITS };
  const create = ["keys", "create", "--name", "gateway-test", "--scope", "read"];
  const key = execFileSync(REGISTRY_PROGRAM, create, { env: { ...process.env, ...database }, encoding: "utf8" }).trim();
  const derive = ["gateway", "coprocessor-secret"];
  const derived = execFileSync(REGISTRY_PROGRAM, derive, { env: { ...process.env, ...database, ...settings }, encoding: "utf8" });
  const url = `http://127.0.0.1:${port}`;
  await ready(start(folder, "registry", [REGISTRY_PROGRAM, "serve"], { ...database, ...settings }), `${url}/readyz`);
  return { url, key, coprocessorSecret: derived.trim() };
};

// A partner whose lists have the channels of the registry's pages.
const partner = async (nativeIds) => {
  const [port, channels] = [await freePort(), `${folder}/channels.txt`];
  writeFileSync(channels, nativeIds.join("\n"));
  const command = [PARTNER_PROGRAM, "--listen", `127.0.0.1:${port}`, "--channels", channels];
  await ready(start(folder, "partner", command), `http://127.0.0.1:${port}/livez`);
  return `http://127.0.0.1:${port}/graphql`;
};

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
    coprocessor: `${stage.registry.url}/coprocessor?secret=${stage.registry.coprocessorSecret}`,
    partner: stage.guardUrl,
  });
  stage.supergraph = supergraph;
  const named = (what, run) => check(`${name}: ${what}`, run);
  await joined(stage, named);
  await failing(stage, named);
  await reloading(stage, named);
  await stop(stage.gateway.program);
};

stopAllAtTheEnd();
try {
  const stage = { registry: await registry() };
  const pages = (await data(`${stage.registry.url}/public/graphql`, PAGES)).pages.nodes;
  const partnerUrl = await partner(pages.map(({ nativeId }) => nativeId));
  stage.code = busiest(pages);
  stage.beforeRegistry = await Middle.before(`${stage.registry.url}/subgraph`);
  stage.beforePartner = await Middle.before(partnerUrl);
  stage.guardUrl = await guard(folder, stage.beforePartner.port);
  stage.sides = sides({
    publicUrl: `${stage.registry.url}/public/graphql`,
    subgraphUrl: `${stage.registry.url}/subgraph`,
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
