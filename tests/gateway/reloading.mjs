// A new supergraph under load, a broken one, and a good one again.
import assert from "node:assert/strict";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { TRENDING, data, post } from "./questions.mjs";

// Requests at once.
const CLIENTS = 4;
const TITLE = "Title of the channel.";
const DESCRIPTION = '{ __type(name: "Channel") { fields { name description } } }';

// Renamed, as deploy/gateway/compose.mjs does.
const replace = (path, text) => {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
};

const described = async (url) => (await data(url, DESCRIPTION)).__type.fields.find(({ name }) => name === "title").description;

// Asks all the time while `act` runs; the numbers of requests and of wrong responses.
const underLoad = async (url, expected, act) => {
  const counts = { requests: 0, failed: 0, last: "" };
  let isOver = false;
  const client = async () => {
    while (!isOver) {
      const text = await post(url, { query: TRENDING }).then((answer) => answer.text, String);
      counts.requests += 1;
      let answer;
      try {
        answer = JSON.parse(text);
        assert.deepEqual(answer, { data: expected });
      } catch {
        counts.failed += 1;
        counts.last = text.slice(0, 300);
      }
      await sleep(5);
    }
  };
  const clients = Array.from({ length: CLIENTS }, client);
  try {
    await act();
  } finally {
    isOver = true;
    await Promise.all(clients);
  }
  return counts;
};

export const reloading = async ({ gateway, supergraph }, check) => {
  const { url, seconds, reading } = gateway;
  const expected = await data(url, TRENDING);
  const text = readFileSync(supergraph, "utf8");
  const becomes = async (description) => {
    const end = Date.now() + reading * 1e3;
    while ((await described(url)) !== description) {
      if (Date.now() > end) throw new Error(`not read after ${reading} s`);
      await sleep(200);
    }
  };
  const report = (what, { requests, failed, last }) => {
    console.log(`| ${what} | ${requests} | ${failed} |`);
    assert.equal(failed, 0, last);
    assert.ok(requests > 0);
  };
  console.log(`\n| ${gateway.name}; the supergraph | requests | failed |\n|---|---|---|`);
  await check("a new supergraph is read under load", async () => {
    assert.equal(await described(url), TITLE);
    report("is new", await underLoad(url, expected, async () => {
      replace(supergraph, text.replace(TITLE, "New title."));
      await becomes("New title.");
    }));
  });
  await check("a broken supergraph is not taken", async () => {
    report("is broken", await underLoad(url, expected, async () => {
      replace(supergraph, "type Query {{{");
      await sleep(seconds * 1e3);
    }));
    assert.equal(await described(url), "New title.");
  });
  await check("the next good supergraph is read", async () => {
    replace(supergraph, text);
    await becomes(TITLE);
  });
};
