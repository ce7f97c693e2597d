// The check of the schemas itself: it finds each planted break, and lets pass what breaks nobody.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { changes } from "./changes.mjs";
import { deprecatedOn, removableOn } from "./deprecation.mjs";
import { ruleFaults } from "./partner_rules.mjs";
import { PARTNERS, faults, read, subgraph } from "./supergraph.mjs";

const TODAY = "2027-08-01";
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const RELEASED = `
  schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@tag"]) { query: Query }
  directive @link(url: String!, import: [String!]) repeatable on SCHEMA
  directive @key(fields: String!, resolvable: Boolean = true) repeatable on INTERFACE | OBJECT
  directive @tag(name: String!) repeatable on FIELD_DEFINITION | OBJECT
  directive @inaccessible on FIELD_DEFINITION
  directive @shareable on FIELD_DEFINITION | OBJECT
  directive @cost(weight: Int!) on FIELD_DEFINITION
  interface Node { id: ID! }
  type Query {
    pages(first: Int = 20, title: String, kind: Kind, old: Int @deprecated(reason: "Deprecated on 2027-02-01.")): [Page!]! @tag(name: "public")
    found: Found
    former: Former @deprecated(reason: "Use \`found\`. Deprecated on 2027-02-01.")
    recent: Int @deprecated(reason: "Use \`found\`. Deprecated on 2027-02-02.")
    costly: Int @cost(weight: 5)
  }
  type Page implements Node @key(fields: "id") @key(fields: "platformCode nativeId") {
    id: ID! platformCode: String! nativeId: ID title: String size: Int
  }
  type Sector { code: String! }
  type Account @key(fields: "nativeId") { nativeId: ID! }
  type Former { value: Int }
  type Info @shareable { size: Int }
  union Found = Page | Sector | Info
  enum Kind { NEW USED SPARE @deprecated(reason: "Deprecated on 2026-12-31.") }
  input Filter { title: String kind: Kind }
  extend type Query { filtered(filter: Filter): Int }
`;

const edited = (...pairs) =>
  pairs.reduce((text, [before, after]) => {
    assert.equal(text.split(before).length, 2, `${before} is not there once`);
    return text.replace(before, () => after);
  }, RELEASED);
const levels = async (present) => (await changes(RELEASED, present, TODAY)).map(({ level, text }) => `${level}: ${text}`);
const breaks = async (present) => (await levels(present)).filter((line) => line.startsWith("breaking: "));

const BREAKS = {
  "a removed field": [[" size: Int\n", "\n"], /Field `size` was removed/],
  "a changed type": [["nativeId: ID title: String", "nativeId: ID title: Int"], /Page\.title` changed type/],
  "a field that may be null now": [["nativeId: ID! }", "nativeId: ID }"], /Account\.nativeId` changed type/],
  "an argument made required": [["title: String, kind", "title: String!, kind"], /Type for argument `title`/],
  "a required argument": [["pages(first", "pages(one: Int! first"], /Argument `one: Int!` added/],
  "a removed argument": [["title: String, kind", "kind"], /Argument `title: String` was removed/],
  "a required field of an input": [["input Filter {", "input Filter { one: Int! "], /Input field `one`/],
  "a removed value of an enum": [["USED ", ""], /Enum value `USED` was removed/],
  "a removed member of a union": [["Page | Sector", "Page"], /Member `Sector` was removed/],
  "a removed interface": [["Page implements Node", "Page"], /no longer implements `Node`/],
  "a removed key": [[' @key(fields: "platformCode nativeId")', ""], /`@key\(fields: "nativeId platformCode"\)` was removed from `Page`/],
  "a changed key": [['"platformCode nativeId"', '"platformCode title"'], /`@key\(fields: "nativeId platformCode"\)` was removed/],
  "a key that no longer resolves": [['"platformCode nativeId")', '"platformCode nativeId", resolvable: false)'], /was removed from `Page`/],
  "a removed tag": [[' @tag(name: "public")\n', "\n"], /`@tag\(name: "public"\)` was removed from `Query.pages`/],
  "a type that is no longer shared": [["Info @shareable", "Info"], /`@shareable` was removed from `Info`/],
  "an element that clients no longer see": [["found: Found", "found: Found @inaccessible"], /`@inaccessible` was added to `Query.found`/],
  "a deprecation that is one day too young": [[/ +recent: .*\n/.exec(RELEASED)[0], ""], /Field `recent`/],
  "a deprecation without a date": [["size: Int\n", 'size: Int @deprecated(reason: "Use `title`.")\n'], /`Page.size` is deprecated without a date/],
  "a deprecation with a day that is none": [["size: Int\n", 'size: Int @deprecated(reason: "Deprecated on 2027-02-30.")\n'], /without a date/],
  "a date that was moved back": [["Deprecated on 2027-02-02.", "Deprecated on 2026-02-02."], /`Query.recent` was deprecated on 2027-02-02/],
};

