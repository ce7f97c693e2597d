// graphql-js: builds each schema file, and compares it with what its endpoint serves.
import { buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, printSchema, validateSchema } from "graphql";
import { AUTHORIZATION, GATEWAY_SECRET, PRIVATE, PUBLIC, REGISTRY, SCHEMAS, ask, assert, done, schema } from "./shared.mjs";

const options = { specifiedByUrl: true, directiveIsRepeatable: true, inputValueDeprecation: true, oneOf: true };
const sorted = (of) => printSchema(lexicographicSortSchema(of));
const built = {};
for (const name of Object.keys(SCHEMAS)) {
  built[name] = buildSchema(schema(name));
  assert.deepEqual(validateSchema(built[name]), [], name);
}

/// Compares a schema file with the introspection of its endpoint.
async function same(name, url, headers) {
  const served = sorted(buildClientSchema(await ask(url, getIntrospectionQuery(options), { headers }))).split("\n");
  const stored = sorted(built[name]).split("\n");
  const line = served.findIndex((text, index) => text !== stored[index]);
  assert.ok(line < 0, `${name}: served is "${served[line]}", the file has "${stored[line]}"`);
  assert.equal(served.length, stored.length, name);
}

await same("public", PUBLIC);
await same("partner", PRIVATE, AUTHORIZATION);
assert.equal(built.public.getMutationType(), undefined);

const file = await fetch(`${REGISTRY}/public/schema.graphql`);
assert.ok((await file.text()) === schema("public"), "/public/schema.graphql is not the file");
const headers = { "if-none-match": file.headers.get("etag") };
assert.equal((await fetch(file.url, { headers })).status, 304);

const router = { authorization: `Bearer ${GATEWAY_SECRET}` };
const { _service } = await ask(`${REGISTRY}/subgraph`, "{ _service { sdl } }", { headers: router });
assert.ok(_service.sdl === schema("subgraph"), "_service.sdl is not the file");
done("buildSchema of the 3 files; each is what its endpoint serves");
