// The registry's subgraph and those of partners, and what a router makes of them.
import { readFileSync } from "node:fs";
import { Kind, buildASTSchema, parse, print } from "graphql";
import { composeSchemaContract, composeServices } from "@theguild/federation-composition";

export const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
export const subgraph = (name, text) => ({ name, url: `http://${name}.example/graphql`, typeDefs: parse(text) });
const partner = (name) => subgraph(name, read(`./${name}.graphql`));

// One in the style of Relay, one that adds to our entities by their natural keys, one that adds to all organizations, and one
// with types that have names of ours.
export const PARTNERS = ["relay", "partner", "auditor", "values"].map(partner);

// Contracts of a router, and the tags that they include. What has no tag is only in the whole supergraph.
export const CONTRACTS = { public: ["public"], partner: ["public", "partner"], internal: ["public", "partner", "internal"] };

export const compose = (subgraphs) => composeServices(subgraphs);
export const contract = (subgraphs, name) =>
  composeSchemaContract(subgraphs, { include: new Set(CONTRACTS[name]), exclude: new Set() });
export const errors = (result) => (result.errors ?? []).map((error) => error.message);
// The schema that clients of a router see.
export const schema = (result) => buildASTSchema(parse(result.publicSdl));

// Root fields of a partner that are not null: a router answers null in place of all data when the partner is down.
function nonNullRootFields({ name, typeDefs }) {
  const ofSchema = typeDefs.definitions.flatMap((it) => it.operationTypes ?? []).map((it) => it.type.name.value);
  const roots = new Set(["Query", "Mutation", "Subscription", ...ofSchema]);
  const fields = typeDefs.definitions.flatMap((of) => (roots.has(of.name?.value) ? of.fields ?? [] : []).map((field) => [of, field]));
  const isNonNull = ([, field]) => field.type.kind === Kind.NON_NULL_TYPE;
  return fields.filter(isNonNull).map(([of, field]) => {
    const [path, type] = [`${of.name.value}.${field.name.value}`, print(field.type)];
    return `\`${path}: ${type}\` of the partner \`${name}\` must be nullable, \`${type.slice(0, -1)}\`: while the partner is down, a router would answer null in place of all data.`;
  });
}

// What prevents the registry and partners from being one graph: errors of composition, alone and at once, and of contracts; root
// fields that are not null.
export function faults(registry, partners) {
  const named = (what, result) => errors(result).map((text) => `${what}: ${text}`);
  const alone = partners.flatMap((partner) => named(`The registry with \`${partner.name}\``, compose([registry, partner])));
  const all = [registry, ...partners];
  const found = alone.length > 0 ? alone : named("The registry with all partners", compose(all));
  const contracts = Object.keys(CONTRACTS).flatMap((name) => named(`The contract \`${name}\``, contract(all, name)));
  return [...partners.flatMap(nonNullRootFields), ...found, ...(found.length > 0 ? [] : contracts)];
}
