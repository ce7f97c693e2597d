"""Overload for one minute in all: goodput, and how fast the other requests are rejected."""

import http.client
import json
import os
import pathlib
import subprocess
import tempfile
import threading
import time

from row import Row
from server import Server

# On a shared machine the capacity varies: it is measured before and after each flood.
ROUNDS = 3
SECONDS = 20
REQUESTS = 256


def query(number):
    """An expensive query of some milliseconds, different for each number."""
    lists = "".join(
        f"l{index}: pages(first: 100, filter: {{ registeredOn: {{ from: \"20{number % 5 + 20}-0{(number + index) % 9 + 1}-01\", to: \"2026-11-01\" }} }}) "
        "{ nodes { title url owner { name territory { name } parent { name } } } } "
        for index in range(8)
    )
    return f"{{ {lists} }}"


def wrk(port, connections, seconds, pause=0):
    """Responses by status, and the rate; the client has its own processor, and each connection pauses about this long before a request."""
    script = pathlib.Path(__file__).with_name("overload.lua")
    with tempfile.NamedTemporaryFile("w", suffix=".bodies") as file:
        file.write("\n".join(json.dumps({"query": query(number)}) for number in range(45)) + "\n")
        file.flush()
        command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", script,
                   f"http://127.0.0.1:{port}/public/graphql"]
        printed = subprocess.run(command, env=os.environ | {"BODIES": file.name, "PAUSE": str(pause)}, check=True, capture_output=True, text=True).stdout
    return json.loads(printed.strip().splitlines()[-1])


class Probes:
    """Clients beside the flood, each with its own connection: how fast they are rejected."""

    def __init__(self, port, many=4):
        self.port, self.sheds, self.stopped = port, [], False
        self.threads = [threading.Thread(target=self.run) for _ in range(many)]
        for thread in self.threads:
            thread.start()

    def run(self):
        # On the client's processor, so that their own work does not wait for the server.
        os.sched_setaffinity(0, {1})
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = json.dumps({"query": query(1)})
        while not self.stopped:
            begun = time.perf_counter()
            connection.request("POST", "/public/graphql", body, {"content-type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 503:
                self.sheds.append((time.perf_counter() - begun) * 1e3)
            time.sleep(0.02)
        connection.close()

    def stop(self):
        self.stopped = True
        for thread in self.threads:
            thread.join()
        return sorted(self.sheds)


def flood(server, best):
    """Ten times the capacity. One of ten requests is admitted, and waits for all that were admitted before it."""
    pause = (10 * REQUESTS / (10 * best) - REQUESTS / best / 10) * 1e3
    probes = Probes(server.port)
    result = wrk(server.port, 10 * REQUESTS, SECONDS, int(0.98 * pause))
    return result, probes.stop()


def rate(result, answers="well"):
    """Responses per second."""
    return result[answers] / result["seconds"]


def recovery(server, usual):
    """Seconds until half of the last ten responses take at most twice the usual time."""
    ended, after = time.perf_counter(), []
    while time.perf_counter() < ended + 10:
        after.append(server.ask(query(0)).milliseconds)
        if len(after) >= 10 and sorted(after[-10:])[5] <= 2 * usual:
            break
    return time.perf_counter() - ended


def overload(options):
    """Row 18."""
    row = Row("18 ten times over capacity, 3 x 20 s", "goodput >= 80 % of peak; 99 % of the others rejected <= 5 ms; usual times <= 2 s after")
    server = Server(
        options.binary, options.folder, options.memory_mb, CACHE_MEMORY="0", MAX_CONNECTIONS="8000", MAX_REQUESTS=str(REQUESTS),
        LIMITS_PUBLIC="cost=10000,points=1000000000000,per_second=1000000000", processors="0",
    )
    wrk(server.port, 32, 2)
    full = wrk(server.port, REQUESTS, 10)
    usual = sorted(server.ask(query(0)).milliseconds for _ in range(100))[50]
    peaks, floods, sheds, back = [rate(wrk(server.port, 32, 8))], [], [], 0
    for _ in range(ROUNDS):
        result, rejected = flood(server, peaks[-1])
        floods.append(result)
        sheds.extend(rejected)
        back = max(back, recovery(server, usual))
        peaks.append(rate(wrk(server.port, 32, 8)))
    sheds.sort()
    # Each flood is compared with the capacity right before and after it.
    shares = [2 * rate(result) / (before + after) for result, before, after in zip(floods, peaks, peaks[1:])]
    share = sum(shares) / ROUNDS
    goodput, shed = (sum(rate(result, answers) for result in floods) / ROUNDS for answers in ("well", "shed"))
    offered = (goodput + shed) / (sum(peaks[:-1]) / ROUNDS)
    row.note(f"at most {', '.join(f'{peak:,.0f}' for peak in peaks)}/s alone; offered {goodput + shed:,.0f}/s ({offered:.1f} times)", offered >= 9.5)
    row.note(f"answered {goodput:,.0f}/s ({', '.join(f'{share:.0%}' for share in shares)}; {share:.0%} of peak)", share >= 0.8)
    p99 = sheds[len(sheds) * 99 // 100] if sheds else 0
    row.note(f"rejected after p50 {sheds[len(sheds) // 2] if sheds else 0:.1f}, p99 {p99:.1f} ms ({len(sheds)} sampled)", len(sheds) >= 100 and p99 <= 5)
    slowest = max(result["p99"] for result in floods)
    row.note(f"p99 {slowest:.0f} ms with rejected requests; {full['p99']:.0f} with {REQUESTS} concurrent", slowest <= 2 * full["p99"])
    row.note(f"usual times {back:.1f} s after", back <= 2)
    others = sum(result["others"] for result in floods)
    row.note(f"{others} other responses", others == 0)
    server.stop()
    yield row
