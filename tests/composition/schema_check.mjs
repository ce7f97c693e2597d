// Compares the schema files with those of the last release, and composes the subgraph with those of partners. Prints a table of the
// changes; fails on a break. Arguments are schemas of further partners. With --release, makes the present files the released ones.
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { buildSchema } from "graphql";
import { ADVICE, changes } from "./changes.mjs";
import { FORM, deprecatedOn, deprecations } from "./deprecation.mjs";
import { CONTRACTS, PARTNERS, faults, subgraph } from "./supergraph.mjs";

const ROOT = new URL("../../", import.meta.url);
const FILES = ["schema.graphql", "schemas/public.graphql", "schemas/subgraph.graphql"];
const RELEASED = "schemas/released/";

const path = (file) => new URL(file, ROOT);
const read = (file) => readFileSync(path(file), "utf8");
const releasedFile = (file) => RELEASED + basename(file);
const today = new Date().toISOString().slice(0, 10);
const isRelease = process.argv.includes("--release");
const others = process.argv.slice(2).filter((argument) => argument !== "--release");

// New deprecations with a day before the release: clients would have less time than is promised.
const datedBack = (released, present) => {
  const known = deprecations(buildSchema(released));
  const early = [...deprecations(buildSchema(present))].filter(([of, reason]) => !known.has(of) && deprecatedOn(reason) < today);
  return early.map(([of, reason]) => `\`${of}\` is released on ${today}, but its reason is "${reason}": ${FORM}`);
};

// The subgraph in a file of the command line; what is wrong with the file is listed with the other faults.
const partner = (file) => {
  try {
    return subgraph(basename(file, ".graphql"), readFileSync(file, "utf8"));
  } catch (error) {
    const [line] = error.locations ?? [];
    const isMissing = error.code === "ENOENT";
    const reason = isMissing ? "there is no such file; from another folder, give its whole path: PARTNERS=\"$PWD/partner.graphql\"" : error.message;
    wrong.push(`${resolve(file)}${line ? `:${line.line}:${line.column}` : ""}: ${reason}`);
    return undefined;
  }
};

const wrong = [];
const rows = [];
const missing = FILES.map(releasedFile).filter((file) => !existsSync(path(file)));
if (missing.length > 0 && !isRelease) wrong.push(`${missing.join(", ")}: no released schema; \`make schema-release\` makes the present ones.`);
for (const file of FILES.filter((file) => !missing.includes(releasedFile(file)))) {
  const [released, present] = [read(releasedFile(file)), read(file)];
  const found = await changes(released, present, today);
  rows.push(...found.map(({ level, text }) => `| ${file} | ${level} | ${text.replaceAll("|", "\\|")} |`));
  const breaks = found.filter(({ level }) => level === "breaking").length;
  if (breaks > 0) wrong.push(`${file}: ${breaks} breaking. ${ADVICE}`);
  if (isRelease) wrong.push(...datedBack(released, present));
}
const given = others.map(partner).filter(Boolean);
const registry = subgraph("registry", read("schemas/subgraph.graphql"));
// Not with each other: names of invented partners are free for real ones.
wrong.push(...faults(registry, PARTNERS), ...(given.length > 0 ? faults(registry, given) : []));

if (rows.length > 0) console.log(["| schema | change is | |", "|---|---|---|", ...rows].join("\n"));
if (wrong.length > 0) {
  console.error(wrong.join("\n"));
  process.exit(1);
}
if (isRelease) {
  mkdirSync(path(RELEASED), { recursive: true });
  FILES.forEach((file) => copyFileSync(path(file), path(releasedFile(file))));
}
const contracts = Object.keys(CONTRACTS).join(", ");
console.log(`${rows.length} changes since the last release, no break; composed with ${PARTNERS.length + given.length} partners; contracts: ${contracts}`);
