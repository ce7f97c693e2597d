// Composes schemas/subgraph.graphql with subgraphs of partners: one adds to our entities by their natural keys, the other one
// to all organizations at once.
import { readFileSync } from "node:fs";
import { parse } from "graphql";
import { composeServices } from "@theguild/federation-composition";

const read = (path) => parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const result = composeServices([
  { name: "registry", url: "http://registry.example/subgraph", typeDefs: read("../../schemas/subgraph.graphql") },
  { name: "partner", url: "http://partner.example/graphql", typeDefs: read("./partner.graphql") },
  { name: "auditor", url: "http://auditor.example/graphql", typeDefs: read("./auditor.graphql") },
]);

if (result.errors?.length) {
  for (const error of result.errors) console.error(error.message);
  process.exit(1);
}
console.log(`composed: a supergraph of ${result.supergraphSdl.split("\n").length} lines`);
