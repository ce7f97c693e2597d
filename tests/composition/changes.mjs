// Changes from a released schema to the present one, each breaking, announced, dangerous or safe.
import { buildSchema } from "graphql";
import { CriticalityLevel, DiffRule, diff } from "@graphql-inspector/core";
import { FORM, MONTHS, removals, wrongDates } from "./deprecation.mjs";
import { COMPARED, directiveChanges } from "./federation_directives.mjs";

const LEVELS = {
  [CriticalityLevel.Breaking]: "breaking",
  [CriticalityLevel.Dangerous]: "dangerous",
  [CriticalityLevel.NonBreaking]: "safe",
};
const IN_DOCUMENTS = ["QUERY", "MUTATION", "SUBSCRIPTION", "FIELD", "FRAGMENT_DEFINITION", "FRAGMENT_SPREAD", "INLINE_FRAGMENT", "VARIABLE_DEFINITION"];
const isInDocuments = (directive) => directive?.locations.some((location) => IN_DOCUMENTS.includes(location));

// Changes of a schema, as texts; a break that the released schema announced long enough before today is allowed.
export async function changes(released, present, today) {
  const [before, after] = [released, present].map((text) => buildSchema(text));
  const found = await diff(before, after, [DiffRule.simplifyChanges, DiffRule.ignoreDescriptionChanges]);
  const ofClients = found.flatMap(({ path = "", message, criticality: { level } }) => {
    const directive = /@(\w+)/.exec(path)?.[1];
    if (COMPARED.includes(directive) && !path.startsWith("@")) return [];
    // Nobody writes a directive of schemas into a document.
    const isOfSchemas = path.startsWith("@") && !isInDocuments(before.getDirective(directive) ?? after.getDirective(directive));
    return [{ level: isOfSchemas ? "safe" : LEVELS[level], path, text: message.replaceAll("'", "`") }];
  });
  const isAnnounced = removals(before, today);
  const all = [...ofClients, ...directiveChanges(released, present)].map((change) => {
    const isAllowed = change.level === "breaking" && change.path !== "" && !change.path.startsWith("@") && isAnnounced(change.path);
    return isAllowed ? { ...change, level: "announced" } : change;
  });
  const dates = wrongDates(before, after).map((text) => ({ level: "breaking", path: "", text }));
  return [...all, ...dates];
}

export const ADVICE =
  `A break is allowed once the released schema has deprecated the element for ${MONTHS} months; to deprecate one, ${FORM}\n` +
  "Types, members of unions, interfaces and keys cannot be deprecated: deprecate all fields that lead to the type.";
