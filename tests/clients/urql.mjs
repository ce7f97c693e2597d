// urql: document cache, by POST and by GET.
import { Client, cacheExchange, fetchExchange, gql } from "@urql/core";
import { PUBLIC, assert, done } from "./shared.mjs";

const query = gql`
  query ($first: Int!) { institutions(first: $first) { totalCount nodes { id code name pages(first: 2) { nodes { url } } } } }
`;
for (const preferGetMethod of [false, "force"]) {
  const client = new Client({ url: PUBLIC, exchanges: [cacheExchange, fetchExchange], preferGetMethod });
  const { data, error } = await client.query(query, { first: 3 });
  assert.equal(error, undefined);
  assert.equal(data.institutions.nodes.length, 3);
  const cached = await client.query(query, { first: 3 }, { requestPolicy: "cache-only" });
  assert.deepEqual(cached.data, data);
  const wrong = await client.query(gql`{ page { url } }`, {});
  assert.ok(wrong.error.graphQLErrors[0].extensions.code);
}
done("POST and GET, document cache, error codes");
