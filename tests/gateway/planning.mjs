// The bound of planning: nested fragments are rejected before the engine plans them, and what is let through is planned.
import assert from "node:assert/strict";
import { grid, nest } from "./documents.mjs";
import { isBounded, observed } from "./memory.mjs";
import { data, post } from "./questions.mjs";
import { codes, head, row, whole } from "./table.mjs";

// Milliseconds, on a busy machine.
const REJECTED = 2_000;
const PLANNED = 10_000;

// `code`: of the registry's check; without one, the document is planned.
const DOCUMENTS = [
  { name: "60 fragments, nested four deep", code: "FRAGMENTS_LIMIT", text: grid(4, 15, "account { verdict }") },
  { name: "48 fragments, nested four deep", code: "SELECTIONS_LIMIT", text: grid(4, 12, "account { verdict }") },
  { name: "5 fragments, each 30 times in the one before", code: "SELECTIONS_LIMIT", text: nest(4, 30) },
  { name: "40 fragments, nested two deep", text: grid(2, 20, "account { verdict }") },
];
const SAME = "{ trendingVideos(first: 5) { channel { account { verdict } } } }";

const isRejected = (answer, code, asked) => {
  assert.deepEqual([answer.status, codes(answer.json())], [400, code]);
  assert.deepEqual(asked, [], "a subgraph is asked");
  assert.ok(answer.milliseconds < REJECTED, `${answer.milliseconds} ms`);
};

const planned = async ({ gateway, beforeRegistry, beforePartner }, { name, code, text }, expected) => {
  beforeRegistry.asked = [];
  beforePartner.asked = [];
  const seen = await observed([gateway.program], () => post(gateway.url, { query: text }));
  const answer = seen.result;
  row(name, text.length, `${answer.status} ${codes(answer.json())}`.trim(), whole(answer.milliseconds), whole(seen.peaks[0]));
  isBounded(gateway, seen);
  if (code) return isRejected(answer, code, [...beforeRegistry.asked, ...beforePartner.asked]);
  assert.deepEqual(answer.json(), { data: expected });
  assert.ok(answer.milliseconds < PLANNED, `${answer.milliseconds} ms`);
};

export const planning = async (stage, check) => {
  const expected = await data(stage.gateway.url, SAME);
  head(`${stage.gateway.name}; document`, "bytes", "response", "ms", "peak of the gateway, MB");
  for (const document of DOCUMENTS) await check(`planning: ${document.name}`, () => planned(stage, document, expected));
};
