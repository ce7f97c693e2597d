// What all scripts need: where the registry is, and how to compare.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export { assert };

/// Address of the registry, a key that may read and write, and the secret of federation routers.
export const { REGISTRY, KEY, GATEWAY_SECRET } = process.env;
export const PUBLIC = `${REGISTRY}/public/graphql`;
export const PRIVATE = `${REGISTRY}/graphql`;
export const AUTHORIZATION = { authorization: `Bearer ${KEY}` };

/// Files with the schemas.
export const SCHEMAS = JSON.parse(process.env.SCHEMAS);
export const schema = (name) => readFileSync(SCHEMAS[name], "utf8");

/// Types of the scalars in generated code.
export const SCALARS = { DateTime: "string", Date: "string", Url: "string", SafeInt: "number" };

/// Path of a file of this folder.
export const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/// Path of an empty folder for generated code.
export function generated(name) {
  const folder = here(`generated/${name}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  return folder;
}

/// Runs a program of a package in a folder; its output is shown only if it fails.
export function run(program, options, folder) {
  try {
    execFileSync(here(`node_modules/.bin/${program}`), options, { cwd: folder, stdio: "pipe" });
  } catch (error) {
    console.error(`${error.stdout}${error.stderr}`);
    throw new Error(`${program} ${options.join(" ")} failed`);
  }
}

/// Compiles TypeScript to JavaScript beside it, with all type checks, as modules of this type (`module` or `commonjs`).
export function compile(folder, type) {
  const [module, moduleResolution] = type === "module" ? ["nodenext", "nodenext"] : ["commonjs", "node10"];
  const options = { strict: true, target: "es2022", module, moduleResolution, skipLibCheck: true };
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type }));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options }));
  run("tsc", ["--project", "."], folder);
}

/// Sends a query and returns its data.
export async function ask(url, query, { variables, headers } = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined, JSON.stringify(errors));
  return data;
}

/// Says what was checked, for the table.
export const done = (text) => console.log(text);
