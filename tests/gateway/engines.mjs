// The engines, configured as in deploy/gateway, and the guard before the partner.
import { fileURLToPath } from "node:url";
import { freePort, ready, start } from "./processes.mjs";

export const DEPLOY = fileURLToPath(new URL("../../deploy/gateway", import.meta.url));
const ROUTER_CONFIG = `${DEPLOY}/router.yaml`;
// Megabytes.
const HEAP = 1024;
export const SECRET = "a secret of the gateway";

// Kilobytes of address space of Hive Router. Node reserves more than it uses, and has a limit of its own.
const MEMORY = 16 << 20;
// Seconds that an engine may take to read a good supergraph, on a busy machine.
const READING = 40;

// `seconds`: after these, an engine has looked at its supergraph again. `memory`: megabytes that it may
// hold, and that one request may add.
const ENGINES = {
  "Hive Gateway": {
    seconds: 13,
    memory: { peak: 1200, growth: 160 },
    command: () => [
      process.execPath,
      `--max-old-space-size=${HEAP}`,
      `${DEPLOY}/hive-gateway/node_modules/@graphql-hive/gateway/dist/bin.js`,
      "supergraph",
      "--hive-router-runtime",
      "--config-path",
      `${DEPLOY}/gateway.config.mjs`,
    ],
  },
  "Hive Router": {
    seconds: 5,
    memory: { peak: 256, growth: 64 },
    command: () => ["bash", "-c", `ulimit -v ${MEMORY} && exec "$0"`, process.env.HIVE_ROUTER],
  },
};

export const found = Object.keys(ENGINES).filter((name) => name !== "Hive Router" || process.env.HIVE_ROUTER);

export const guard = async (folder, partner) => {
  const port = await freePort();
  const environment = { RUTUBE_GUARD: `127.0.0.1:${port}`, RUTUBE_PARTNER: `127.0.0.1:${partner}` };
  const program = start(folder, "guard", ["haproxy", "-f", `${DEPLOY}/haproxy.cfg`, "-db"], environment);
  await ready(program, `http://127.0.0.1:${port}/livez`);
  return { program, url: `http://127.0.0.1:${port}/graphql` };
};

// `registry` and `coprocessor` are URLs, the latter with its secret; `partner` is that of the guard. `config` is the
// router's file.
export const engine = async (folder, name, { supergraph, registry, coprocessor, partner, config = ROUTER_CONFIG }) => {
  const port = await freePort();
  const program = start(folder, name.replace(" ", "-"), ENGINES[name].command(), {
    HOST: "127.0.0.1",
    PORT: String(port),
    GATEWAY_AUTHORIZATION: `Bearer ${SECRET}`,
    REGISTRY_URL: registry,
    RUTUBE_URL: partner,
    COPROCESSOR_URL: coprocessor,
    SUPERGRAPH_FILE_PATH: supergraph,
    ROUTER_CONFIG_FILE_PATH: config,
    LOG_LEVEL: "warn",
    EXPOSE_QUERY_PLAN: "true",
  });
  await ready(program, `http://127.0.0.1:${port}/readiness`);
  const { seconds, memory } = ENGINES[name];
  return { name, program, url: `http://127.0.0.1:${port}/graphql`, seconds, memory, reading: READING };
};
