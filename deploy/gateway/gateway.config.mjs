// Hive Gateway (npm), for where Hive Router (router.yaml) is not available. It differs from the router: no circuit breaker, no
// metrics, no limit on aliases and directives but those of the registry's check. Do not put it before the public.
//   hive-gateway supergraph --hive-router-runtime -c gateway.config.mjs
// That is the query planner of the router; the gateway's own gives null, without an error, for fields that a partner adds to
// `Organization`. Variables: those of router.yaml; RENDER_LEGACY_GRAPHIQL=true serves GraphiQL.
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { useQueryPlan } from "./hive-gateway/node_modules/@graphql-hive/router-runtime/dist/index.js";
import { requestChecks } from "./hive-gateway/request_checks.mjs";

const { env } = process;
const here = (file) => new URL(file, import.meta.url).pathname;
const path = env.SUPERGRAPH_FILE_PATH ?? here("supergraph.graphql");
const documents = JSON.parse(readFileSync(env.DOCUMENTS ?? here("documents.json"), "utf8"));
// Codes of the gateway itself: their messages have addresses, or what a subgraph sent instead of GraphQL.
const OF_THE_GATEWAY = ["DOWNSTREAM_SERVICE_ERROR", "GATEWAY_TIMEOUT", "RESPONSE_VALIDATION_FAILED", "SUBREQUEST_HTTP_ERROR"];

if (!env.GATEWAY_AUTHORIZATION) throw new Error("GATEWAY_AUTHORIZATION is not set: `Bearer ` and GATEWAY_SECRET of the registry");

// Of an error of the registry, clients get the message and the code; of a partner's, or of one that the gateway met on the way
// to a subgraph, the code alone. An error without the name of a subgraph is about the request itself.
const maskError = (error, message) => {
  const { serviceName, code, request } = error.extensions ?? {};
  const isOfTheGateway = request !== undefined || OF_THE_GATEWAY.includes(code);
  if (error.name === "GraphQLError" && serviceName === undefined && !error.originalError && !isOfTheGateway) return error;
  const isOfRegistry = serviceName === "registry" && code !== undefined && !isOfTheGateway;
  const shown = { message: isOfRegistry ? error.message : message, path: error.path, extensions: code && { code } };
  // The status of a failed subgraph (`extensions.http`) is dropped: the response has the other subgraphs' parts.
  return Object.assign(new Error(shown.message), shown, { name: "GraphQLError", toJSON: () => shown });
};

const isPlanAsked = (request) => env.EXPOSE_QUERY_PLAN === "true" && request?.headers.get("hive-expose-query-plan") === "true";

export const gatewayConfig = {
  host: env.HOST ?? "127.0.0.1",
  port: Number(env.PORT ?? 4000),
  // Read again every ten seconds. Given the path alone, the gateway watches the file, and stops watching when it is replaced.
  supergraph: () => readFile(path, "utf8"),
  pollingInterval: 10_000,
  transportEntries: {
    registry: { location: env.REGISTRY_URL ?? "http://127.0.0.1:8080/subgraph" },
    rutube: { location: env.RUTUBE_URL ?? "http://127.0.0.1:8091/graphql" },
  },
  propagateHeaders: {
    fromClientToSubgraphs({ request, subgraphName }) {
      const header = (name) => request.headers.get(name) ?? undefined;
      const all = { traceparent: header("traceparent"), "x-request-id": header("x-request-id") };
      if (subgraphName !== "registry") return all;
      return {
        ...all,
        authorization: env.GATEWAY_AUTHORIZATION,
        "x-registry-authorization": header("authorization"),
        "x-forwarded-for": header("x-forwarded-for"),
      };
    },
  },
  upstreamTimeout: 2_000,
  requestDeadline: 7_000,
  maskedErrors: { errorMessage: "Unexpected error", maskError },
  maxTokens: 2_000,
  maxDepth: 12,
  demandControl: { maxCost: 5_000, listSize: 20, includeExtensionMetadata: false },
  persistedDocuments: {
    getPersistedOperation: (id) => documents[id.replace(/^sha256:/, "")] ?? null,
    extractPersistedOperationId: (params) => params.documentId ?? params.extensions?.persistedQuery?.sha256Hash ?? null,
    allowArbitraryDocuments: true,
  },
  landingPage: false,
  // Without the variable, a page of 21 MB.
  graphiql: env.RENDER_LEGACY_GRAPHIQL === "true",
  // Documents on a WebSocket would not be checked.
  disableWebsockets: true,
  plugins: () => [requestChecks, useQueryPlan({ expose: isPlanAsked })],
};
