"""Measures processor time per point of cost, query by query, and prints a table.

Called by `bench/calibrate`, which sets everything up. Each query is sent with new values each time, sequentially and
without response cache; time is that of the server and of the database's processes.
"""

import argparse
import http.client
import json
import os
import pathlib
import random
import subprocess
import sys
import time

import measure
import calibration

PORT = 9380
# Long enough that the resolution of the clock does not matter.
SECONDS = 1.5


class Registry:
    """The server, with a key that has all read scopes."""

    def __init__(self, binary, database):
        environment = os.environ | {"DATABASE_URL": database, "LOG": "error"}
        name = f"calibrate-{os.getpid()}"
        create = [binary, "keys", "create", "--name", name, "--scope", "read", "--scope", "internal", "--scope", "ratings"]
        self.key = subprocess.run(create, env=environment, check=True, capture_output=True, text=True).stdout.split()[0]
        command = [binary, "serve", "--listen", f"127.0.0.1:{PORT}", "--cache-memory", "0"]
        self.process = subprocess.Popen(command, env=environment)
        self.connection = None
        self.wait()

    def wait(self):
        for _ in range(600):
            try:
                answer = self.ask('{ search(text: "a", first: 1) { totalCount } }')
                if "errors" not in answer:
                    return
            except OSError:
                self.connection = None
            time.sleep(0.2)
        raise SystemExit("the registry does not respond")

    def ask(self, query, variables=None):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        body = json.dumps({"query": query, "variables": variables or {}})
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.key}"}
        self.connection.request("POST", "/graphql", body, headers)
        return json.loads(self.connection.getresponse().read())


def postmaster(database):
    sql = "SHOW data_directory"
    folder = subprocess.run(["psql", "-qtAX", database, "-c", sql], check=True, capture_output=True, text=True).stdout.strip()
    return int((pathlib.Path(folder) / "postmaster.pid").read_text().split()[0])


def cost(registry, database, query, values):
    """Processor milliseconds per point of server and database, points per request, and requests; or the error."""
    first = registry.ask(query, values())
    if "errors" in first:
        return first["errors"][0]["message"]
    before = measure.seconds_of(registry.process.pid), measure.database_seconds(database)
    points, requests, end = 0, 0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        answer = registry.ask(query, values())
        points += answer.get("extensions", {}).get("cost", {}).get("actual", 1)
        requests += 1
    ours, theirs = measure.seconds_of(registry.process.pid) - before[0], measure.database_seconds(database) - before[1]
    return 1_000 * ours / points, 1_000 * theirs / points, points / requests, requests


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--binary", required=True)
    arguments.add_argument("--database", required=True)
    arguments.add_argument("--most", type=float, default=0.5)
    arguments.add_argument("--only", default="")
    given = arguments.parse_args()
    random.seed(7)
    registry = Registry(given.binary, given.database)
    database = postmaster(given.database)
    expensive, wrong = [], []
    print(f"{'query':30} {'points':>8} {'ms':>9} {'server/pt':>9} {'db/pt':>9} {'ms/pt':>9}")
    try:
        for name, query, values in calibration.questions(calibration.values_of(registry)):
            if given.only and given.only not in name:
                continue
            found = cost(registry, database, query, values)
            if isinstance(found, str):
                wrong.append(f"{name}: {found}")
                continue
            ours, theirs, points, _ = found
            total = ours + theirs
            mark = " !" if total > given.most else ""
            print(f"{name:30} {points:8.1f} {total * points:9.3f} {ours:9.3f} {theirs:9.3f} {total:9.3f}{mark}", flush=True)
            expensive += [name] if mark else []
    finally:
        registry.process.terminate()
        registry.process.wait()
    for line in wrong:
        print("not measured:", line)
    print(f"above {given.most} ms per point: {', '.join(expensive) or 'none'}")
    sys.exit(1 if expensive or wrong else 0)


if __name__ == "__main__":
    main()
