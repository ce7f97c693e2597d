"""Inputs of each question: a table that SQL looks them up in by number, and the same as variables of GraphQL."""

import json
import re

from contenders import text
from database import psql

# So many that no contender can do well by what it remembers of a few.
COUNT = 1_000
# `:found` is the question's own query. Chosen at random, but the same ones in each run over a registry.
TABLE = """
SET client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS bench_input;
DROP TABLE IF EXISTS bench_input.{question};
SELECT setseed(0.5);
CREATE TABLE bench_input.{question} AS SELECT (row_number() OVER ())::integer AS number, found.* FROM ({found}) found;
ALTER TABLE bench_input.{question} ADD PRIMARY KEY (number);
VACUUM ANALYZE bench_input.{question};
SELECT row_to_json(i) FROM bench_input.{question} i ORDER BY number;
"""


def camel(name):
    return re.sub(r"_([a-z])", lambda found: found[1].upper(), name)


def inputs(database, question):
    """Variables of each input, in the order of their numbers, which begin with one."""
    script = TABLE.format(question=question, found=text(question, "inputs.sql"))
    rows = [json.loads(line) for line in psql(database, script, count=COUNT).splitlines() if line.startswith("{")]
    if not rows:
        raise SystemExit(f"{question}: the registry has nothing to ask for")
    return [{camel(name): value for name, value in row.items()} for row in rows]


def distinct(asked):
    """How many of the inputs differ in more than their number."""
    return len({json.dumps(values | {"number": 0}, sort_keys=True) for values in asked})
