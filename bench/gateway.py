"""Measures the engines of a gateway beside the registry and the partner, each asked alone.

Called by `bench/gateway`, which sets everything up.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
from dataclasses import dataclass

from contenders import WARM_UP
from gateway_queries import QUERIES, data, inputs
from gateway_report import tables
from measure import CONCURRENCY, over_http, tree_memory, tree_seconds

HERE = pathlib.Path(__file__).parent
SIDES = ("registry", "partner")


@dataclass
class Run:
    """What came of one load; times of answers in ms, processor time in ms a request by process."""

    per_second: float
    p50: float
    p99: float
    # p50 of requests that are sent one at a time.
    alone: float
    cpu: dict[str, float]


class Stage:
    """All programs, which run during the whole measurement."""

    def __init__(self, folder):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.process = subprocess.Popen(["node", HERE / "stage.mjs", folder], **pipes, text=True)
        line = self.process.stdout.readline()
        if not line:
            self.stop()
            raise SystemExit(f"not all programs have started; see {folder}")
        self.found = json.loads(line)
        self.shared = {name: self.found[name]["pid"] for name in (*SIDES, "guard")}

    def contenders(self):
        sides = [Contender(f"{side} alone", self.found[side]["url"], self.authorization(side), side) for side in SIDES]
        engines = self.found["engines"].items()
        return sides + [Contender(name, engine["url"], None, None, engine["pid"]) for name, engine in engines]

    def authorization(self, side):
        return self.found["authorization"] if side == "registry" else None

    def inputs(self):
        return inputs(self.found["lists"], self.found["partner"]["url"])

    def memory(self):
        engines = {name: engine["pid"] for name, engine in self.found["engines"].items()}
        return {name: tree_memory(pid) for name, pid in (self.shared | engines).items()}

    def stop(self):
        self.process.stdin.close()
        self.process.wait()


@dataclass(frozen=True)
class Contender:
    """A side that is asked alone, or an engine."""

    name: str
    url: str
    authorization: str | None
    side: str | None
    pid: int | None = None

    def part(self, query):
        """What it is asked of a query; None for a side that has no part in it."""
        return query.sides.get(self.side) if self.side else query.whole

    def answer(self, query, values):
        return data(self.url, self.authorization, self.part(query).body(values))

    def load(self, query, asked, seconds, shared):
        bodies = [self.part(query).body(values) for values in asked]
        send = lambda duration, **options: over_http(self.url, self.authorization, bodies, duration, **options)
        send(WARM_UP, checked=True)
        pids = {self.side: shared[self.side]} if self.side else shared | {"gateway": self.pid}
        before = {name: tree_seconds(pid) for name, pid in pids.items()}
        requests, length, p50, p99 = send(seconds)
        cpu = {name: (tree_seconds(pid) - before[name]) / requests * 1e3 for name, pid in pids.items()}
        _, _, alone, _ = send(seconds, concurrency=1)
        return Run(requests / length, p50, p99, alone, cpu)


def compare(contenders, query, asked, count):
    """Refuses to measure engines that do not answer a random sample as the sides do."""
    for values in random.sample(asked, min(count, len(asked))):
        answers = {one.side: one.answer(query, values) for one in contenders if one.side}
        expected = query.joined(**answers)
        for one in contenders:
            if not one.side and one.answer(query, values) != expected:
                found = one.answer(query, values)
                raise SystemExit(f"{one.name} answers otherwise to {values}:\n{found}\nThe sides:\n{expected}")


def measure(stage, asked, options):
    results = {}
    for name, query in QUERIES.items():
        contenders = [one for one in stage.contenders() if one.part(query)]
        compare(contenders, query, asked[name], options.compared)
        results[name] = {one.name: [] for one in contenders}
        # The first round counts for nothing: it is that of the compilers of Node.js.
        for number in range(-1, options.rounds):
            # Whoever is first in one round is last in another.
            shift = number % len(contenders)
            for one in contenders[shift:] + contenders[:shift]:
                run = one.load(query, asked[name], options.seconds, stage.shared)
                if number >= 0:
                    results[name][one.name].append(run)
            print(f"{name}: round {number + 1} of {options.rounds}", file=sys.stderr)
    return results


def conditions(options):
    """What the numbers depend on, for whoever reads them later."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cache = os.environ.get("CACHE_MEMORY", "0")
    few = " **Fewer than 5 rounds: these numbers mean little.**" if options.rounds < 5 else ""
    return "\n".join([
        f"\n{len(os.sched_getaffinity(0))} cores, {memory:.0f} GB of memory; {CONCURRENCY} requests at a time, or one.",
        "The load comes from the same machine. Engines ask the partner through the guard, and a side alone directly.",
        f"The registry: 10,000 pages on SQLite, response cache {'off' if cache == '0' else f'of {cache} MB'}.",
        "Each program is one process.",
        f"Medians of {options.rounds} rounds of {options.seconds} s, contenders in turn, after {WARM_UP} s of warm-up",
        "each time and a whole round at first.",
        f"Engines and sides answered a random {options.compared} inputs of each query the same.{few}",
    ])


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--compared", type=int, default=100)
    return parser.parse_args()


def main():
    options = parse()
    stage = Stage(options.folder)
    try:
        asked = stage.inputs()
        before = stage.memory()
        results = measure(stage, asked, options)
        print(conditions(options))
        print(tables(results, {name: len(values) for name, values in asked.items()}, before, stage.memory()))
    finally:
        stage.stop()


if __name__ == "__main__":
    main()
