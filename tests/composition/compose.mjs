// Composes schemas/subgraph.graphql with subgraphs of partners, each alone and all at once: one in the style of Relay, one that
// adds to our entities by their natural keys, one that adds to all organizations, and one with types that have names of ours.
// Then checks what the tag `public` selects, and that composition refuses what does not fit.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { buildASTSchema, parse } from "graphql";
import { composeSchemaContract, composeServices } from "@theguild/federation-composition";
import { CLASHES } from "./clashes.mjs";

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@shareable"])\n';

const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
const subgraph = (name, text) => ({ name, url: `http://${name}.example/graphql`, typeDefs: parse(text) });
const registry = subgraph("registry", read("../../schemas/subgraph.graphql"));
const partner = (name) => subgraph(name, read(`./${name}.graphql`));
const neighbours = ["relay", "partner", "auditor"].map(partner);
const partners = [...neighbours, partner("values")];

// The schema that clients of a router see.
const schema = (result) => {
  assert.deepEqual((result.errors ?? []).map((error) => error.message), []);
  return buildASTSchema(parse(result.publicSdl));
};
const fields = (of, type) => Object.keys(of.getType(type).getFields()).sort();
const has = (of, type, ...names) => names.forEach((name) => assert.ok(fields(of, type).includes(name), `${type}.${name}`));

const alone = schema(composeServices([registry]));
assert.equal(alone.getMutationType(), undefined);
for (const other of partners) schema(composeServices([registry, other]));
const all = schema(composeServices([registry, ...partners]));
has(all, "Query", "node", "search", "viewer", "registrySearch", ...fields(alone, "Query"));
has(all, "Page", "url", "views");
has(all, "Authority", "name", "audits");
has(all, "Institution", "name", "audits", "complaints");
const nodes = all.getPossibleTypes(all.getType("Node")).map((type) => type.name);
assert.ok(nodes.includes("Page") && nodes.includes("Application"), nodes);
assert.deepEqual(fields(all, "DateRange"), ["from", "to"]);
const verdicts = all.getType("PageVerdict").getValues().map((value) => value.name);
assert.ok(verdicts.includes("PARODY") && verdicts.includes("NOT_REGISTERED"), verdicts);

// Everything of ours, and nothing of the partners', not even what they add to our types. The composer does not leave out members
// that others add to our unions: they have to be tagged, too.
const filter = { include: new Set(["public"]), exclude: new Set() };
const open = schema(composeSchemaContract([registry, ...neighbours], filter));
for (const type of ["Query", "Page", "Organization", "Authority", "Institution", "PageInfo"]) {
  assert.deepEqual(fields(open, type), fields(alone, type), type);
}

for (const [definition, code] of CLASHES) {
  const { errors = [] } = composeServices([registry, subgraph("other", LINK + definition)]);
  const codes = errors.map((error) => error.extensions.code);
  assert.ok(codes.includes(code), `${definition}: ${codes.join(" ") || "composed"}, not ${code}`);
}
console.log(`composed with ${partners.length} subgraphs, alone and at once; ${CLASHES.length} clashes are refused`);
