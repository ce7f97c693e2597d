// Composes schemas/subgraph.graphql with subgraphs of partners, each alone and all at once. Then checks what contracts of a router
// have, that costs reach the router, and that composition refuses what does not fit.
import assert from "node:assert/strict";
import { CLASHES } from "./clashes.mjs";
import { CONTRACTS, PARTNERS, compose, contract, errors, read, schema, subgraph } from "./supergraph.mjs";

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable"])\n';

const registry = subgraph("registry", read("../../schemas/subgraph.graphql"));

// The schema of a result without errors.
const composed = (result) => {
  assert.deepEqual(errors(result), []);
  return schema(result);
};
const fields = (of, type) => Object.keys(of.getType(type).getFields()).sort();
const has = (of, type, ...names) => names.forEach((name) => assert.ok(fields(of, type).includes(name), `${type}.${name}`));

const alone = composed(compose([registry]));
assert.equal(alone.getMutationType(), undefined);
for (const other of PARTNERS) composed(compose([registry, other]));
const supergraph = compose([registry, ...PARTNERS]);
const all = composed(supergraph);
has(all, "Query", "node", "search", "viewer", "registrySearch", ...fields(alone, "Query"));
has(all, "Page", "url", "views");
has(all, "Authority", "name", "audits");
has(all, "Institution", "name", "audits", "complaints");
const nodes = all.getPossibleTypes(all.getType("Node")).map((type) => type.name);
assert.ok(nodes.includes("Page") && nodes.includes("Application"), nodes);
assert.deepEqual(fields(all, "DateRange"), ["from", "to"]);
const verdicts = all.getType("PageVerdict").getValues().map((value) => value.name);
assert.ok(verdicts.includes("PARODY") && verdicts.includes("NOT_REGISTERED"), verdicts);

// Costs and lengths of lists, by which a router estimates an operation before it asks us.
const printed = supergraph.supergraphSdl.replaceAll(/\s/g, "");
assert.ok(printed.includes('@link(url:"https://specs.apollo.dev/cost/v0.1"'));
for (const directive of ["@cost(weight:3500)", 'slicingArguments:["first"', "@listSize(assumedSize:20)"]) {
  assert.ok(printed.includes(directive), directive);
}

// Each contract has everything of ours, and of the partners' what has its tags, also of what they add to our types. The composer
// does not leave out members that others add to our unions: they have to be tagged, too.
const contracts = {};
for (const name of Object.keys(CONTRACTS)) {
  const of = (contracts[name] = composed(contract([registry, ...PARTNERS], name)));
  for (const type of ["Query", "Page", "Organization", "Authority", "Institution", "PageInfo"]) has(of, type, ...fields(alone, type));
}
const { public: open, partner, internal } = contracts;
assert.deepEqual(fields(open, "Query"), [...fields(alone, "Query"), "channel"].sort());
for (const type of ["Page", "Authority", "Institution", "Organization"]) assert.deepEqual(fields(open, type), fields(alone, type), type);
has(partner, "Page", "views");
has(partner, "Authority", "audits");
has(partner, "Query", "applicationCheck");
has(partner, "ApplicationCheckInput", "pageId");
assert.ok(!fields(partner, "Institution").includes("complaints") && !fields(partner, "Query").includes("viewer"));
has(internal, "Institution", "audits", "complaints");

for (const [definition, code] of CLASHES) {
  const refused = compose([registry, subgraph("other", LINK + definition)]).errors ?? [];
  const codes = refused.map((error) => error.extensions.code);
  assert.ok(codes.includes(code), `${definition}: ${codes.join(" ") || "composed"}, not ${code}`);
}
console.log(`composed with ${PARTNERS.length} subgraphs, alone, at once and in contracts; ${CLASHES.length} clashes are refused`);
