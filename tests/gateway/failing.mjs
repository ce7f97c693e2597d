// What clients get while one side fails: the other side's part, null for what is missing, an error, in bounded time.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { FAULTS, INTERNAL } from "./middle.mjs";
import { BOTH, TRENDING, data, post } from "./questions.mjs";

// Milliseconds: the deadline of a request, 7 s, and what a busy machine adds. Two parts of a plan, one after the other, that
// reach the time limit of two seconds take four.
const LIMIT = 7_500;
// Seconds until a circuit breaker lets requests pass again.
const RECOVERY = 30;
// What may not be in a response: addresses, and texts of the partner.
const INTERNALS = [/127\.0\.0\.1/, /localhost/i, /ECONN/, /socket/i, /haproxy/i, new RegExp(INTERNAL)];

// Ways in which the registry fails here; those of the partner are FAULTS.
const OF_THE_REGISTRY = ["garbage", "reset", "hanging", "down"];

const recovered = async (url, query, variables, whole) => {
  let last;
  for (const end = Date.now() + RECOVERY * 1e3; Date.now() < end; await sleep(200)) {
    last = await post(url, { query, variables });
    if (isDeepStrictEqual(last.json(), { data: whole })) return;
  }
  throw new Error(`not recovered after ${RECOVERY} s: ${last.text.slice(0, 500)}`);
};

const codes = (answer) => [...new Set((answer.errors ?? []).map((error) => error.extensions?.code ?? "no code"))].join(", ");

const row = (mode, { status, milliseconds, json }, what) =>
  console.log(`| ${mode} | ${status} | ${milliseconds.toFixed(0)} | ${codes(json())} | ${what} |`);

const head = (what) => console.log(`\n| ${what} | status | ms | errors | what the client gets |\n|---|---|---|---|---|`);

// A partner's null for a value that may not be null: some engines pass it on, without an error.
const NULLS = "null in place of a value";
const withoutNulls = ({ trendingVideos, territory, ...others }) => {
  const nodes = structuredClone(territory.authorities.nodes);
  nodes.forEach(({ pages }) => pages.nodes.forEach((page) => (page.channel = page.channel?.title ? page.channel : null)));
  const videos = trendingVideos?.some((video) => video?.title) ? trendingVideos : null;
  return { ...others, territory: { ...territory, authorities: { ...territory.authorities, nodes } }, trendingVideos: videos };
};

const whenNulls = (answer, left) => {
  const { data: got } = answer.json();
  row(NULLS, answer, isDeepStrictEqual(got, left) ? "the registry's part" : "the null, where the schema has a value");
  assert.deepEqual(withoutNulls(got), left);
};

// Asserts that a response has this data, and says of the failure no more than that there is one.
const isLeft = (mode, answer, left, what) => {
  const { data: got, errors } = answer.json();
  row(mode, answer, isDeepStrictEqual(got, left) ? what : answer.text.slice(0, 100));
  assert.equal(answer.status, 200);
  assert.deepEqual(got, left);
  assert.ok(errors?.length > 0, "no error");
  assert.ok(answer.milliseconds < LIMIT, `${answer.milliseconds} ms`);
  INTERNALS.forEach((internal) => assert.doesNotMatch(answer.text, internal));
};

const failingPartner = async ({ gateway, beforePartner, sides, code }, check) => {
  const variables = { code };
  const whole = await data(gateway.url, BOTH, variables);
  const left = await sides.withoutPartner(code);
  head(`${gateway.name}; the partner`);
  await check("the partner is slow", async () => {
    await beforePartner.become("slow");
    const answer = await post(gateway.url, { query: BOTH, variables });
    assert.deepEqual(answer.json(), { data: whole });
    assert.ok(answer.milliseconds >= 1_000);
    row("takes a second", answer, "all");
  });
  for (const mode of FAULTS) {
    await check(`the partner: ${mode}`, async () => {
      await beforePartner.become(mode);
      const answer = await post(gateway.url, { query: BOTH, variables });
      if (mode === NULLS) whenNulls(answer, left);
      else isLeft(mode, answer, left, "the registry's part");
    });
    await beforePartner.become("good");
    await check(`the partner is back after ${mode}`, () => recovered(gateway.url, BOTH, variables, whole));
  }
};

const failingRegistry = async ({ gateway, beforeRegistry }, check) => {
  const whole = await data(gateway.url, TRENDING);
  const left = structuredClone(whole);
  left.trendingVideos.forEach(({ channel }) => (channel.account = null));
  head(`${gateway.name}; the registry`);
  for (const mode of OF_THE_REGISTRY) {
    await check(`the registry: ${mode}`, async () => {
      await beforeRegistry.become(mode);
      isLeft(mode, await post(gateway.url, { query: TRENDING }), left, "the partner's part");
    });
    await beforeRegistry.become("good");
    await check(`the registry is back after ${mode}`, () => recovered(gateway.url, TRENDING, {}, whole));
  }
};

export const failing = async (stage, check) => {
  await failingPartner(stage, check);
  await failingRegistry(stage, check);
};
