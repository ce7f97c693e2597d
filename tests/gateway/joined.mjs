// A working gateway: answers that join both sides, headers, persisted documents and rejected requests.
import assert from "node:assert/strict";
import { SECRET } from "./engines.mjs";
import { REGION, TRENDING, data, hash, post } from "./questions.mjs";

const TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

export const joined = async (stage, check) => {
  const { gateway, sides, code, registry } = stage;
  await check("a region, its organizations, pages, channels and videos", async () => {
    const expected = await sides.region(code);
    assert.deepEqual(await data(gateway.url, REGION, { code }), expected);
    assert.match(JSON.stringify(expected), /"videos":\[\{/, "the region has a page with a channel");
  });
  await check("videos of the partner, and what the registry says of their channels", async () => {
    const expected = await sides.trending();
    assert.deepEqual(await data(gateway.url, TRENDING), expected);
    const verdicts = new Set(expected.trendingVideos.map(({ channel }) => channel.account.verdict));
    assert.ok(verdicts.has("OFFICIAL") || verdicts.size > 1, [...verdicts].join());
  });
  await check("a persisted document", async () => {
    const { json } = await post(gateway.url, { documentId: hash(TRENDING) });
    assert.deepEqual(json(), { data: await sides.trending() });
  });
  await check("the client's key goes to the registry, and nothing of the client to the partner", async () => {
    await data(gateway.url, TRENDING, {}, {
      authorization: `Bearer ${registry.key}`,
      "x-registry-authorization": "Bearer forged",
      "x-forwarded-for": "192.0.2.7",
      traceparent: TRACE,
      cookie: "session=1",
    });
    const [ours, theirs] = [stage.beforeRegistry.seen, stage.beforePartner.seen];
    assert.equal(ours.authorization, `Bearer ${SECRET}`);
    assert.equal(ours["x-registry-authorization"], `Bearer ${registry.key}`);
    assert.equal(ours["x-forwarded-for"], "192.0.2.7");
    assert.match(ours.traceparent ?? "", /^00-0af7651916cd43dd8448eb211c80319c-/);
    assert.match(theirs.traceparent ?? "", /^00-0af7651916cd43dd8448eb211c80319c-/);
    const told = ["authorization", "x-registry-authorization", "x-forwarded-for", "cookie", "accept-encoding"];
    assert.deepEqual(told.filter((name) => name in theirs), []);
  });
  await check("the address of a client pays for what is read", async () => {
    const address = { "x-forwarded-for": "192.0.2.8" };
    const left = async () => {
      const { headers } = await post(`${registry.url}/public/graphql`, { query: "{ __typename }" }, address);
      return Number(headers.get("x-ratelimit-remaining"));
    };
    const before = await left();
    await data(gateway.url, TRENDING, {}, address);
    const paid = before - (await left());
    assert.ok(paid > 3, `${paid} points`);
  });
  await check("the registry checks requests before they are planned", async () => {
    const wrong = await post(gateway.url, { query: "{ __typename }" }, { authorization: "Bearer reg_guess" });
    assert.equal(wrong.status, 401, wrong.text);
    const fields = Array.from({ length: 31 }, (_, number) => `a${number}: __typename`).join(" ");
    const long = await post(gateway.url, { query: `{ trendingVideos { ${fields} } }` });
    assert.equal(long.json().errors[0].extensions.code, "TOO_MANY_ALIASES", long.text);
  });
  if (gateway.name === "Hive Router") {
    await check("a body that is said to be compressed is rejected: the registry checks it as it was sent", async () => {
      const { status, text } = await post(gateway.url, { query: "{ __typename }" }, { "content-encoding": "br" });
      assert.equal(status, 415, text);
    });
  }
  await check("what a form of another site can send is rejected", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded"]) {
      assert.equal((await post(gateway.url, { query: "{ __typename }" }, { "content-type": type })).status, 403, type);
    }
    const { status } = await fetch(`${gateway.url}?query={__typename}`);
    // The coprocessor comes before the check of the router.
    assert.equal(status, gateway.name === "Hive Router" ? 405 : 403);
  });
  await check("a request beyond the limits is rejected", async () => {
    const { status } = await post(gateway.url, { query: `{ __typename } # ${"x".repeat(300_000)}` });
    assert.ok(status >= 400 && status < 500, `a long request: ${status}`);
    const deep = await post(gateway.url, { query: `{ territory(code: "x") ${"{ parent ".repeat(20)} { name } ${"}".repeat(20)} }` });
    assert.ok(deep.json().errors?.length && !deep.json().data, `a deep request: ${deep.text.slice(0, 200)}`);
  });
};
