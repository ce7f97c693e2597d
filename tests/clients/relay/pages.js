import { graphql } from "relay-runtime";

graphql`
  query pagesQuery {
    ...pages_list
  }
`;

graphql`
  fragment pages_list on Query
  @argumentDefinitions(first: { type: "Int", defaultValue: 5 }, after: { type: "String" })
  @refetchable(queryName: "pagesListQuery") {
    pages(first: $first, after: $after) @connection(key: "list_pages") {
      edges { node { id ...pages_page } }
    }
  }
`;

graphql`
  fragment pages_page on Page @refetchable(queryName: "pagesPageQuery") {
    title
    url
    owner { ...pages_owner }
  }
`;

graphql`
  fragment pages_owner on Organization @refetchable(queryName: "pagesOwnerQuery") {
    name
    updatedAt
    ... on Institution { authority { name } }
  }
`;
