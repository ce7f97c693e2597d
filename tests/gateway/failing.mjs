// What clients get while one side fails: the other side's part, null for what is missing, an error, in bounded time and memory.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { isBounded, observed } from "./memory.mjs";
import { FAULTS, INTERNAL } from "./middle.mjs";
import { BOTH, TRENDING, data, post } from "./questions.mjs";
import { codes, head, row, whole } from "./table.mjs";

// Milliseconds: the deadline of a request, 7 s, and what a busy machine adds. Two parts of a plan, one after the other, that
// reach the time limit of two seconds take four.
const LIMIT = 7_500;
// Seconds until a circuit breaker lets requests pass again.
const RECOVERY = 30;
// What may not be in a response: addresses, and texts of the partner.
const INTERNALS = [/127\.0\.0\.1/, /localhost/i, /ECONN/, /socket/i, /haproxy/i, new RegExp(INTERNAL)];
// Bytes of a long response that the guard and the buffers before it take: less than a hundredth of it.
const TAKEN = 16 << 20;

// Ways in which the registry fails here; those of the partner are FAULTS.
const OF_THE_REGISTRY = ["garbage", "reset", "hanging", "down"];

// The response to a request, and the peak memory of the gateway meanwhile.
const ask = async (gateway, body) => {
  const seen = await observed([gateway.program], () => post(gateway.url, body));
  isBounded(gateway, seen);
  return { ...seen.result, peak: seen.peaks[0] };
};

const recovered = async (url, query, variables, complete) => {
  let last;
  for (const end = Date.now() + RECOVERY * 1e3; Date.now() < end; await sleep(200)) {
    last = await post(url, { query, variables });
    if (last.status === 200 && isDeepStrictEqual(last.json(), { data: complete })) return;
  }
  throw new Error(`not recovered after ${RECOVERY} s: ${last.text.slice(0, 500)}`);
};

const titles = (name, side) =>
  head(`${name}; ${side}`, "status", "ms", "errors", "what the client gets", "peak of the gateway, MB");

const print = (mode, { status, milliseconds, peak, json }, what) =>
  row(mode, status, whole(milliseconds), codes(json()), what, whole(peak));

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
  print(NULLS, answer, isDeepStrictEqual(got, left) ? "the registry's part" : "the null, where the schema has a value");
  assert.deepEqual(withoutNulls(got), left);
};

const isMasked = ({ text }) => INTERNALS.forEach((internal) => assert.doesNotMatch(text, internal));

// Asserts that a response has this data, and says of the failure no more than that there is one.
const isLeft = (mode, answer, left, what) => {
  const { data: got, errors } = answer.json();
  print(mode, answer, isDeepStrictEqual(got, left) ? what : answer.text.slice(0, 100));
  assert.equal(answer.status, 200);
  assert.deepEqual(got, left);
  assert.ok(errors?.length > 0, "no error");
  assert.ok(answer.milliseconds < LIMIT, `${answer.milliseconds} ms`);
  isMasked(answer);
};

const failingPartner = async ({ gateway, beforePartner, sides, code }, check) => {
  const variables = { code };
  const complete = await data(gateway.url, BOTH, variables);
  const left = await sides.withoutPartner(code);
  titles(gateway.name, "the partner");
  await check("the partner is slow", async () => {
    await beforePartner.become("slow");
    const answer = await ask(gateway, { query: BOTH, variables });
    assert.deepEqual(answer.json(), { data: complete });
    assert.ok(answer.milliseconds >= 1_000);
    print("takes a second", answer, "all");
  });
  for (const mode of FAULTS) {
    await check(`the partner: ${mode}`, async () => {
      await beforePartner.become(mode);
      const answer = await ask(gateway, { query: BOTH, variables });
      if (mode === NULLS) whenNulls(answer, left);
      else isLeft(mode, answer, left, "the registry's part");
      if (mode.startsWith("2 GB")) assert.ok(beforePartner.taken < TAKEN, `${beforePartner.taken} bytes are taken`);
    });
    await beforePartner.become("good");
    await check(`the partner is back after ${mode}`, () => recovered(gateway.url, BOTH, variables, complete));
  }
};

const failingRegistry = async ({ gateway, beforeRegistry }, check) => {
  const complete = await data(gateway.url, TRENDING);
  const left = structuredClone(complete);
  left.trendingVideos.forEach(({ channel }) => (channel.account = null));
  titles(gateway.name, "the registry");
  for (const mode of OF_THE_REGISTRY) {
    await check(`the registry: ${mode}`, async () => {
      await beforeRegistry.become(mode);
      isLeft(mode, await ask(gateway, { query: TRENDING }), left, "the partner's part");
    });
    await beforeRegistry.become("good");
    await check(`the registry is back after ${mode}`, () => recovered(gateway.url, TRENDING, {}, complete));
  }
};

// Stopped, as by a debugger: it accepts connections, and neither checks requests nor responds.
const stoppedRegistry = async ({ gateway, registry }, check) => {
  const complete = await data(gateway.url, TRENDING);
  await check("a request that the registry does not check is rejected", async () => {
    registry.program.child.kill("SIGSTOP");
    try {
      const { status, milliseconds, text, peak } = await ask(gateway, { query: TRENDING });
      row("is stopped, and checks nothing", status, whole(milliseconds), "", "nothing", whole(peak));
      assert.ok(status >= 500, `${status}: ${text.slice(0, 200)}`);
      assert.ok(milliseconds < LIMIT, `${milliseconds} ms`);
      assert.doesNotMatch(text, /"trendingVideos"/);
      isMasked({ text });
    } finally {
      registry.program.child.kill("SIGCONT");
    }
  });
  await check("the registry goes on", () => recovered(gateway.url, TRENDING, {}, complete));
};

export const failing = async (stage, check) => {
  await failingPartner(stage, check);
  await failingRegistry(stage, check);
  await stoppedRegistry(stage, check);
};
