// relay-compiler: compiles with the schema files of clients; relay-runtime runs the compiled queries, and refetches a page and its owner.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import relay from "relay-runtime";
import { PUBLIC, SCALARS, SCHEMAS, ask, assert, done, generated, here, run } from "./shared.mjs";

/// Compiles `relay/pages.js` with a schema file, and returns the folder of the compiled queries.
function compiled(name) {
  const folder = generated(`relay-${name}`);
  mkdirSync(join(folder, "compiled"));
  copyFileSync(here("relay/pages.js"), join(folder, "pages.js"));
  const config = {
    src: ".",
    schema: relative(folder, SCHEMAS[name]),
    language: "javascript",
    artifactDirectory: "compiled",
    eagerEsModules: true,
    customScalarTypes: SCALARS,
  };
  writeFileSync(join(folder, "relay.config.json"), JSON.stringify(config));
  run("relay-compiler", ["relay.config.json"], folder);
  return join(folder, "compiled");
}

// Routers have their own `node`, which the subgraph therefore lacks.
const folders = Object.fromEntries(["public", "partner"].map((name) => [name, compiled(name)]));
const query = async (name) => (await import(join(folders.public, `${name}.graphql.js`))).default;

const network = relay.Network.create(async ({ text }, variables) => ({ data: await ask(PUBLIC, text, { variables }) }));
const environment = new relay.Environment({ network, store: new relay.Store(new relay.RecordSource()) });
const fetched = async (name, variables) => relay.fetchQuery(environment, await query(name), variables).toPromise();

await fetched("pagesQuery", {});
const records = () => Object.values(environment.getStore().getSource().toJSON());
const pages = records().filter((record) => record.__typename === "Page");
assert.equal(pages.length, 5);
await fetched("pagesPageQuery", { id: pages[0].__id });
const owner = pages[0].owner.__ref;
await fetched("pagesOwnerQuery", { id: owner });
assert.ok(records().find((record) => record.__id === owner).name);
const cursor = records().find((record) => record.endCursor).endCursor;
await fetched("pagesListQuery", { first: 5, after: cursor });
assert.equal(records().filter((record) => record.__typename === "Page").length, 10);
done("compiled with the 2 files of clients; @connection, @refetchable on Page and Organization");
