import { GraphQLClient } from "graphql-request";
import { useFragment } from "./gql/index.js";
import { graphql } from "./gql/gql.js";

const Owner = graphql(`
  fragment Owner on Organization { __typename name updatedAt ... on Institution { authority { name } } }
`);

const Pages = graphql(`
  query Pages($filter: PageFilter, $first: Int!) {
    pages(filter: $filter, first: $first) { totalCount nodes { id url title owner { ...Owner } } }
  }
`);

/** Names of the owners of the first pages. */
export async function owners(url: string, first: number): Promise<string[]> {
  const { pages } = await new GraphQLClient(url).request(Pages, { first, filter: { platforms: ["vk"] } });
  const total: number = pages.totalCount;
  return total < first ? [] : pages.nodes.map((page) => useFragment(Owner, page.owner).name);
}
