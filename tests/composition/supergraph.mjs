// The registry's subgraph and those of partners, and what a router makes of them.
import { readFileSync } from "node:fs";
import { buildASTSchema, parse } from "graphql";
import { composeSchemaContract, composeServices } from "@theguild/federation-composition";
import { ruleFaults } from "./partner_rules.mjs";

export const read = (path) => readFileSync(new URL(path, import.meta.url), "utf8");
export const subgraph = (name, text) => ({ name, url: `http://${name}.example/graphql`, typeDefs: parse(text) });
const partner = (name) => subgraph(name, read(`./${name}.graphql`));

// One in the style of Relay, one that adds to our entities by their natural keys, one that adds to all organizations, and one
// with types that have names of ours.
export const PARTNERS = ["relay", "partner", "auditor", "values"].map(partner);

// Contracts of a router, and the tags that they include. What has no tag is only in the whole supergraph.
export const CONTRACTS = { public: ["public"], partner: ["public", "partner"], internal: ["public", "partner", "internal"] };

// The composer throws for some of what does not fit, such as an object with a key for an interface of the registry.
const caught = (composer) => {
  try {
    return composer();
  } catch (error) {
    return { errors: [error] };
  }
};
export const compose = (subgraphs) => caught(() => composeServices(subgraphs));
export const contract = (subgraphs, name) =>
  caught(() => composeSchemaContract(subgraphs, { include: new Set(CONTRACTS[name]), exclude: new Set() }));
export const errors = (result) => (result.errors ?? []).map((error) => error.message);
// The schema that clients of a router see.
export const schema = (result) => buildASTSchema(parse(result.publicSdl));

// What prevents the registry and partners from being one graph: what breaks the rules for partners; errors of composition, alone and
// at once, and of contracts.
export function faults(registry, partners) {
  const named = (what, result) => errors(result).map((text) => `${what}: ${text}`);
  const alone = partners.flatMap((partner) => named(`The registry with \`${partner.name}\``, compose([registry, partner])));
  const all = [registry, ...partners];
  const found = alone.length > 0 ? alone : named("The registry with all partners", compose(all));
  const contracts = Object.keys(CONTRACTS).flatMap((name) => named(`The contract \`${name}\``, contract(all, name)));
  return [...partners.flatMap((partner) => ruleFaults(registry, partner)), ...found, ...(found.length > 0 ? [] : contracts)];
}
