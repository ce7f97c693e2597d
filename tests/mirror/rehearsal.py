"""Writes to a registry while a mirror follows it, and both are interrupted; compares them at the end.

Called by `tests/mirror/run`, which sets everything up.
"""

import argparse
import collections
import csv
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "attack"))
from server import Server  # noqa: E402

MIRROR = pathlib.Path(__file__).parent.parent.parent / "examples" / "mirror" / "mirror.py"
# Pages and organizations of one round.
PAGES, ORGANIZATIONS = 600, 400
PAGES_MAP = """[organization]
code = "owner"
name = "name"
if_missing = "refuse"
[[pages]]
url = "url"
native_id = "id"
title = "title"
"""
ORGANIZATIONS_MAP = """[organization]
code = "code"
name = "name"
kind = "kind"
"""


class Rehearsal:
    def __init__(self, options):
        self.options, self.folder = options, pathlib.Path(options.folder)
        self.server = Server(options.binary, options.folder, 4096, DATABASE_URL=options.registry)
        self.pages = self.listed("pages", 'filter: { platforms: ["vk"], lifecycles: [REGISTERED] }', "nativeId owner { code }")
        self.organizations = self.listed("institutions", "filter: { statuses: [ACTIVE] }", "code name")
        self.calls = collections.Counter()

    def listed(self, name, condition, fields):
        query = f"query($a: String) {{ l: {name}(first: 100, after: $a, {condition}) {{ nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        nodes, after = [], None
        while True:
            answer = json.loads(self.server.ask(query, {"a": after}, "/graphql", self.server.key).body)["data"]["l"]
            nodes, after = nodes + answer["nodes"], answer["pageInfo"]["endCursor"]
            if not answer["pageInfo"]["hasNextPage"]:
                return nodes

    def seq(self):
        return int(self.server.ask("{ registryDigest { seq } }", None, "/graphql", self.server.key).headers["registry-seq"])

    def mirror(self, *arguments):
        command = [sys.executable, MIRROR, "--url", f"http://127.0.0.1:{self.server.port}", "--database", self.options.mirror]
        environment = os.environ | {"REGISTRY_KEY": self.server.key}
        return subprocess.Popen([*command, *arguments], env=environment, stdout=subprocess.PIPE, text=True)

    def end(self, mirror):
        """Waits for a mirror to end; adds its calls, and returns whether it is equal."""
        result = json.loads(mirror.communicate()[0])
        self.calls.update(result["calls"])
        return result["equal"]

    def is_refused(self, key, *arguments):
        """Whether a mirror that the registry refuses ends with one line and status 2."""
        command = [sys.executable, MIRROR, "--url", f"http://127.0.0.1:{self.server.port}", "--once"]
        command += ["--database", f"sqlite:{self.folder / 'refused.sqlite'}", *arguments]
        ended = subprocess.run(command, env=os.environ | {"REGISTRY_KEY": key}, capture_output=True, text=True)
        print(ended.stderr, end="")
        return ended.returncode == 2 and len(ended.stderr.splitlines()) == 1

    def import_rows(self, kind, mapping, rows):
        file, map_file = self.folder / f"{kind}.csv", self.folder / f"{kind}.toml"
        map_file.write_text(mapping)
        with file.open("w", newline="") as out:
            writer = csv.DictWriter(out, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        command = [self.options.binary, "import", file, "--kind", kind, "--mapping", map_file, "--source", "synthetic"]
        subprocess.run(command, env=self.server.environment, cwd=self.folder, check=True, stdout=subprocess.DEVNULL)

    def write(self, number):
        """Changes kinds and names of organizations, then owners, handles and titles of pages."""
        rows = [
            {"code": it["code"], "name": f"{it['name']} {number}", "kind": random.choice(["AUTHORITY", "INSTITUTION"])}
            for it in random.sample(self.organizations, min(ORGANIZATIONS, len(self.organizations)))
        ]
        self.import_rows("organizations", ORGANIZATIONS_MAP, rows)
        rows = []
        for page in random.sample([it for it in self.pages if it["nativeId"]], PAGES):
            owner = random.choice(self.organizations) if random.random() < 0.3 else page["owner"]
            handle = f"round_{number}_{page['nativeId']}"
            row = {"id": page["nativeId"], "owner": owner["code"], "name": "", "url": f"https://vk.com/{handle}", "title": f"Page {number}"}
            rows.append(row)
        self.import_rows("pages", PAGES_MAP, rows)

    def interrupt(self, follower):
        """Stops the mirror and the server, and starts both again."""
        follower.send_signal(signal.SIGINT)
        self.end(follower)
        self.server.stop()
        follower = self.mirror("--every", "0.2")
        time.sleep(1)
        self.server.process = subprocess.Popen([self.options.binary, "serve"], env=self.server.environment, stderr=subprocess.DEVNULL)
        return follower

    def run(self):
        if not self.is_refused("reg_wrong") or not self.is_refused(self.server.key, "--platform", "nowhere"):
            print("a mirror that is refused does not say so")
            return False
        begun = time.monotonic()
        self.end(self.mirror("--once"))
        copied, start = dict(self.calls), self.seq()
        print(f"copy: {time.monotonic() - begun:.1f} s, calls {copied}")
        follower, number = self.mirror("--every", "0.2"), 0
        while self.seq() - start < self.options.changes:
            number += 1
            self.write(number)
            if number % 3 == 0:
                follower = self.interrupt(follower)
                while not self.answers():
                    time.sleep(0.1)
        follower.send_signal(signal.SIGINT)
        self.end(follower)
        is_equal = self.end(self.mirror("--once"))
        print(f"{self.seq() - start} changes in {number} rounds: the mirror is {'equal' if is_equal else 'DIFFERENT'}")
        print(f"calls in all: {dict(self.calls)}")
        self.server.stop()
        return is_equal

    def answers(self):
        try:
            return self.server.request("GET", "/readyz").status == 200
        except OSError:
            return False


def main():
    options = argparse.ArgumentParser(description=__doc__)
    for name in ("binary", "folder", "registry", "mirror"):
        options.add_argument(f"--{name}", required=True)
    options.add_argument("--changes", type=int, default=10_000)
    sys.exit(not Rehearsal(options.parse_args()).run())


if __name__ == "__main__":
    main()
