"""Many times more requests than can be answered, for a minute: what is answered, how soon the others are sent away."""

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
    """Answers by status, and the rate; the client has a processor of its own, and each connection pauses before it asks."""
    script = pathlib.Path(__file__).with_name("overload.lua")
    with tempfile.NamedTemporaryFile("w", suffix=".bodies") as file:
        file.write("\n".join(json.dumps({"query": query(number)}) for number in range(45)) + "\n")
        file.flush()
        command = ["taskset", "-c", "1", "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", script,
                   f"http://127.0.0.1:{port}/public/graphql"]
        printed = subprocess.run(command, env=os.environ | {"BODIES": file.name, "PAUSE": str(pause)}, check=True, capture_output=True, text=True).stdout
    return json.loads(printed.strip().splitlines()[-1])


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
    probe = lambda: server.ask(query(0)).milliseconds
    usual = sorted(probe() for _ in range(100))[50]
    best = peak["well"] / peak["seconds"]
    told, sheds = {}, []
    pause = int(10 * REQUESTS / (10 * best) * 1e3)
    flood = threading.Thread(target=lambda: told.update(wrk(server.port, 10 * REQUESTS, SECONDS, pause)))
    flood.start()
    while flood.is_alive():
        answer = server.ask(query(1))
        if answer.status == 503:
            sheds.append(answer.milliseconds)
        time.sleep(0.02)
    ended, after = time.perf_counter(), []
    while time.perf_counter() < ended + 10:
        after.append(probe())
        if sorted(after[-10:])[len(after[-10:]) // 2] <= 2 * usual and len(after) >= 10:
            break
    back = time.perf_counter() - ended
    goodput = told["well"] / told["seconds"]
    offered = (told["well"] + told["shed"]) / told["seconds"]
    row.note(f"at most {best:,.0f}/s alone; offered {offered:,.0f}/s ({offered / best:.1f} times)", offered >= 9.5 * best)
    row.note(f"answered {goodput:,.0f}/s ({goodput / best:.0%})", goodput >= 0.8 * best)
    sheds.sort()
    if sheds:
        row.note(f"sent away after p50 {sheds[len(sheds) // 2]:.1f}, p99 {sheds[len(sheds) * 99 // 100]:.1f} ms ({len(sheds)} asked)", sheds[len(sheds) * 99 // 100] <= 5)
    row.note(f"p99 {told['p99']:.0f} ms with those sent away; {full['p99']:.0f} with {REQUESTS} at once", True)
    row.note(f"usual again {back:.1f} s after", back <= 2)
    row.note(f"{told['others']} other answers", told["others"] == 0)
    server.stop()
    yield row
