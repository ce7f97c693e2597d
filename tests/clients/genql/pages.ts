import { createClient } from "./client";

/** Names of the owners of the first pages. */
export async function owners(url: string, first: number): Promise<string[]> {
  const { pages } = await createClient({ url }).query({
    pages: {
      __args: { first, filter: { platforms: ["vk"] } },
      totalCount: true,
      nodes: { url: true, owner: { __typename: true, name: true, on_Institution: { authority: { name: true } } } },
    },
  });
  const total: number = pages.totalCount;
  return total < first ? [] : pages.nodes.map((page) => page.owner.name);
}
