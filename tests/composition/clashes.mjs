// Definitions in a partner's subgraph that have a name of the registry's, and the code with which composition refuses them.
// Those that compose are in values.graphql.
export const CLASHES = [
  ["type Query { page(slug: String): String }", "INVALID_FIELD_SHARING"],
  // Objects, whether or not they have fields of the same name.
  ["type Query { change: Change } type Change { kind: String! }", "INVALID_FIELD_SHARING"],
  ["type Query { stars: Rating } type Rating { stars: Int }", "SATISFIABILITY_ERROR"],
  ["type Query { viewers: Audience } type Audience @shareable { viewers: Int }", "SATISFIABILITY_ERROR"],
  ["type Query { stars: Rating } enum Rating { GOOD BAD }", "TYPE_KIND_MISMATCH"],
  // `PageInfo` with other fields, or that nobody else may resolve.
  ["type Query { info: PageInfo } type PageInfo { hasNextPage: Boolean! }", "INVALID_FIELD_SHARING"],
  ["type Query { info: PageInfo } type PageInfo @shareable { total: Int }", "SATISFIABILITY_ERROR"],
  [
    "type Query { node: Node } interface Node { id: ID! slug: String } type Post implements Node { id: ID! slug: String }",
    "INTERFACE_FIELD_NO_IMPLEM",
  ],
  // Input objects and enums.
  [
    "type Query { posts(in: DateRange!): Int } scalar Date input DateRange { from: Date! to: Date! zone: String! }",
    "REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH",
  ],
  ["type Query { posts(of: PageFilter): Int } input PageFilter { slug: String }", "EMPTY_MERGED_INPUT_TYPE"],
  ["type Query { posts(by: PageOrderField): Int } enum PageOrderField { SLUG }", "EMPTY_MERGED_ENUM_TYPE"],
  ["type Query { kind: TerritoryKind } enum TerritoryKind { COUNTRY STATE }", "ENUM_VALUE_MISMATCH"],
  // Entities, without a key of theirs or of another kind.
  ["type Query { page1: Page } type Page { title: String }", "INVALID_FIELD_SHARING"],
  ['type Query { page1: Page } type Page @key(fields: "slug") { slug: String! }', "SATISFIABILITY_ERROR"],
  ["type Query { company: Organization } type Organization { code: String }", "TYPE_KIND_MISMATCH"],
];
