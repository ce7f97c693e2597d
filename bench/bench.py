"""Asks the registry, PostGraphile and Postgres itself the same six questions, in turn, and compares them.

Called by `bench/run`, which sets up what this needs.
"""

import argparse
import os
import pathlib
import platform
import sys

from answers import compare
from contenders import WARM_UP, PostGraphile, Registry, Statement
from database import postmaster, psql
from inputs import distinct, inputs
from measure import CONCURRENCY
from question import QUESTIONS
from report import table


def measure(contenders, asked, rounds, seconds, database_pid):
    results = {question: {contender.name: [] for contender in contenders} for question in asked}
    for question, values in asked.items():
        # The first round counts for nothing: it fills caches of the database and the sums that the registry keeps.
        for number in range(-1, rounds):
            # Whoever is first in one round is last in another.
            shift = number % len(contenders)
            for contender in contenders[shift:] + contenders[:shift]:
                run = contender.load(question, values, seconds, database_pid)
                if number >= 0:
                    results[question][contender.name].append(run)
            print(f"{question}: round {number + 1} of {rounds}", file=sys.stderr)
    return results


def conditions(database, workers, options):
    """What the numbers depend on, for whoever reads them later."""
    show = lambda setting: psql(database, f"SHOW {setting}")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return "\n".join([
        f"\n{len(os.sched_getaffinity(0))} cores, {memory:.0f} GB of memory, {platform.system()} {platform.machine()}; "
        f"{CONCURRENCY} requests at a time; the load comes from the same machine.",
        f"Postgres {show('server_version')}: shared_buffers is {show('shared_buffers')}. "
        f"PostGraphile: {workers} processes. The registry: one process, response cache off.",
        f"Medians of {options.rounds} rounds of {options.seconds} s, contenders in turn, after {WARM_UP} s of warm-up each time"
        f" and a whole round at first. Connections and plans are warm."
        + ("" if options.rounds >= 5 else " **Fewer than 5 rounds: these numbers mean little.**"),
    ])


def parse():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("--modules", required=True, type=pathlib.Path)
    parser.add_argument("--database", required=True)
    parser.add_argument("--logs", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--compared", type=int, default=50)
    return parser.parse_args()


def run(contenders, options):
    registry, postgraphile, _ = contenders
    asked = {question: inputs(options.database, question) for question in QUESTIONS}
    counts = {}
    for question, values in asked.items():
        counts[question] = distinct(values), compare(contenders, question, values, options.compared)
        print(f"{question}: {counts[question][0]} inputs, {counts[question][1]} compared", file=sys.stderr)
    before = registry.cache_hits()
    database_pid = postmaster(options.database)
    results = measure(contenders, asked, options.rounds, options.seconds, database_pid)
    if registry.cache_hits() != before:
        raise SystemExit("the registry has sent answers from its response cache, which should be off")
    print(conditions(options.database, postgraphile.workers, options))
    print(table(results, counts, database_pid is not None))


def main():
    options, contenders = parse(), []
    try:
        contenders.append(Registry(options.binary, options.database, (options.logs / "registry.log").open("w")))
        contenders.append(PostGraphile(options.modules, options.database, (options.logs / "postgraphile.log").open("w")))
        contenders.append(Statement(options.database))
        run(contenders, options)
    finally:
        for contender in contenders:
            contender.stop()


if __name__ == "__main__":
    main()
