// Apollo Client: cache by id, fragments on an interface, pagination, errors.
import { ApolloClient, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";
import { PUBLIC, assert, done } from "./shared.mjs";

const client = new ApolloClient({
  link: new HttpLink({ uri: PUBLIC }),
  cache: new InMemoryCache({
    possibleTypes: { Organization: ["Authority", "Institution"], Node: ["Authority", "Institution", "Page", "Platform", "Territory"] },
    typePolicies: { Query: { fields: { pages: relayStylePagination(["filter", "orderBy"]) } } },
  }),
});
const query = gql`
  query Pages($after: String) {
    pages(first: 5, after: $after) {
      edges { cursor node { id url title owner { ...Owner } } }
      pageInfo { endCursor hasNextPage }
    }
  }
  fragment Owner on Organization { id name ... on Institution { authority { id name } } }
`;
const { data } = await client.query({ query });
const observed = client.watchQuery({ query });
const subscribed = observed.subscribe(() => {});
await observed.fetchMore({ variables: { after: data.pages.pageInfo.endCursor } });
subscribed.unsubscribe();
const { pages } = client.readQuery({ query });
const urls = pages.edges.map((edge) => edge.node.url);
assert.equal(new Set(urls).size, 10);
assert.ok(pages.edges.every(({ node }) => node.owner.name));

const [{ node }] = pages.edges;
const ids = Object.keys(client.cache.extract());
assert.ok(ids.includes(`Page:${node.id}`));
const again = gql`query Node($id: ID!) { node(id: $id) { id ... on Page { url } } }`;
const found = await client.query({ query: again, variables: { id: node.id } });
assert.equal(found.data.node.url, node.url);

const refused = client.query({ query: gql`{ pages(first: 101) { totalCount } }` });
await assert.rejects(refused, (error) => CombinedGraphQLErrors.is(error) && Boolean(error.errors[0].extensions.code));
done("normalized cache, fragments on Organization, fetchMore, node(id:), error codes");
