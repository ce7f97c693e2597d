// Queries across both subgraphs, and the same answers put together by asking each side.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export const document = (name) => readFileSync(new URL(`../../deploy/gateway/queries/${name}.graphql`, import.meta.url), "utf8");
export const hash = (text) => createHash("sha256").update(text).digest("hex");

export const REGION = document("1-region");
export const TRENDING = document("2-trending");
// Without the fields of the partner, and with the key by which it is asked.
const OF_REGISTRY = REGION.replace(/channel \{[^}]*\}\s*\}/, "nativeId");
const OF_PARTNER = "query($id: ID!) { channel(nativeId: $id) { subscribers videos(first: 2) { title views } } }";
const VIDEOS = "{ trendingVideos(first: 10) { title views channel { title nativeId } } }";
const ACCOUNTS = `query($keys: [_Any!]!) { _entities(representations: $keys) {
  ... on PlatformAccount { verdict page { title owner { name } } } } }`;

// Both parts in one request: what is left of it while the partner fails is WITHOUT_PARTNER.
export const BOTH = `query($code: String!) {
  territory(code: $code) { name authorities(filter: { platforms: ["rutube"] }, first: 5) { nodes {
    name pages(filter: { platforms: ["rutube"] }, first: 3) { nodes { title channel { title } } } } } }
  trendingVideos(first: 3) { title } }`;
const WITHOUT_PARTNER = BOTH.replace("channel { title }", "").replace("trendingVideos(first: 3) { title }", "");

// Address of the client, as the edge sets it.
const ADDRESS = "192.0.2.1";

// Sends a text.
export const send = async (url, body, headers = {}) => {
  const begun = performance.now();
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-forwarded-for": ADDRESS, ...headers },
    body,
    signal: AbortSignal.timeout(20_000),
  });
  const text = await response.text();
  const milliseconds = performance.now() - begun;
  return { status: response.status, headers: response.headers, text, milliseconds, json: () => JSON.parse(text) };
};

export const post = (url, body, headers) => send(url, JSON.stringify(body), headers);

// Data of a response without errors.
export const data = async (url, query, variables = {}, headers = {}) => {
  const { text, json } = await post(url, { query, variables }, headers);
  const answer = json();
  if (answer.errors || !answer.data) throw new Error(`${url}: ${text.slice(0, 1000)}`);
  return answer.data;
};

// Replaces the key of each page by what `channel` gives for it.
const withChannels = async (value, channel) => {
  if (Array.isArray(value)) return Promise.all(value.map((item) => withChannels(item, channel)));
  if (value === null || typeof value !== "object") return value;
  const { nativeId, ...fields } = value;
  for (const name of Object.keys(fields)) fields[name] = await withChannels(fields[name], channel);
  return nativeId === undefined ? fields : { ...fields, channel: await channel(nativeId) };
};

export const sides = ({ publicUrl, subgraphUrl, partnerUrl, secret }) => ({
  region: async (code) => {
    const channel = async (id) => (await data(partnerUrl, OF_PARTNER, { id })).channel;
    return withChannels(await data(publicUrl, OF_REGISTRY, { code }), channel);
  },
  trending: async () => {
    const { trendingVideos } = await data(partnerUrl, VIDEOS);
    const keys = trendingVideos.map(({ channel: { nativeId } }) => ({ __typename: "PlatformAccount", platformCode: "rutube", nativeId }));
    const accounts = (await data(subgraphUrl, ACCOUNTS, { keys }, { authorization: `Bearer ${secret}` }))._entities;
    const joined = trendingVideos.map(({ channel: { title }, ...video }, index) => ({ ...video, channel: { title, account: accounts[index] } }));
    return { trendingVideos: joined };
  },
  withoutPartner: async (code) => {
    const answer = await data(publicUrl, WITHOUT_PARTNER, { code });
    answer.territory.authorities.nodes.forEach(({ pages }) => pages.nodes.forEach((page) => (page.channel = null)));
    return { ...answer, trendingVideos: null };
  },
});
