// Composes the subgraphs of subgraphs.json into supergraph.graphql, and lists the documents of queries/ in documents.json.
//   node compose.mjs                              write both files
//   node compose.mjs --check                      end with status 1 if one of them is not current
//   node compose.mjs --list FILE --out FILE       other subgraphs and another supergraph; paths in the list are relative to it
// Nothing is written unless the subgraphs compose, keep the rules for partners, and the documents are valid. The subgraph `registry`
// is the registry's; all others are partners'.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildASTSchema, parse, validate } from "graphql";
import { composeServices } from "@theguild/federation-composition";
import { ruleFaults } from "../../tests/composition/partner_rules.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const OPTIONS = { check: { type: "boolean" }, list: { type: "string" }, out: { type: "string" } };

// Text of a file, or what a function makes of it; errors have the path.
const read = (path, use = (text) => text) => {
  try {
    return use(readFileSync(path, "utf8"));
  } catch (error) {
    const [at] = error.locations ?? [];
    const reason = error.code === "ENOENT" ? "there is no such file" : error.message;
    throw new Error(`${path}${at ? `:${at.line}:${at.column}` : ""}: ${reason}`);
  }
};

// The subgraphs of a list.
const listed = (list) => {
  const entries = read(list, JSON.parse);
  const isEntry = (it) => ["name", "url", "schema"].every((key) => typeof it?.[key] === "string");
  if (!Array.isArray(entries) || !entries.every(isEntry)) {
    throw new Error(`${list}: must be a list of objects with the texts \`name\`, \`url\` and \`schema\``);
  }
  return entries.map(({ name, url, schema }) => ({ name, url, typeDefs: read(resolve(dirname(list), schema), parse) }));
};

// The composer throws for some of what does not fit.
const composed = (subgraphs) => {
  try {
    return composeServices(subgraphs);
  } catch (error) {
    return { errors: [error] };
  }
};

const compose = (list) => {
  const subgraphs = listed(list);
  const registry = subgraphs.find(({ name }) => name === "registry");
  const rules = subgraphs.filter((it) => it !== registry).flatMap((partner) => ruleFaults(registry, partner));
  const { errors = [], supergraphSdl, publicSdl } = composed(subgraphs);
  const texts = [...rules, ...errors.map(({ extensions, message }) => `${extensions?.code ?? "Composition"}: ${message}`)];
  if (texts.length) throw new Error(texts.join("\n"));
  return { supergraph: `${supergraphSdl.trimEnd()}\n`, schema: buildASTSchema(parse(publicSdl)) };
};

// By the SHA-256 of their text.
const documents = (schema) => {
  const document = (file) => {
    const text = read(join(here, "queries", file));
    const errors = validate(schema, parse(text));
    if (errors.length) throw new Error(`${file}: ${errors.map((error) => error.message).join("\n")}`);
    return [createHash("sha256").update(text).digest("hex"), text];
  };
  const all = Object.fromEntries(readdirSync(join(here, "queries")).sort().map(document));
  return `${JSON.stringify(all, null, 2)}\n`;
};

// Renamed, so that a router that reads the file now and then never reads a part of it.
const write = (path, text) => {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
  console.log(`${path} is written`);
};

try {
  const { values } = parseArgs({ options: OPTIONS });
  const { supergraph, schema } = compose(resolve(values.list ?? join(here, "subgraphs.json")));
  const files = [[resolve(values.out ?? join(here, "supergraph.graphql")), supergraph]];
  if (!values.out) files.push([join(here, "documents.json"), documents(schema)]);
  const stale = files.filter(([path, text]) => !values.check || read(path) !== text);
  if (!values.check) stale.forEach(([path, text]) => write(path, text));
  else if (!stale.length) console.log("supergraph.graphql and documents.json are current");
  else throw new Error(`${stale.map(([path]) => path).join(", ")}: stale; run \`make compose\`, review and commit`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
