// graphql-codegen, client preset: generates from the file that the registry serves, type-checks, and runs.
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PUBLIC, REGISTRY, SCALARS, assert, compile, done, generated, here, run } from "./shared.mjs";

const folder = generated("codegen");
copyFileSync(here("codegen/pages.ts"), join(folder, "pages.ts"));
const config = {
  schema: `${REGISTRY}/public/schema.graphql`,
  documents: "pages.ts",
  emitLegacyCommonJSImports: false,
  generates: { "gql/": { preset: "client", config: { scalars: SCALARS, strictScalars: true, useTypeImports: true } } },
};
writeFileSync(join(folder, "codegen.json"), JSON.stringify(config));
run("graphql-codegen", ["--config", "codegen.json"], folder);
compile(folder, "module");
const { owners } = await import(join(folder, "pages.js"));
assert.equal((await owners(PUBLIC, 3)).length, 3);
done("typed documents from /public/schema.graphql, strictScalars, tsc --strict, and run with graphql-request");
