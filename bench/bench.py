"""Asks the registry, PostGraphile and Postgres itself the same six questions, in turn, and compares them.

Called by `bench/run`, which sets up what this needs.
"""

import argparse
import json
import pathlib
import subprocess
import sys

from contenders import PostGraphile, Registry, Statement, text
from report import TARGETS, table

# What the answers to one question must have in common. Search ranks by rules of its own.
COMPARED = {"code", "nativeId", "name", "title", "shortName", "subscribers", "value"}


def psql(database, sql):
    command = ["psql", "-qtAX", database, "-v", "ON_ERROR_STOP=1", "-c", sql]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def inputs(database, question, is_short):
    sql = text(question, "inputs.sql").replace(":least", "5" if is_short else "50")
    found = psql(database, f"SELECT setseed(0.5); {sql}").splitlines()
    found = [json.loads(line) for line in found if line.startswith("{")]
    if not found:
        raise SystemExit(f"{question}: the registry has nothing to ask for")
    return found


def told(answer):
    """What an answer tells, whatever its fields are called."""
    if isinstance(answer, list):
        return sorted(fact for item in answer for fact in told(item))
    if not isinstance(answer, dict):
        return []
    facts = []
    for name, value in answer.items():
        if isinstance(value, (dict, list)):
            facts += told(value)
        elif name in COMPARED and value is not None:
            facts.append(str(int(float(value))) if name in ("value", "subscribers") else value)
    return sorted(facts)


def compare(contenders, question, asked):
    """Refuses to measure contenders that do not answer the first questions the same; of a search, that do not answer."""
    for values in asked[:5]:
        answers = {contender.name: told(contender.answer(question, values)) for contender in contenders}
        first = next(iter(answers.values()))
        if not all(answers.values()):
            raise SystemExit(f"{question}: {values} has no answer from {[name for name in answers if not answers[name]]}")
        for name, answer in answers.items():
            if question != "q6" and answer != first:
                missing = [fact for fact in first if fact not in answer] + [fact for fact in answer if fact not in first]
                raise SystemExit(f"{question}: {name} answers otherwise to {str(values)[:200]}: {missing[:6]}")


def measure(contenders, asked, rounds, seconds, postmaster):
    results = {question: {contender.name: [] for contender in contenders} for question in asked}
    for question, values in asked.items():
        for number in range(-1, rounds):
            # Whoever is first in one round is last in another; the first round of all warms up.
            shift = number % len(contenders)
            for contender in contenders[shift:] + contenders[:shift]:
                run = contender.load(question, values, 1 if number < 0 else seconds, postmaster)
                if number >= 0:
                    results[question][contender.name].append(run)
            print(f"{question}: round {number + 1} of {rounds}", file=sys.stderr)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("--modules", required=True, type=pathlib.Path)
    parser.add_argument("--database", required=True)
    parser.add_argument("--logs", required=True, type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    found = psql(options.database, "SELECT pg_read_file('postmaster.pid')").splitlines()[0]
    postmaster = int(found) if pathlib.Path(f"/proc/{found}").exists() else None
    contenders = []
    try:
        contenders.append(Registry(options.binary, options.database, (options.logs / "registry.log").open("w")))
        contenders.append(Statement(options.database))
        contenders.append(PostGraphile(options.modules, options.database, (options.logs / "postgraphile.log").open("w")))
        asked = {question: inputs(options.database, question, options.short) for question in TARGETS}
        for question, values in asked.items():
            compare(contenders, question, values)
        print(table(measure(contenders, asked, options.rounds, options.seconds, postmaster)))
    finally:
        for contender in contenders:
            contender.stop()


main()
