"""Two replicas: how fast writes of one are visible on the other; and equal concurrent queries."""

import asyncio
import datetime
import http.client
import json
import socket
import threading
import time

from row import Row
from server import Server
from shared import UNLIMITED, Redis, wait_for
from uploads import trickle

SUBMIT = "mutation($rows: [StatisticsRowInput!]!) { statisticsSubmit(input: { rows: $rows }) { seq results { status } } }"
LATEST = "query($id: ID!) { node(id: $id) { ... on Page { statistics { latest { subscribers } } } } }"


class Client:
    """One persistent connection."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        self.headers = {"content-type": "application/json", "authorization": f"Bearer {server.key}"}

    def ask(self, query, variables):
        self.connection.request("POST", "/graphql", json.dumps({"query": query, "variables": variables}), self.headers)
        answer = json.loads(self.connection.getresponse().read())
        if answer.get("errors"):
            raise SystemExit(answer["errors"][0])
        return answer["data"]


def staleness(options):
    """Row 48."""
    for name, expected, writes, with_redis in [
        ("48 two replicas, Postgres and Redis: 1,000 writes on one, read on the other", "seen <= 1 s", 1_000, True),
        ("48 the same without Redis: 200 writes", "seen <= 30 s", 200, False),
    ]:
        row = Row(name, expected)
        redis = Redis(options.folder)
        settings = {"LIMITS_PARTNER": UNLIMITED} | ({"REDIS_URL": redis.url()} if with_redis else {})
        settings |= {"DATABASE_URL": options.postgres} if options.postgres else {}
        one, other = (Server(options.binary, options.folder, options.memory_mb, **settings) for _ in range(2))
        writer, reader = Client(one), Client(other)
        page = writer.ask("{ pages(first: 1) { nodes { id } } }", {})["pages"]["nodes"][0]["id"]
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        times, asked, stale = [], 0, 0
        start = int(time.time()) % 1_000_000 + 1
        for number in range(writes):
            row_of = {"page": {"id": page}, "day": today, "subscribers": start + number}
            writer.ask(SUBMIT, {"rows": [row_of]})
            written = time.perf_counter()
            while True:
                asked += 1
                seen = reader.ask(LATEST, {"id": page})["node"]["statistics"]["latest"]["subscribers"]
                if seen == start + number:
                    break
                stale += 1
                if time.perf_counter() - written > 30:
                    raise SystemExit("the write is never visible")
            times.append((time.perf_counter() - written) * 1e3)
        times.sort()
        percentile = lambda share: times[min(len(times) - 1, int(len(times) * share))]
        row.note(f"seen after p50 {percentile(0.5):.1f}, p90 {percentile(0.9):.1f}, p99 {percentile(0.99):.1f}, longest {times[-1]:.1f} ms", times[-1] <= (1_000 if with_redis else 30_000), times[-1])
        row.note(f"{stale} of {asked} reads were older than the write", True)
        for server in (one, other):
            server.stop()
        redis.kill()
        yield row


HARD = "{ pages(first: 100, orderBy: { field: SUBSCRIBERS, direction: DESC }) { nodes { title owner { name } statistics { latest { subscribers } lastDay { from } } } } }"


def lag(options):
    """Row 68: how far a replica lags behind the other under load and slow downloads."""
    row = Row("68 two replicas, 16 fast readers and 4 slow downloads each: 100 writes on one", "on the other <= 1 s after, both ready, no lag reported")
    settings = {"LIMITS_PARTNER": UNLIMITED, "LIMITS_PUBLIC": UNLIMITED, "CACHE_MEMORY": "0", "DATABASE_URL": options.postgres}
    servers = one, other = [Server(options.binary, options.folder, options.memory_mb, **settings) for _ in range(2)]
    stop = threading.Event()

    def ask(server):
        while not stop.is_set():
            server.ask(HARD)

    streams = [socket.create_connection(("127.0.0.1", server.port), timeout=10) for server in servers for _ in range(4)]
    for stream in streams:
        stream.sendall(b"GET /export/statistics.csv?from=2026-01-01&to=2026-12-31 HTTP/1.1\r\nhost: a\r\n\r\n")
    readers = [threading.Thread(target=ask, args=(server,), daemon=True) for server in servers for _ in range(16)]
    readers += [threading.Thread(target=trickle, args=(stream, stop), daemon=True) for stream in streams]
    for reader in readers:
        reader.start()
    writer, times, lagging = Client(one), [], 0
    page = writer.ask("{ pages(first: 1) { nodes { id } } }", {})["pages"]["nodes"][0]["id"]
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    for number in range(100):
        payload = writer.ask(SUBMIT, {"rows": [{"page": {"id": page}, "day": today, "views": time.time_ns() % 1_000_000_000}]})
        written, seq = time.perf_counter(), payload["statisticsSubmit"]["seq"]
        lagging += any(server.request("GET", "/readyz").status != 200 for server in servers)
        while True:
            answer = other.ask("{ __typename }")
            lagging += "registry-lag" in answer.headers
            if int(answer.headers["registry-seq"]) >= seq or time.perf_counter() - written > 30:
                break
        times.append((time.perf_counter() - written) * 1e3)
    stop.set()
    for reader in readers:
        reader.join(30)
    for stream in streams:
        stream.close()
    for server in servers:
        server.stop()
    times.sort()
    row.note(f"seen after p50 {times[50]:.0f}, p99 {times[98]:.0f}, longest {times[99]:.0f} ms", times[99] <= 1_000, times[99])
    row.note(f"{lagging} responses reported lag, or were not ready", lagging == 0)
    yield row


async def at_once(port, body, count):
    head = f"POST /public/graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()
    connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]

    async def one(reader, writer):
        writer.write(head)
        return await reader.read()

    return await asyncio.gather(*(one(*connection) for connection in connections))


def stampede(options):
    """Row 54."""
    row = Row("54 1,000 equal concurrent queries, 300 clients disconnect", "executed once; the others are answered")
    server = Server(options.binary, options.folder, options.memory_mb, LIMITS_PUBLIC=UNLIMITED)
    executed = lambda: json.loads(server.request("GET", "/readyz").body)["responseCache"]["misses"]
    before = executed()
    body = json.dumps({"query": "{ pages(first: 100) { nodes { statistics { lastDay { subscribers views } } } } }"})
    for _ in range(300):
        ask_and_leave(server.port, body)
    answers = asyncio.run(at_once(server.port, body, 1_000))
    well = sum(answer.startswith(b"HTTP/1.1 200") for answer in answers)
    different = len({answer.split(b"\r\n\r\n", 1)[1] for answer in answers})
    row.note(f"{well} answered, {different} different responses, executed {executed() - before} times", (well, different, executed() - before) == (1_000, 1, 1))
    server.stop()
    yield row


def ask_and_leave(port, body):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("POST", "/public/graphql", body, {"content-type": "application/json"})
    connection.close()
