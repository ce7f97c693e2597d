// Stands before a subgraph: passes requests on and keeps their headers, or behaves as a broken partner does.
import { once } from "node:events";
import { createServer } from "node:http";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";

// No client may ever see this text.
export const INTERNAL = "internal text of the partner";
// Documents that are remembered.
const KEPT = 20;
const JSON_TYPE = { "content-type": "application/json" };

const end = (response, status, text, headers = JSON_TYPE) => response.writeHead(status, headers).end(text);

const withoutTitles = (value) => {
  if (Array.isArray(value)) return value.map(withoutTitles);
  if (value === null || typeof value !== "object") return value;
  const fields = Object.entries(value).map(([name, field]) => [name, name === "title" ? null : withoutTitles(field)]);
  return Object.fromEntries(fields);
};

const BOMB = gzipSync(`{"data":{"title":"${"a".repeat(64 << 20)}"}}`);

// Two gigabytes.
function* long() {
  const part = "a".repeat(1 << 16);
  yield '{"data":{"title":"';
  for (let sent = 0; sent < 1 << 15; sent += 1) yield part;
  yield '"}}';
}

const MODES = {
  good: (_, response, pass) => pass().then((text) => end(response, 200, text)),
  slow: async (_, response, pass) => {
    await sleep(1_000);
    end(response, 200, await pass());
  },
  "status 500": (_, response) => end(response, 500, JSON.stringify({ errors: [{ message: INTERNAL }] })),
  "an error": (_, response) => end(response, 200, JSON.stringify({ data: null, errors: [{ message: INTERNAL, extensions: { trace: INTERNAL } }] })),
  garbage: (_, response) => end(response, 200, `<html>${INTERNAL}`),
  reset: (request) => request.socket.resetAndDestroy(),
  "takes three seconds": async (_, response, pass) => {
    await sleep(3_000);
    end(response, 200, await pass());
  },
  hanging: () => undefined,
  dripping: async (_, response) => {
    response.writeHead(200, JSON_TYPE);
    for (let sent = 0; sent < 100 && !response.closed; sent += 1) {
      response.write(" ");
      await sleep(200);
    }
    response.end();
  },
  "2 GB": (_, response) => pipeline(long(), response.writeHead(200, JSON_TYPE)),
  "2 GB, announced": (_, response) =>
    pipeline(long(), response.writeHead(200, { ...JSON_TYPE, "content-length": 2 ** 31 })),
  "64 MB in 64 KB": (_, response) => end(response, 200, BOMB, { ...JSON_TYPE, "content-encoding": "gzip" }),
  "null in place of a value": async (_, response, pass) => end(response, 200, JSON.stringify(withoutTitles(JSON.parse(await pass())))),
};

export const FAULTS = [...Object.keys(MODES).filter((mode) => !["good", "slow"].includes(mode)), "down"];

export class Middle {
  mode = "good";
  // Headers of the last request.
  seen = {};
  // Documents of the last requests.
  asked = [];
  #sockets = new Set();
  #last;

  static async before(target) {
    const middle = new Middle();
    middle.target = target;
    middle.server = createServer((request, response) => middle.#answer(request, response).catch(() => response.destroy()));
    middle.server.on("connection", (socket) => {
      middle.#sockets.add(socket.on("close", () => middle.#sockets.delete(socket)));
    });
    await middle.#listen(0);
    return middle;
  }

  async #listen(port) {
    this.server.listen(port, "127.0.0.1");
    await once(this.server, "listening");
    this.port = this.server.address().port;
  }

  async become(mode) {
    const wasDown = this.mode === "down";
    this.mode = mode;
    if (wasDown) await this.#listen(this.port);
    if (mode === "down") await this.close();
  }

  // Bytes of the last response that were taken.
  get taken() {
    return this.#last.socket.bytesWritten - this.#last.before;
  }

  close() {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.#sockets.forEach((socket) => socket.destroy());
    return closed;
  }

  async #answer(request, response) {
    if (request.method === "GET") return void response.end("live");
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts);
    this.seen = request.headers;
    this.asked = [...this.asked.slice(1 - KEPT), JSON.parse(body).query];
    this.#last = { socket: request.socket, before: request.socket.bytesWritten };
    const passed = ["content-type", "authorization", "x-registry-authorization", "x-forwarded-for"];
    const headers = Object.fromEntries(passed.flatMap((name) => (request.headers[name] ? [[name, request.headers[name]]] : [])));
    const pass = () => fetch(this.target, { method: "POST", headers, body }).then((answer) => answer.text());
    await MODES[this.mode](request, response, pass);
  }
}
