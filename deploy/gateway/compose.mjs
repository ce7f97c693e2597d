// Composes the subgraphs of subgraphs.json into supergraph.graphql, and lists the documents of queries/ in documents.json.
//   node compose.mjs                              write both files
//   node compose.mjs --check                      end with status 1 if one of them is not current
//   node compose.mjs --list FILE --out FILE       other subgraphs and another supergraph; paths in the list are relative to it
// Nothing is written unless the subgraphs compose and the documents are valid.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { buildASTSchema, parse, validate } from "graphql";
import { composeServices } from "@theguild/federation-composition";

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({
  options: { check: { type: "boolean" }, list: { type: "string" }, out: { type: "string" } },
});

const compose = (list) => {
  const read = ({ name, url, schema }) => {
    const path = resolve(dirname(list), schema);
    try {
      return { name, url, typeDefs: parse(readFileSync(path, "utf8")) };
    } catch (error) {
      throw new Error(`${name}, ${path}: ${error.message}`);
    }
  };
  const { errors = [], supergraphSdl, publicSdl } = composeServices(JSON.parse(readFileSync(list, "utf8")).map(read));
  const texts = errors.map((error) => `${error.extensions?.code}: ${error.message}`);
  if (texts.length) throw new Error(texts.join("\n"));
  return { supergraph: `${supergraphSdl.trimEnd()}\n`, schema: buildASTSchema(parse(publicSdl)) };
};

// By the SHA-256 of their text.
const documents = (schema) => {
  const read = (file) => {
    const text = readFileSync(join(here, "queries", file), "utf8");
    const errors = validate(schema, parse(text));
    if (errors.length) throw new Error(`${file}: ${errors.map((error) => error.message).join("\n")}`);
    return [createHash("sha256").update(text).digest("hex"), text];
  };
  const listed = Object.fromEntries(readdirSync(join(here, "queries")).sort().map(read));
  return `${JSON.stringify(listed, null, 2)}\n`;
};

// Renamed, so that a router that reads the file now and then never reads a part of it.
const write = (path, text) => {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
  console.log(`${path} is written`);
};

try {
  const { supergraph, schema } = compose(resolve(values.list ?? join(here, "subgraphs.json")));
  const files = [[resolve(values.out ?? join(here, "supergraph.graphql")), supergraph]];
  if (!values.out) files.push([join(here, "documents.json"), documents(schema)]);
  const stale = files.filter(([path, text]) => !values.check || readFileSync(path, "utf8") !== text);
  if (!values.check) stale.forEach(([path, text]) => write(path, text));
  else if (!stale.length) console.log("supergraph.graphql and documents.json are current");
  else throw new Error(`${stale.map(([path]) => path).join(", ")}: stale; run \`make compose\`, review and commit`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
