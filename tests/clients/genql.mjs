// genql: generates a client of each schema file, and runs that of the public one.
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { PUBLIC, SCALARS, SCHEMAS, assert, compile, done, generated, here, run } from "./shared.mjs";

const scalars = Object.entries(SCALARS).flatMap(([name, type]) => ["--scalar", `${name}:${type}`]);
const folders = {};
for (const [name, file] of Object.entries(SCHEMAS)) {
  folders[name] = generated(`genql-${name}`);
  run("genql", ["--schema", file, "--output", "client", ...scalars], folders[name]);
}
copyFileSync(here("genql/pages.ts"), join(folders.public, "pages.ts"));
compile(folders.public, "commonjs");
const { owners } = await import(join(folders.public, "pages.js"));
assert.equal((await owners(PUBLIC, 3)).length, 3);
done("generated from the 3 files, tsc --strict, and run");
