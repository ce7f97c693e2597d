// Plans of the queries across both sides: which side the engine asks for what, in which order; it asks no more than that.
import assert from "node:assert/strict";
import { REGION, TRENDING, post } from "./questions.mjs";

const ASK_FOR_PLAN = { "hive-expose-query-plan": "true" };

// Operations of a plan, in the order in which they are sent.
const operations = (node) => {
  if (node.operation) return [{ side: node.serviceName, text: node.operation }];
  return (node.nodes ?? [node.node]).flatMap(operations);
};

// `@` is each item of a list.
const written = (path) => path.map((step) => step.Field ?? step).join(".");

const places = ({ entityBatch }) => (entityBatch?.aliases ?? []).flatMap(({ paths }) => paths.map(written));

const lines = (node, indent, path) => {
  if (node.operation) {
    const at = path ? [path] : places(node);
    const text = node.operation.replace(/\s+/g, " ").trim();
    return [`${indent}${node.serviceName}${at.length ? `, at ${at.join(" and ")}` : ""}: ${text}`];
  }
  if (node.kind === "Flatten") return lines(node.node, indent, written(node.path));
  return [`${indent}${node.kind}`, ...(node.nodes ?? [node.node]).flatMap((part) => lines(part, `${indent}  `))];
};

// Without what an engine may write in another way.
const bare = (text) => text.replace(/[\s,]/g, "");

const compared = (all) => all.map(({ side, text }) => `${side}: ${bare(text)}`).sort();

const planned = async ({ gateway, beforeRegistry, beforePartner }, { title, query, variables, sides }) => {
  beforeRegistry.asked = [];
  beforePartner.asked = [];
  const answer = (await post(gateway.url, { query, variables }, ASK_FOR_PLAN)).json();
  const plan = answer.extensions.queryPlan.node;
  const sent = [
    ...beforeRegistry.asked.map((text) => ({ side: "registry", text })),
    ...beforePartner.asked.map((text) => ({ side: "rutube", text })),
  ];
  console.log(`\n${gateway.name}; the plan of ${title}\n${lines(plan, "  ").join("\n")}`);
  assert.deepEqual(operations(plan).map(({ side }) => side), sides);
  assert.deepEqual(compared(sent), compared(operations(plan)), "what the sides were asked");
  return answer.data;
};

export const plans = async (stage, check) => {
  const { sides, code } = stage;
  await check("the plan of a region: the registry, then all of its channels at once", async () => {
    const query = { title: "1-region", query: REGION, variables: { code }, sides: ["registry", "rutube"] };
    assert.deepEqual(await planned(stage, query), await sides.region(code));
  });
  await check("the plan of videos: the partner, then all of its accounts at once", async () => {
    const query = { title: "2-trending", query: TRENDING, sides: ["rutube", "registry"] };
    assert.deepEqual(await planned(stage, query), await sides.trending());
  });
  await check("nobody is told a plan without asking for it", async () => {
    assert.equal((await post(stage.gateway.url, { query: TRENDING })).json().extensions?.queryPlan, undefined);
  });
};
