"""Many times more requests than can be answered, for a minute: what is answered, how soon the others are sent away."""

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

SECONDS = 60
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
    row = Row("18 ten times over capacity for 60 s", "goodput >= 80 % of peak; 99 % of the others sent away <= 5 ms; usual again <= 2 s after")
    server = Server(
        options.binary, options.folder, options.memory_mb, CACHE_MEMORY="0", MAX_CONNECTIONS="8000", MAX_REQUESTS=str(REQUESTS),
        LIMITS_PUBLIC="cost=10000,points=1000000000000,per_second=1000000000", processors="0",
    )
    wrk(server.port, 32, 2)
    peak = wrk(server.port, 32, 10)
    full = wrk(server.port, REQUESTS, 10)
    usual = sorted(server.ask(query(0)).milliseconds for _ in range(100))[50]
    best = peak["well"] / peak["seconds"]
    told, sheds = flood(server, best)
    back = recovery(server, usual)
    # A machine that others use as well is not as fast at all times.
    after = wrk(server.port, 32, 10)
    both = (best + after["well"] / after["seconds"]) / 2
    goodput = told["well"] / told["seconds"]
    offered = (told["well"] + told["shed"]) / told["seconds"]
    row.note(f"at most {best:,.0f}/s alone before and {2 * both - best:,.0f} after; offered {offered:,.0f}/s ({offered / best:.1f} times)", offered >= 9.5 * best)
    row.note(f"answered {goodput:,.0f}/s ({goodput / both:.0%})", goodput >= 0.8 * both)
    p99 = sheds[len(sheds) * 99 // 100] if sheds else 0
    row.note(f"sent away after p50 {sheds[len(sheds) // 2] if sheds else 0:.1f}, p99 {p99:.1f} ms ({len(sheds)} asked)", len(sheds) >= 100 and p99 <= 5)
    row.note(f"p99 {told['p99']:.0f} ms with those sent away; {full['p99']:.0f} with {REQUESTS} at once", told["p99"] <= 2 * full["p99"])
    row.note(f"usual again {back:.1f} s after", back <= 2)
    row.note(f"{told['others']} other answers", told["others"] == 0)
    server.stop()
    yield row
