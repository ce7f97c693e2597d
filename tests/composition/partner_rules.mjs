// Rules for the subgraphs of partners beyond composition: what composes and then loses data, and what composition refuses with a
// message that does not say what to do. Imports nothing, since deploy/gateway has packages of its own.

const NON_NULL = "NonNullType";
const OBJECTS = ["ObjectTypeDefinition", "ObjectTypeExtension"];
const INTERFACES = ["InterfaceTypeDefinition", "InterfaceTypeExtension"];

const typeText = (type) => {
  if (type.kind === NON_NULL) return `${typeText(type.type)}!`;
  return type.kind === "ListType" ? `[${typeText(type.type)}]` : type.name.value;
};
const argument = (node, name) => node.arguments?.find((it) => it.name.value === name)?.value;

// Names under which a schema uses a directive of federation: `key`, `federation__key`, and that of an import with `as`.
function namesOf(definitions, directive) {
  const links = definitions.flatMap((it) => it.directives ?? []).filter((it) => it.name.value === "link");
  const imports = links.flatMap((link) => argument(link, "import")?.values ?? []).filter((it) => it.kind === "ObjectValue");
  const renamed = imports.map((it) => Object.fromEntries(it.fields.map(({ name, value }) => [name.value, value.value])));
  const others = renamed.filter((it) => it.name === `@${directive}` && it.as).map((it) => it.as.slice(1));
  return [directive, `federation__${directive}`, ...others];
}

// Fields of a key in one form, however they are written; nested ones, which the registry does not have, as they are.
const keyText = (text) => (text.includes("{") ? text : text.split(/[\s,]+/).filter(Boolean).sort().join(" "));

// Objects and interfaces of a schema, each with its extensions: fields, keys, whether a key resolves, and whether it is an object
// for an interface.
function types({ definitions }) {
  const found = new Map();
  const [key, interfaceObject] = ["key", "interfaceObject"].map((name) => namesOf(definitions, name));
  for (const node of definitions.filter((it) => [...OBJECTS, ...INTERFACES].includes(it.kind))) {
    const name = node.name.value;
    const type = found.get(name) ?? { name, isInterface: INTERFACES.includes(node.kind), isForInterface: false, isResolvable: false, fields: [], keys: [] };
    const directives = node.directives ?? [];
    const keys = directives.filter((it) => key.includes(it.name.value));
    type.isResolvable ||= keys.some((it) => argument(it, "resolvable")?.value !== false);
    type.isForInterface ||= directives.some((it) => interfaceObject.includes(it.name.value));
    type.fields.push(...(node.fields ?? []));
    type.keys.push(...keys.map((it) => argument(it, "fields")?.value ?? ""));
    found.set(name, type);
  }
  return found;
}

// Names of the root types of a schema, with the operation of each.
function roots({ definitions }) {
  const named = definitions.flatMap((it) => it.operationTypes ?? []).map((it) => [it.type.name.value, it.operation]);
  return new Map([["Query", "query"], ["Mutation", "mutation"], ["Subscription", "subscription"], ...named]);
}

// A router answers null in place of all data, or of the registry's object, when the partner is down.
function nullable(type, field, partner, loss) {
  const text = typeText(field.type);
  return `\`${type.name}.${field.name.value}: ${text}\` of the partner \`${partner}\` must be nullable, \`${text.slice(0, -1)}\`: while the partner is down, a router would answer null in place of ${loss}.`;
}
const isNonNull = (field) => field.type.kind === NON_NULL;
// Printed by some libraries; composition leaves them out.
const OF_FEDERATION = ["_entities", "_service"];

function rootFaults(type, operation, partner) {
  const fields = type.fields.filter((field) => !OF_FEDERATION.includes(field.name.value));
  if (operation === "query") return fields.filter(isNonNull).map((field) => nullable(type, field, partner, "all data"));
  const text = (field) =>
    `\`${type.name}.${field.name.value}\` of the partner \`${partner}\` must be left out: a gateway would execute it for anyone, and the partner does not learn who the client is. Offer it on an endpoint of your own.`;
  return fields.map(text);
}

function entityFaults(type, entity, partner) {
  const of = `\`${type.name}\` of the partner \`${partner}\``;
  const keys = entity.keys.map((it) => `\`${it}\``).join(" or ");
  const advice = type.name === "Page" ? "`platformCode nativeId` if you have permanent ids, otherwise `platformCode handle`" : keys;
  const known = entity.keys.map(keyText);
  const faults = [];
  if (!type.keys.some((it) => known.includes(keyText(it)))) faults.push(`${of} needs a key of the registry: ${keys}.`);
  if (type.keys.length > 1) {
    faults.push(`${of} must have one \`@key\`, not ${type.keys.length}: routers take one of them for the way to the registry and another one for the way back, and one side then lacks its fields. Declare one: ${advice}.`);
  }
  if (entity.isInterface && !type.isInterface && !type.isForInterface) {
    faults.push(`${of} needs \`@interfaceObject\`, imported in \`@link\`: it is an interface of the registry.`);
  }
  const own = type.fields.filter((field) => !entity.fields.some((it) => it.name.value === field.name.value));
  if (own.length > 0 && type.keys.length > 0 && !type.isResolvable) {
    faults.push(`${of} adds fields: its \`@key\` must be without \`resolvable: false\`, or routers cannot ask for them.`);
  }
  return [...faults, ...own.filter(isNonNull).map((field) => nullable(type, field, partner, "the registry's object, and often of all data"))];
}

// What a partner has to change, as texts; each subgraph has a name and `typeDefs`, a parsed document.
export function ruleFaults(registry, { name, typeDefs }) {
  const ofRegistry = registry ? types(registry.typeDefs) : new Map();
  const operations = roots(typeDefs);
  return [...types(typeDefs).values()].flatMap((type) => {
    const operation = operations.get(type.name);
    if (operation) return rootFaults(type, operation, name);
    const entity = ofRegistry.get(type.name);
    return entity?.keys.length ? entityFaults(type, entity, name) : [];
  });
}
