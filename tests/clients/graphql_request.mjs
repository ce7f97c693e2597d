// graphql-request: variables, a mutation with a key, and errors.
import { ClientError, GraphQLClient, gql } from "graphql-request";
import { AUTHORIZATION, PRIVATE, PUBLIC, assert, done } from "./shared.mjs";

const client = new GraphQLClient(PUBLIC);
const { pages } = await client.request(gql`query ($first: Int!) { pages(first: $first) { nodes { id url title } } }`, { first: 2 });
assert.equal(pages.nodes.length, 2);
const wrong = client.request(gql`{ nothing }`);
await assert.rejects(wrong, (error) => error instanceof ClientError && Boolean(error.response.errors[0].extensions.code));

const partner = new GraphQLClient(PRIVATE, { headers: AUTHORIZATION });
const send = gql`
  mutation ($input: StatisticsSubmitInput!) {
    statisticsSubmit(input: $input) { results { index status code message } userErrors { code message field } }
  }
`;
const rows = [{ page: { id: pages.nodes[0].id }, day: "2024-02-29", subscribers: 1000 }];
const { statisticsSubmit } = await partner.request(send, { input: { rows } });
assert.deepEqual(statisticsSubmit.userErrors, []);
assert.equal(statisticsSubmit.results.length, 1);
done("query with variables, mutation with a key, error codes");
