// The subgraphs that an engine joins: the registry, whose database is registry.sqlite in a folder, and the example
// partner. REGISTRY_PROGRAM and PARTNER_PROGRAM name the programs.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { SECRET } from "./engines.mjs";
import { freePort, ready, start } from "./processes.mjs";

const { REGISTRY_PROGRAM, PARTNER_PROGRAM } = process.env;

const database = (folder) => ({ DATABASE_URL: `sqlite://${folder}/registry.sqlite`, LOG: "warn" });

// What a command of the registry prints.
const printed = (words, environment) =>
  execFileSync(REGISTRY_PROGRAM, words, { env: { ...process.env, ...environment }, encoding: "utf8" }).trim();

export const createKey = (folder) =>
  printed(["keys", "create", "--name", "gateway-test", "--scope", "read"], database(folder));

// `limits` are those of everyone.
export const registry = async (folder, limits) => {
  const port = await freePort();
  const settings = { LISTEN: `127.0.0.1:${port}`, TRUSTED_PROXIES: "127.0.0.1", LIMITS_PUBLIC: limits };
  const environment = { ...database(folder), ...settings, GATEWAY_SECRET: SECRET };
  const derived = printed(["gateway", "coprocessor-secret"], environment);
  const url = `http://127.0.0.1:${port}`;
  const program = await ready(start(folder, "registry", [REGISTRY_PROGRAM, "serve"], environment), `${url}/readyz`);
  return { program, url, subgraph: `${url}/subgraph`, coprocessor: `${url}/coprocessor?secret=${derived}` };
};

// A partner whose lists have these channels.
export const partner = async (folder, nativeIds = []) => {
  const [port, channels] = [await freePort(), `${folder}/channels.txt`];
  writeFileSync(channels, nativeIds.join("\n"));
  const command = [PARTNER_PROGRAM, "--listen", `127.0.0.1:${port}`, "--channels", channels];
  const program = await ready(start(folder, "partner", command), `http://127.0.0.1:${port}/livez`);
  return { program, port, url: `http://127.0.0.1:${port}/graphql` };
};
