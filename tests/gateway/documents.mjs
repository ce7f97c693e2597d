// Documents that try to exhaust the parser, the planner or the execution; those of tests/attack/documents.py.

// No response may have it.
export const MARKER = "bogeyman";

const listed = (count, write) => Array.from({ length: count }, (_, number) => write(number)).join(" ");

// Fragments that each spread the next one `fan` times.
export const nest = (levels, fan) => {
  const fragments = listed(levels, (level) => `fragment F${level} on Query { ${listed(fan, () => `...F${level + 1}`)} }`);
  return `{ ...F0 } ${fragments} fragment F${levels} on Query { ${MARKER}: __typename }`;
};

// `count` fragments on channels in each of `levels` levels, of which each spreads all of the next level; the last ones have
// `leaf`.
export const grid = (levels, count, leaf) => {
  const spread = (level) => listed(count, (number) => `...F${level}x${number}`);
  const below = (level) => (level + 1 < levels ? spread(level + 1) : leaf);
  const ofLevel = (level) => listed(count, (number) => `fragment F${level}x${number} on Channel { ${below(level)} }`);
  return `{ trendingVideos(first: 5) { channel { ${spread(0)} } } } ${listed(levels, ofLevel)}`;
};

const directives = listed(10_000, (number) => `@${MARKER}${number}`);

// An organization and its parents to a depth: by fields, fragments, inline fragments or all of them alternately.
export const parents = (depth, way) => {
  const ways = way === "mixed" ? ["field", "fragment", "inline"] : [way];
  let selection = "code";
  let fragments = "";
  for (let level = 0; level < depth - 2; level += 1) {
    const kind = ways[level % ways.length];
    if (kind === "fragment") fragments += ` fragment P${level} on Organization { ${selection} }`;
    const inside = { field: selection, fragment: `...P${level}`, inline: `... on Organization { ${selection} }` }[kind];
    selection = `parent { ${inside} }`;
  }
  return `{ authority(code: "${MARKER}") { ${selection} } }${fragments}`;
};

export const ALIASES = `{ ${listed(10_000, (number) => `${MARKER}${number}: __typename`)} }`;
export const NESTS = [nest(22, 2), nest(8, 10), nest(5, 30), nest(24, 30)];
export const CYCLES = [
  `{ ...A } fragment A on Query { ${MARKER}: __typename ...A }`,
  "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
  "{ ...A } fragment A on Query { ...B } fragment B on Query { ...C } fragment C on Query { ...A }",
];
export const DIRECTIVES = [
  `{ __typename ${directives} }`,
  `query ${directives} { __typename }`,
  `{ ... ${directives} { __typename } }`,
  `{ ...A } fragment A on Query ${directives} { __typename }`,
];
export const DUPLICATES = `{ ${"a ".repeat(100_000)}}`;
export const BRACES = "{ a".repeat(60_000);
export const LISTS = `{ ${MARKER}(a: ${"[".repeat(60_000)}`;
export const COSTLY = "{ pages(first: 100) { nodes { owner { pages(first: 100) { nodes { title } } } } } }";
// A body, not a document.
export const NESTED_VARIABLE = `{"query":"{ __typename }","variables":{"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}}`;
