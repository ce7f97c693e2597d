// Hostile documents, those of `make attack`, through a gateway: each is rejected, at once and briefly; and afterwards the gateway
// responds as before.
import assert from "node:assert/strict";
import * as documents from "./documents.mjs";
import { isBounded, observed } from "./memory.mjs";
import { TRENDING, data, send } from "./questions.mjs";
import { codes, head, row, whole } from "./table.mjs";

// Milliseconds: a busy machine takes longer than those that are printed, but no request hangs.
const LIMIT = 10_000;
// Bytes of a response to a rejected request.
const SHORT = 2_000;
// Megabytes that one attack may add to the registry.
const GROWTH = 64;
// Media type with which each rejected request has a status of its own.
const ACCEPT = { accept: "application/graphql-response+json" };

const asked = (texts) => texts.map((query) => JSON.stringify({ query }));
const DEPTHS = ["field", "fragment", "inline", "mixed"].map((way) => documents.parents(13, way));

// `expected`: codes of which the response has one. Unless `isExecuted` the document is rejected before it is planned: an engine
// may estimate the cost of each part while it executes a plan.
const ATTACKS = [
  { name: "1: 10,000 aliases", expected: ["TOO_MANY_ALIASES"], bodies: asked([documents.ALIASES]) },
  { name: "2: fragments for 2^22, 10^8, 30^5, 30^24 fields", expected: ["SELECTIONS_LIMIT"], bodies: asked(documents.NESTS) },
  { name: "3: cyclic fragments", expected: ["FRAGMENT_CYCLE"], bodies: asked(documents.CYCLES) },
  { name: "4: 10,000 directives in four places", expected: ["DIRECTIVES_LIMIT"], bodies: asked(documents.DIRECTIVES) },
  { name: "5: 100,000 equal fields", expected: ["TOKEN_LIMIT"], bodies: asked([documents.DUPLICATES]) },
  { name: "6: 60,000 open braces, brackets", expected: ["DEPTH_LIMIT"], bodies: asked([documents.BRACES, documents.LISTS]) },
  { name: "6: 100,000 lists in a variable", expected: ["BAD_REQUEST"], bodies: [documents.NESTED_VARIABLE] },
  { name: "7: depth 13 in four ways", expected: ["DEPTH_LIMIT"], bodies: asked(DEPTHS) },
  {
    name: "8: 100 pages of the owners of 100 pages",
    expected: ["COST_ESTIMATED_TOO_EXPENSIVE", "COST_LIMIT"],
    isExecuted: true,
    bodies: asked([documents.COSTLY]),
  },
];

// Neither an error of the server, nor anything of what is asked for.
const isRejected = ({ status, text, json }, expected, isExecuted) => {
  const shown = `${status}: ${text.slice(0, 200)}`;
  assert.ok((status >= 400 && status < 500) || (isExecuted && status === 200), shown);
  assert.ok(!expected || expected.includes(codes(json())), `not ${expected?.join(" or ")}: ${shown}`);
  assert.ok(text.length < SHORT && !text.includes(documents.MARKER) && !json().data?.pages, shown);
};

const attacked = async ({ gateway, registry }, { name, expected, isExecuted = false, bodies }) => {
  const seen = await observed([gateway.program, registry.program], async () => {
    const all = [];
    for (const body of bodies) all.push(await send(gateway.url, body, ACCEPT));
    return all;
  });
  const { result: answers, peaks, growths } = seen;
  const slowest = Math.max(...answers.map(({ milliseconds }) => milliseconds));
  const got = new Set(answers.map(({ status, json }) => `${status} ${codes(json())}`.trim()));
  row(name, [...got].join(", "), whole(slowest), ...peaks.map(whole));
  answers.forEach((answer) => isRejected(answer, expected, isExecuted));
  assert.ok(slowest < LIMIT, `${slowest} ms`);
  isBounded(gateway, seen);
  assert.ok(!(growths[1] > GROWTH), `the registry takes ${growths[1]} MB more`);
};

export const attacks = async (stage, check) => {
  const { gateway } = stage;
  const normal = await data(gateway.url, TRENDING);
  head(`${gateway.name}; attack`, "responses", "slowest, ms", "peak of the gateway, MB", "peak of the registry, MB");
  for (const attack of ATTACKS) {
    await check(`attack ${attack.name}`, () => attacked(stage, attack));
    await check(`a query after attack ${attack.name}`, async () => assert.deepEqual(await data(gateway.url, TRENDING), normal));
  }
};