for (const [name, [pair, expected]] of Object.entries(BREAKS)) {
  test(`${name} is a break`, async () => {
    const found = await breaks(edited(pair));
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0], expected);
  });
}

test("a removed type is a break, as is each field of it that is left without one", async () => {
  const found = await breaks(edited([/ +type Sector .*\n/.exec(RELEASED)[0], ""], ["Page | Sector", "Page"]));
  assert.match(found.join("\n"), /Type `Sector` was removed/);
});

test("an entity that no field leads to is still reached by its key", async () => {
  const found = await breaks(edited([/ +type Account .*\n/.exec(RELEASED)[0], ""]));
  assert.deepEqual(found, ["breaking: Type `Account` was removed"]);
});

const SAFE = {
  "the same schema": [["", RELEASED], []],
  "a new field": [["size: Int\n", "size: Int shares: Int\n"], ["safe"]],
  "a new key": [['@key(fields: "id")', '@key(fields: "id") @key(fields: "title")'], ["safe"]],
  "keys in another order, written otherwise": [['"id") @key(fields: "platformCode nativeId"', '"nativeId, platformCode") @key(fields: "id"'], []],
  "an optional argument": [["pages(first", "pages(last: Int first"], ["dangerous"]],
  "a new value of an enum": [["NEW ", "NEW RARE "], ["dangerous"]],
  "another cost": [["weight: 5", "weight: 9"], ["dangerous", "safe"]],
  "a later version of federation": [["v2.9", "v2.10"], []],
  "a directive of schemas that is not used": [["  directive @inaccessible on FIELD_DEFINITION\n", ""], ["safe"]],
  "a dated deprecation": [["size: Int\n", 'size: Int @deprecated(reason: "Use `title`. Deprecated on 2027-08-15.")\n'], ["safe"]],
  "a removed field that was deprecated, with its type": [
    [/ +former: .*\n/.exec(RELEASED)[0], ""],
    ["announced", "announced"],
    [/ +type Former .*\n/.exec(RELEASED)[0], ""],
  ],
  "a removed argument that was deprecated": [[/, old: .*?"\)/.exec(RELEASED)[0], ""], ["announced"]],
  "a removed value that was deprecated": [[/ SPARE .*?"\)/.exec(RELEASED)[0], ""], ["announced"]],
};

for (const [name, [pair, expected, ...more]] of Object.entries(SAFE)) {
  test(`${name} is no break`, async () => {
    const found = await levels(pair[0] === "" ? pair[1] : edited(pair, ...more));
    assert.deepEqual(found.map((line) => line.split(":")[0]).sort(), expected, found.join("\n"));
  });
}

test("a deprecation holds for at least six months, from a day that exists", () => {
  assert.equal(deprecatedOn("Use `other`. Deprecated on 2027-01-15."), "2027-01-15");
  for (const reason of [undefined, "", "Deprecated.", "Deprecated on 2027-1-5.", "Deprecated on 2027-02-29.", "Deprecated on 2027-01-15. Soon."]) {
    assert.equal(deprecatedOn(reason), undefined, reason);
  }
  assert.equal(removableOn("2027-01-15"), "2027-07-15");
  assert.equal(removableOn("2027-08-31"), "2028-03-02");
});

const registry = () => subgraph("registry", read("../../schemas/subgraph.graphql"));
const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@tag"])\n';

const rules = (text) => ruleFaults(registry(), subgraph("wall", LINK + text));
const PAGE = "platformCode: String! nativeId: ID handle: String";
const NATIVE = '@key(fields: "platformCode nativeId")';

test("root fields of partners must be nullable", () => {
  const found = faults(registry(), [subgraph("wall", `${LINK} type Query { posts: [Int!]! likes: Int } type Post { id: ID! }`)]);
  assert.equal(found.length, 1, found.join("\n"));
  assert.match(found[0], /^`Query\.posts: \[Int!\]!` of the partner `wall` must be nullable, `\[Int!\]`: while the partner is down/);
  assert.match(rules("extend schema { query: Roots } type Roots { posts: Int! }")[0], /^`Roots\.posts: Int!`/);
  assert.deepEqual(rules("type Query { _service: _Service! } type _Service { sdl: String! }"), []);
});

test("partners have no mutations and no subscriptions", () => {
  const found = rules("type Query { likes: Int } extend type Mutation { like: Int } type Subscription { liked: Int! }");
  assert.equal(found.length, 2, found.join("\n"));
  assert.match(found[0], /^`Mutation\.like` of the partner `wall` must be left out: a gateway would execute it for anyone/);
  assert.match(found[1], /^`Subscription\.liked` of the partner `wall` must be left out/);
  assert.match(rules("extend schema { mutation: Acts } type Acts { like: Int }")[0], /^`Acts\.like` /);
});

test("fields that partners add to entities of the registry must be nullable", () => {
  const found = rules(`type Page ${NATIVE} { ${PAGE} posts: [Int!]! likes: Int } extend type Page { post: Post! }
    type Organization @key(fields: "code") @interfaceObject { code: String! audits: Int! } type Post { id: ID! likes: Int! }`);
  assert.equal(found.length, 3, found.join("\n"));
  assert.match(found[0], /^`Page\.posts: \[Int!\]!` of the partner `wall` must be nullable, `\[Int!\]`: .* in place of the registry's object/);
  assert.match(found[1], /^`Page\.post: Post!`/);
  assert.match(found[2], /^`Organization\.audits: Int!`/);
});

test("a partner has one key of each entity, which is one of the registry's", () => {
  for (const key of [NATIVE, '@key(fields: "nativeId, platformCode")', '@key(fields: "platformCode handle")', '@federation__key(fields: "id")']) {
    assert.deepEqual(rules(`type Page ${key} { id: ID! ${PAGE} views: Int }`), [], key);
  }
  const [two, ...more] = rules(`type Page ${NATIVE} { ${PAGE} } extend type Page @key(fields: "platformCode handle")`);
  assert.match(two, /^`Page` of the partner `wall` must have one `@key`, not 2: .*: `platformCode nativeId` if you have permanent ids, otherwise `platformCode handle`\.$/);
  assert.deepEqual(more, []);
  for (const key of ["", '@key(fields: "nativeId")', '@key(fields: "platform { code } nativeId")']) {
    const found = rules(`type Page ${key} { ${PAGE} }`);
    assert.deepEqual(found, ["`Page` of the partner `wall` needs a key of the registry: `id` or `platformCode nativeId` or `platformCode handle`."], key);
  }
  const renamed = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [{ name: "@key", as: "@id" }])';
  assert.deepEqual(ruleFaults(registry(), subgraph("wall", `${renamed} type Page @id(fields: "id") { id: ID! }`)), []);
  assert.match(rules('type Page @key(fields: "id", resolvable: false) { id: ID! views: Int }')[0], /must be without `resolvable: false`/);
  assert.deepEqual(rules('type Page @key(fields: "id", resolvable: false) { id: ID! }'), []);
});

test("an object for an interface of the registry says so, and composition that throws is an error", () => {
  const found = faults(registry(), [subgraph("wall", `${LINK} type Query { a: Int } type Organization @key(fields: "code") { code: String! a: Int }`)]);
  assert.match(found[0], /^`Organization` of the partner `wall` needs `@interfaceObject`, imported in `@link`/);
  assert.match(found[1], /^The registry with `wall`: /);
});

test("what does not compose is named, with the partner or the contract", () => {
  assert.deepEqual(faults(registry(), PARTNERS), []);
  const [clash] = faults(registry(), [...PARTNERS, subgraph("wall", `${LINK} type Query { page(slug: String): String }`)]);
  assert.match(clash, /^The registry with `wall`: /);
  const half = `${LINK} type Query { post(id: ID!): Int @tag(name: "partner") }`;
  const found = faults(registry(), [...PARTNERS, subgraph("wall", half)]);
  assert.deepEqual(found.map((text) => /^The contract `(\w+)`: /.exec(text)?.[1]), ["partner", "internal"]);
});

// Runs the command on a copy of the schemas and of this folder.
function onCopy(use) {
  const folder = mkdtempSync(join(tmpdir(), "schema-check-"));
  try {
    for (const part of ["schema.graphql", "schemas", "tests/composition"]) {
      cpSync(join(ROOT, part), join(folder, part), { recursive: true, filter: (source) => !source.includes("node_modules") });
    }
    symlinkSync(join(ROOT, "tests/composition/node_modules"), join(folder, "tests/composition/node_modules"));
    const run = (...more) => spawnSync("node", [join(folder, "tests/composition/schema_check.mjs"), ...more], { encoding: "utf8" });
    const edit = (file, pattern, by) => {
      const before = readFileSync(join(folder, file), "utf8");
      const after = before.replace(pattern, by);
      assert.notEqual(after, before, `${file} has ${pattern}`);
      writeFileSync(join(folder, file), after);
    };
    rmSync(join(folder, "schemas/released"), { recursive: true, force: true });
    use(run, edit, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the command fails without a released schema and on a break, and says so in a table", () => {
  onCopy((run, edit, folder) => {
    const first = run();
    assert.equal(first.status, 1);
    assert.match(first.stderr, /make schema-release/);
    assert.equal(run("--release").status, 0);
    const same = run();
    assert.equal(same.status, 0, same.stderr);
    assert.match(same.stdout, /^0 changes since the last release, no break/);
    edit("schemas/public.graphql", "\n\tshortName: String\n", "\n\tshortName: Int\n");
    edit("schemas/subgraph.graphql", ' @key(fields: "platformCode nativeId")', "");
    const broken = run();
    assert.equal(broken.status, 1);
    assert.match(broken.stdout, /\| schemas\/public\.graphql \| breaking \| Field `Authority\.shortName` changed type/);
    assert.match(broken.stdout, /\| schemas\/subgraph\.graphql \| breaking \| `@key\(fields: "nativeId platformCode"\)` was removed/);
    assert.match(broken.stderr, /Deprecated on 2027-01-15\./);
    assert.equal(run("--release").status, 1, "a break cannot be released");
    assert.equal(run().status, 1, "and the released schema is as before");
    writeFileSync(join(folder, "wall.graphql"), `${LINK} type Query { posts: Int! }`);
    assert.match(run(join(folder, "wall.graphql")).stderr, /`Query\.posts: Int!` of the partner `wall` must be nullable/);
    const none = run(join(folder, "none.graphql")).stderr;
    assert.match(none, /none\.graphql: there is no such file; from another folder, give its whole path: PARTNERS="\$PWD/);
    assert.doesNotMatch(none, /\n +at /);
    writeFileSync(join(folder, "half.graphql"), "type Query {");
    assert.match(run(join(folder, "half.graphql")).stderr, /half\.graphql:1:13: Syntax Error/);
  });
});

test("a deprecation that is dated before its release is refused at the release", () => {
  const deprecated = (day) => `\n\tshortName: String @deprecated(reason: "Deprecated on ${day}.")\n`;
  onCopy((run, edit) => {
    assert.equal(run("--release").status, 0);
    edit("schemas/public.graphql", "\n\tshortName: String\n", deprecated("2026-01-01"));
    assert.equal(run().status, 0);
    const refused = run("--release");
    assert.equal(refused.status, 1);
    assert.match(refused.stderr, /`Authority\.shortName` is released on/);
    edit("schemas/public.graphql", "2026-01-01", "9998-01-01");
    assert.equal(run("--release").status, 0);
  });
});
