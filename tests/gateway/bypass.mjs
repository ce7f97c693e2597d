// Ways to send a document past the registry's check: none of them executes it.
import assert from "node:assert/strict";
import { request } from "node:http";

const DOCUMENT = "{ trendingVideos(first: 1) { title } }";
const BODY = JSON.stringify({ query: DOCUMENT });
const JSON_TYPE = { "content-type": "application/json" };
const FORM_TYPE = { "content-type": "application/x-www-form-urlencoded", "x-csrf": "1" };
const PARAMETER = `?query=${encodeURIComponent(DOCUMENT)}`;
const SOCKET = {
  connection: "upgrade",
  upgrade: "websocket",
  "sec-websocket-version": "13",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-protocol": "graphql-transport-ws",
};

const WAYS = [
  { name: "by GET", path: `/graphql${PARAMETER}`, headers: { "x-csrf": "1" } },
  { name: "by GET, as a page", path: `/graphql${PARAMETER}`, headers: { accept: "text/html" } },
  { name: "to an address that ends alike", method: "POST", path: "/other/graphql", headers: JSON_TYPE, body: BODY },
  { name: "to the address of health", method: "POST", path: "/readiness?of=/graphql", headers: JSON_TYPE, body: BODY },
  { name: "as a form", method: "POST", headers: FORM_TYPE, body: PARAMETER.slice(1) },
  { name: "in a batch", method: "POST", headers: JSON_TYPE, body: `[${BODY}]` },
  { name: "on a WebSocket", headers: SOCKET },
];

// Hive Router leaves a WebSocket that the registry rejects without a response.
const WAIT = 3_000;

// Text of the response; empty if there is none in time.
const exchanged = (url, { method = "GET", path = "/graphql", headers = {}, body }) =>
  new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { method, headers, timeout: WAIT }, async (response) => {
      const parts = [];
      for await (const part of response) parts.push(part);
      resolve(Buffer.concat(parts).toString());
    });
    sent.on("upgrade", (_, socket) => {
      socket.destroy();
      reject(new Error("a WebSocket is opened"));
    });
    sent.on("timeout", () => {
      sent.destroy();
      resolve("");
    });
    sent.on("error", reject);
    sent.end(body);
  });

export const bypass = async ({ gateway, beforePartner }, check) => {
  for (const way of WAYS) {
    await check(`a document that is sent ${way.name} is not executed`, async () => {
      beforePartner.asked = [];
      assert.doesNotMatch(await exchanged(gateway.url, way), /"trendingVideos"/);
      assert.deepEqual(beforePartner.asked, []);
    });
  }
};
