// What Hive Gateway checks of a request before it parses it: where and how it is sent, its length, and what the registry says of
// it, as the coprocessor of Hive Router (router.yaml).
const { env } = process;
// Bytes of a request.
const MAX_BODY = 256 * 1024;
// Milliseconds. More than in router.yaml: they also pass while this process, which has one thread, reads a supergraph.
const TIMEOUT = 2_000;
// Whether browsers get a page, GraphiQL, by GET. No document in the address of such a request is executed.
const HAS_PAGE = env.RENDER_LEGACY_GRAPHIQL === "true";
// Paths of the gateway itself.
const HEALTH = ["/healthcheck", "/readiness"];
// Media types that a form on another site can send.
const SIMPLE = /^(text\/plain|application\/x-www-form-urlencoded|multipart\/form-data)\b/i;
const CSRF_HEADERS = ["x-csrf", "apollo-require-preflight"];
// Headers that the registry reads.
const TOLD = ["accept", "authorization", "origin", "x-forwarded-for"];

if (!env.COPROCESSOR_URL) throw new Error("COPROCESSOR_URL is not set: `registry gateway coprocessor-secret` prints its secret");

const refusal = (status, code, message) =>
  new Response(JSON.stringify({ errors: [{ message, extensions: { code } }] }), {
    status,
    headers: { "content-type": "application/json" },
  });

// The endpoint answers on any address that ends with its path.
const wrongAddress = ({ method, url }) => {
  if (method === "GET" && HEALTH.includes(url.pathname)) return undefined;
  if (url.pathname !== "/graphql") return refusal(404, "NOT_FOUND", "Send requests to /graphql.");
};

const wrongLength = ({ method, headers }) => {
  const length = headers.get("content-length");
  if (method === "POST" && length === null) return refusal(411, "LENGTH_REQUIRED", "Send the header `content-length`.");
  if (Number(length ?? 0) > MAX_BODY) return refusal(413, "PAYLOAD_TOO_LARGE", `A request has at most ${MAX_BODY} bytes.`);
};

const ofAnotherSite = ({ headers }) => {
  const type = headers.get("content-type");
  if ((type && !SIMPLE.test(type)) || CSRF_HEADERS.some((name) => headers.has(name))) return undefined;
  return refusal(403, "CSRF_PREVENTION_FAILED", `Send \`content-type: application/json\` or the header ${CSRF_HEADERS[0]}.`);
};

// Fails closed: without a decision in time, the request is rejected.
const rejectedByRegistry = async ({ method, headers, body }) => {
  const told = TOLD.flatMap((name) => (headers.has(name) ? [[name, [headers.get(name)]]] : []));
  const call = { version: 1, stage: "router.request", method, headers: Object.fromEntries(told), body };
  try {
    const response = await fetch(env.COPROCESSOR_URL, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(call),
      signal: AbortSignal.timeout(TIMEOUT),
    });
    const { control, headers: ofResponse, body: ofBody } = await response.json();
    if (control === "continue") return undefined;
    return new Response(ofBody, { status: control.break, headers: ofResponse });
  } catch {
    return refusal(500, "INTERNAL", "The request cannot be checked.");
  }
};

export const requestChecks = {
  async onRequest({ request, url, endResponse }) {
    const { method, headers } = request;
    const isPage = HAS_PAGE && method === "GET" && (headers.get("accept") ?? "").includes("text/html");
    const wrong = wrongAddress({ method, url }) ?? wrongLength({ method, headers });
    if (wrong) return endResponse(wrong);
    if (url.pathname !== "/graphql" || isPage || method === "OPTIONS") return;
    const rejected = ofAnotherSite({ headers }) ?? (await rejectedByRegistry({ method, headers, body: await request.text() }));
    if (rejected) endResponse(rejected);
  },
};
