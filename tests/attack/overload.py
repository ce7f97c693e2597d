"""Many times more requests than can be answered, for a minute in all: what is answered, how soon the others are sent away."""

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

# A machine that others use as well is not as fast at all times: what it can is measured before and after each flood.
ROUNDS = 3
SECONDS = 20
REQUESTS = 256


def query(number):
    """A dear one, of some milliseconds, and another one for each number."""
    lists = "".join(
        f"l{place}: pages(first: 100, filter: {{ registeredOn: {{ from: \"20{number % 5 + 20}-0{(number + place) % 9 + 1}-01\", to: \"2026-11-01\" }} }}) "
        "{ nodes { title url owner { name territory { name } parent { name } } } } "
        for place in range(8)
    )
    return f"{{ {lists} }}"


def wrk(port, connections, seconds, pause=0):
    """Answers by status, and the rate; the client has a processor of its own, and each connection pauses for about as long before it asks."""
    script = pathlib.Path(__file__).with_name("overload.lua")
    with tempfile.NamedTemporaryFile("w", suffix=".bodies") as file:
        file.write("\n".join(json.dumps({"query": query(number)}) for number in range(45)) + "\n")
        file.flush()
        command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", script,
                   f"http://127.0.0.1:{port}/public/graphql"]
        printed = subprocess.run(command, env=os.environ | {"BODIES": file.name, "PAUSE": str(pause)}, check=True, capture_output=True, text=True).stdout
    return json.loads(printed.strip().splitlines()[-1])


class Probes:
    """Askers beside the flood, each with a connection of its own: how soon they are sent away."""

    def __init__(self, port, many=4):
        self.port, self.sheds, self.stopped = port, [], False
        self.threads = [threading.Thread(target=self.run) for _ in range(many)]
        for thread in self.threads:
            thread.start()

    def run(self):
        # On the processor of the client, so that none of their own work waits for the server.
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
    """Ten times as much as can be answered. Of ten requests one is let in, and waits for all who were let in before it."""
    pause = (10 * REQUESTS / (10 * best) - REQUESTS / best / 10) * 1e3
    probes = Probes(server.port)
    told = wrk(server.port, 10 * REQUESTS, SECONDS, int(0.98 * pause))
    return told, probes.stop()


def rate(told, answers="well"):
    """Answers a second."""
    return told[answers] / told["seconds"]


def recovery(server, usual):
    """Seconds until half of the last ten answers take no longer than twice as long as usual."""
    ended, after = time.perf_counter(), []
    while time.perf_counter() < ended + 10:
        after.append(server.ask(query(0)).milliseconds)
        if len(after) >= 10 and sorted(after[-10:])[5] <= 2 * usual:
            break
    return time.perf_counter() - ended


def overload(options):
    """Row 18."""
    row = Row("18 ten times over capacity, 3 x 20 s", "goodput >= 80 % of peak; 99 % of the others sent away <= 5 ms; usual again <= 2 s after")
    server = Server(
        options.binary, options.folder, options.memory_mb, CACHE_MEMORY="0", MAX_CONNECTIONS="8000", MAX_REQUESTS=str(REQUESTS),
        LIMITS_PUBLIC="cost=10000,points=1000000000000,per_second=1000000000", processors="0",
    )
    wrk(server.port, 32, 2)
    full = wrk(server.port, REQUESTS, 10)
    usual = sorted(server.ask(query(0)).milliseconds for _ in range(100))[50]
    peaks, floods, sheds, back = [rate(wrk(server.port, 32, 8))], [], [], 0
    for _ in range(ROUNDS):
        told, sent_away = flood(server, peaks[-1])
        floods.append(told)
        sheds.extend(sent_away)
        back = max(back, recovery(server, usual))
        peaks.append(rate(wrk(server.port, 32, 8)))
    sheds.sort()
    # Each flood beside what the machine could do right before and after it.
    shares = [2 * rate(told) / (before + after) for told, before, after in zip(floods, peaks, peaks[1:])]
    share = sum(shares) / ROUNDS
    goodput, shed = (sum(rate(told, answers) for told in floods) / ROUNDS for answers in ("well", "shed"))
    offered = (goodput + shed) / (sum(peaks[:-1]) / ROUNDS)
    row.note(f"at most {', '.join(f'{peak:,.0f}' for peak in peaks)}/s alone; offered {goodput + shed:,.0f}/s ({offered:.1f} times)", offered >= 9.5)
    row.note(f"answered {goodput:,.0f}/s ({', '.join(f'{share:.0%}' for share in shares)}; {share:.0%} of peak)", share >= 0.8)
    p99 = sheds[len(sheds) * 99 // 100] if sheds else 0
    row.note(f"sent away after p50 {sheds[len(sheds) // 2] if sheds else 0:.1f}, p99 {p99:.1f} ms ({len(sheds)} asked)", len(sheds) >= 100 and p99 <= 5)
    slowest = max(told["p99"] for told in floods)
    row.note(f"p99 {slowest:.0f} ms with those sent away; {full['p99']:.0f} with {REQUESTS} at once", slowest <= 2 * full["p99"])
    row.note(f"usual again {back:.1f} s after", back <= 2)
    others = sum(told["others"] for told in floods)
    row.note(f"{others} other answers", others == 0)
    server.stop()
    yield row
