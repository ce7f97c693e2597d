"""Compares cached responses with a static response of the same size. Called by `bench/cache`, which sets everything up."""

import argparse
import http.client
import json
import os
import pathlib
import statistics
import subprocess
import time
import urllib.request

from contenders import free_port
from measure import measured, over_http

# Short, medium and long responses; each query runs on several windows of the list.
# The first two are cheap: they are executed again instead of fetched from Redis.
QUESTIONS = {
    "a page": "query($n: Int!) { pages(first: 1, after: AFTER) { nodes { title handle nativeId lifecycle } totalCount } }",
    "20 pages with owners": "query($n: Int!) { pages(first: 20, after: AFTER) { nodes { title handle url owner { name code territory { name } } } } }",
    "100 pages with owners": "query($n: Int!) { pages(first: 100, after: AFTER) { nodes { title handle url owner { name code territory { name } } } } }",
    "30 pages with last figures": "query($n: Int!) { pages(first: 30, after: AFTER) { nodes { title url statistics { lastDay { subscribers views } } } } }",
}
KEYS = 8


class Process:
    """A program that ends with the measurement; it runs on its own processor."""

    def __init__(self, command, port, path, **environment):
        self.port = port
        command = ["taskset", "-c", "0", *command]
        self.process = subprocess.Popen(command, env=os.environ | environment, stdout=subprocess.DEVNULL)
        for _ in range(300):
            try:
                if path is None or self.get(path):
                    return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"{command[0]} is not ready")

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return answer.read()

    def url(self):
        return f"http://127.0.0.1:{self.port}/public/graphql"

    def stop(self):
        self.process.terminate()
        self.process.wait()


def registry(options, **environment):
    port = free_port()
    settings = {
        "DATABASE_URL": f"sqlite://{options.folder}/registry.sqlite",
        "LISTEN": f"127.0.0.1:{port}",
        "LOG": "warn",
        # One client sends all of the load.
        "LIMITS_PUBLIC": "points=1000000000000,per_second=1000000000",
    }
    return Process([options.binary, "serve"], port, "/readyz", **settings, **environment)


def ask(server, body):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("POST", "/public/graphql", body, {"content-type": "application/json"})
    answer = connection.getresponse()
    read = answer.read()
    if answer.status != 200 or b'"errors"' in read:
        raise SystemExit(f"{answer.status}: {read[:300]}")
    return read


def bodies(server, question):
    """One request for each of the windows of the list."""
    window = '{ "query": "query($after: String) { pages(first: %d, after: $after) { pageInfo { endCursor } } }", "variables": %s }'
    found, after = [], None
    for _ in range(KEYS):
        document = question.replace("query($n: Int!)", "query($after: String)").replace("AFTER", "$after")
        found.append(json.dumps({"query": document, "variables": {"after": after}}))
        read = json.loads(ask(server, window % (40, json.dumps({"after": after}))))
        after = read["data"]["pages"]["pageInfo"]["endCursor"]
    return found


def throughput(options, redis):
    print("| response | bytes | static req/s (p50, p99 ms) | cached in memory | ÷ static (min 0.85) | cached in Redis | ÷ static (min 0.5) | executed |")
    print("|---|---|---|---|---|---|---|---|")
    here = registry(options)
    shared = registry(options, CACHE_MEMORY="0", REDIS_URL=redis)
    uncached = registry(options, CACHE_MEMORY="0")
    for name, question in QUESTIONS.items():
        asked = bodies(here, question)
        size = statistics.median(len(ask(here, body)) for body in asked)
        answer = pathlib.Path(options.folder, "answer")
        answer.write_bytes(sorted((ask(here, body) for body in asked), key=len)[len(asked) // 2])
        fetched = lambda: json.loads(shared.get("/readyz"))["responseCache"]["redisHits"]
        for body in asked:
            ask(shared, body)
        time.sleep(0.2)
        before = fetched()
        ask(shared, asked[0])
        is_shared = fetched() > before
        port = free_port()
        static = Process([options.static, f"127.0.0.1:{port}", answer], port, "/x")
        servers = {"static": static, "here": here, "redis": shared, "uncached": uncached}
        runs = {kind: [] for kind in servers}
        for number in range(-1, options.rounds):
            order = list(servers.items())
            order = order[number % 4 :] + order[: number % 4]
            for kind, server in order:
                seconds = 1 if number < 0 else options.seconds
                send = lambda: over_http(server.url(), "none", asked, seconds)
                run = measured(send, server.process.pid, None)
                if number >= 0:
                    runs[kind].append(run)
        static.stop()
        middle = lambda kind, field: statistics.median(getattr(run, field) for run in runs[kind])
        cells = {kind: f"{middle(kind, 'per_second'):,.0f} ({middle(kind, 'p50'):.2f}, {middle(kind, 'p99'):.2f}; {middle(kind, 'server_cpu'):.0f} µs)" for kind in runs}
        ratio = lambda kind: statistics.median(run.per_second / other.per_second for run, other in zip(runs[kind], runs["static"]))
        through_redis = (cells["redis"], f"{ratio('redis'):.2f}") if is_shared else ("cheap: not shared", "")
        print(f"| {name} | {size:,.0f} | {cells['static']} | {cells['here']} | {ratio('here'):.2f} | {' | '.join(through_redis)} | {cells['uncached']} |", flush=True)
    print("\nResponses of the server with Redis:", json.loads(shared.get("/readyz"))["responseCache"])
    for server in (here, shared, uncached):
        server.stop()


def latencies(options, redis):
    """Sequential requests, each with other variables: the first time, and again."""
    print("\n| sequential requests | executed and cached, p50 / p99 ms | cache hit |\n|---|---|---|")
    for name, settings in {"cached in memory": {}, "cached in Redis only": {"CACHE_MEMORY": "0", "REDIS_URL": redis}}.items():
        server = registry(options, **settings)
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        times = [[], []]
        for turn in range(2):
            for number in range(500):
                query = f"{{ pages(first: 100, filter: {{ registeredOn: {{ from: \"2020-01-01\", to: \"20{number % 60 + 21}-0{number // 60 + 1}-01\" }} }}) {{ nodes {{ title owner {{ name }} }} }} }}"
                begun = time.perf_counter()
                connection.request("POST", "/public/graphql", json.dumps({"query": query}), {"content-type": "application/json"})
                connection.getresponse().read()
                times[turn].append((time.perf_counter() - begun) * 1e3)
        cells = [f"{statistics.median(turn):.2f} / {sorted(turn)[len(turn) * 99 // 100]:.2f}" for turn in times]
        print(f"| {name} | {cells[0]} | {cells[1]} |")
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("binary", "static", "folder"):
        parser.add_argument(f"--{name}", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", required=True, type=int)
    parser.add_argument("--seconds", required=True, type=int)
    options = parser.parse_args()
    # The client and Redis run on another processor than the server.
    os.sched_setaffinity(0, {1})
    port = free_port()
    redis = subprocess.Popen(["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", ""], stdout=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        throughput(options, f"redis://127.0.0.1:{port}")
        latencies(options, f"redis://127.0.0.1:{port}")
    finally:
        redis.terminate()


if __name__ == "__main__":
    main()
