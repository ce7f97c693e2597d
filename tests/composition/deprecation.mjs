// Deprecations: the date in their reason, and what of a released schema may be removed because of them.
import { getNamedType, isEnumType, isInputObjectType, isInterfaceType, isIntrospectionType, isObjectType, isUnionType } from "graphql";

export const MONTHS = 6;
export const FORM = "its reason must end with the day of the release that deprecates it, as in \"Use `other`. Deprecated on 2027-01-15.\"";

// Day on which an element was deprecated, such as 2027-01-15; undefined if the reason does not end with one.
export function deprecatedOn(reason) {
  const day = /(?:^|\s)Deprecated on (\d{4}-\d{2}-\d{2})\.$/.exec(reason ?? "")?.[1];
  const time = day === undefined ? NaN : Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== day ? undefined : day;
}

// First day on which what was deprecated on a day may be removed.
export function removableOn(day) {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCMonth(date.getUTCMonth() + MONTHS);
  return date.toISOString().slice(0, 10);
}

const members = (type) => {
  if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) return Object.values(type.getFields());
  return isEnumType(type) ? type.getValues() : [];
};
const types = (schema) => Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));

// Reasons of all deprecated fields, arguments, input fields and values of enums, by their path.
export function deprecations(schema) {
  const found = new Map();
  const add = (path, { deprecationReason }) => deprecationReason != null && found.set(path, deprecationReason);
  for (const type of types(schema)) {
    for (const member of members(type)) {
      add(`${type.name}.${member.name}`, member);
      for (const argument of member.args ?? []) add(`${type.name}.${member.name}.${argument.name}`, argument);
    }
  }
  return found;
}

// Whether a released schema announced the removal of what a path names, long enough before a day: it was deprecated, or it is
// part of a type that is reached only by what was.
export function removals(released, today) {
  const reasons = deprecations(released);
  const isDue = (path) => {
    const day = deprecatedOn(reasons.get(path));
    return day !== undefined && removableOn(day) <= today;
  };
  const reached = new Set();
  const queue = [released.getQueryType(), released.getMutationType(), released.getSubscriptionType()].filter(Boolean);
  // Routers reach entities by their keys.
  queue.push(...types(released).filter((type) => type.astNode?.directives?.some((directive) => directive.name.value === "key")));
  for (let type = queue.pop(); type; type = queue.pop()) {
    if (reached.has(type.name)) continue;
    reached.add(type.name);
    queue.push(...(isUnionType(type) || isInterfaceType(type) ? released.getPossibleTypes(type) : []));
    queue.push(...(isObjectType(type) || isInterfaceType(type) ? type.getInterfaces() : []));
    for (const member of members(type)) {
      const path = `${type.name}.${member.name}`;
      if (!member.type || isDue(path)) continue;
      const used = (member.args ?? []).filter((argument) => !isDue(`${path}.${argument.name}`));
      queue.push(getNamedType(member.type), ...used.map((argument) => getNamedType(argument.type)));
    }
  }
  return (path) => {
    const [type, member, argument] = path.split(".");
    return !reached.has(type) || isDue(`${type}.${member}`) || isDue(`${type}.${member}.${argument}`);
  };
}

// What is wrong with the dates of deprecations that are new or were changed.
export function wrongDates(released, present) {
  const before = deprecations(released);
  return [...deprecations(present)].flatMap(([path, reason]) => {
    const [day, former] = [deprecatedOn(reason), deprecatedOn(before.get(path))];
    if (day === undefined) return [`\`${path}\` is deprecated without a date: ${FORM}`];
    return former !== undefined && day < former ? [`\`${path}\` was deprecated on ${former}: its date must not be earlier.`] : [];
  });
}
