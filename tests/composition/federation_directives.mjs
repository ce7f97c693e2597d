// Changes of directives on which routers and partners rely, and which are no part of the schema of clients.
import { Kind, parse, print } from "graphql";

// Breaking where they are removed or changed: a partner refers to a key and shares a type; a contract selects by a tag.
const NEEDED = ["key", "shareable", "tag"];
// Breaking where they are added: the element leaves the schema of clients, or asks more of them.
const RESTRICTING = ["authenticated", "inaccessible", "policy", "requiresScopes"];
// Compared here alone: the order of a directive that is repeated does not matter, nor does the version in a link.
export const COMPARED = [...NEEDED, ...RESTRICTING, "link"];

// Fields of a key in one form, however they are written.
function normalized(text) {
  const sorted = ({ selections }) =>
    selections.map((it) => it.name.value + (it.selectionSet ? ` { ${sorted(it.selectionSet)} }` : "")).sort().join(" ");
  return sorted(parse(`{ ${text} }`).definitions[0].selectionSet);
}

function written(directive) {
  const values = Object.fromEntries(directive.arguments.map((it) => [it.name.value, it.value]));
  if (directive.name.value !== "key") return print(directive);
  const isReference = values.resolvable?.value === false ? ", resolvable: false" : "";
  return `@key(fields: "${normalized(values.fields.value)}"${isReference})`;
}

// The directives of each element of a schema, by its path.
function directives(text) {
  const found = new Map();
  const add = (path, node) => {
    const own = (node.directives ?? []).filter((it) => [...NEEDED, ...RESTRICTING].includes(it.name.value)).map(written);
    found.set(path, new Set([...(found.get(path) ?? []), ...own]));
  };
  for (const type of parse(text).definitions) {
    if (!type.name || type.kind === Kind.DIRECTIVE_DEFINITION) continue;
    add(type.name.value, type);
    for (const member of type.fields ?? type.values ?? []) {
      const path = `${type.name.value}.${member.name.value}`;
      add(path, member);
      for (const argument of member.arguments ?? []) add(`${path}.${argument.name.value}`, argument);
    }
  }
  return found;
}

const is = (names) => (directive) => names.includes(/^@(\w+)/.exec(directive)[1]);

// Changes of elements that both schemas have.
export function directiveChanges(released, present) {
  const after = directives(present);
  return [...directives(released)].flatMap(([path, before]) => {
    const now = after.get(path);
    if (!now) return [];
    const lost = [...before].filter((directive) => !now.has(directive));
    const gained = [...now].filter((directive) => !before.has(directive));
    const level = (isBreaking) => (isBreaking ? "breaking" : "safe");
    return [
      ...lost.map((it) => ({ level: level(is(NEEDED)(it)), path, text: `\`${it}\` was removed from \`${path}\`` })),
      ...gained.map((it) => ({ level: level(is(RESTRICTING)(it)), path, text: `\`${it}\` was added to \`${path}\`` })),
    ];
  });
}
