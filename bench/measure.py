"""Loads: how many requests a contender answers, how soon, and what processor time that takes."""

import json
import os
import pathlib
import subprocess
import tempfile
from dataclasses import dataclass

CONCURRENCY = 16
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Run:
    """What came of one load; times of answers in ms, processor time in µs a request."""

    per_second: float
    p50: float
    p99: float
    server_cpu: float
    database_cpu: float


def seconds_of(pid):
    """Processor time of a process and of its ended children."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:15]) / TICK


def children(pid):
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            yield int(stat.parent.name)


def database_seconds(postmaster):
    """Processor time of a Postgres server, with that of connections that have ended."""
    if postmaster is None:
        return 0.0
    total = seconds_of(postmaster)
    for pid in children(postmaster):
        try:
            total += seconds_of(pid)
        except OSError:
            pass
    return total


def over_http(url, authorization, bodies, seconds):
    """Posts bodies in turn; answers requests, seconds, p50 and p99."""
    with tempfile.NamedTemporaryFile("w", suffix=".bodies") as file:
        file.write("\n".join(bodies) + "\n")
        file.flush()
        environment = os.environ | {"BODIES": file.name, "AUTHORIZATION": authorization}
        script = pathlib.Path(__file__).with_name("post.lua")
        command = ["wrk", "-t1", f"-c{CONCURRENCY}", f"-d{seconds}s", "-s", script, url]
        printed = subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout
    told = json.loads(printed.strip().splitlines()[-1])
    if told["errors"]:
        raise SystemExit(f"{url}: {told['errors']} of {told['requests']} requests failed")
    return told["requests"], told["seconds"], told["p50"], told["p99"]


def over_sql(database, statements, seconds):
    """Runs prepared statements in turn; answers requests, seconds, p50 and p99."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, statement in enumerate(statements):
            path = pathlib.Path(folder, f"{number}.sql")
            path.write_text(statement)
            files += ["-f", f"{path}@1"]
        log = f"{folder}/log"
        command = ["pgbench", "-n", "-M", "prepared", "-j1", f"-c{CONCURRENCY}", f"-T{seconds}", "-l", f"--log-prefix={log}"]
        subprocess.run([*command, *files, database], check=True, capture_output=True, text=True)
        lines = [line.split() for path in pathlib.Path(folder).glob("log*") for line in path.open()]
    times = sorted(int(line[2]) / 1e3 for line in lines)
    return len(times), float(seconds), times[len(times) // 2], times[len(times) * 99 // 100]


def measured(load, server, postmaster):
    """A load with the processor time that it took of the server and of the database."""
    before = (seconds_of(server) if server else 0.0, database_seconds(postmaster))
    requests, seconds, p50, p99 = load()
    after = (seconds_of(server) if server else 0.0, database_seconds(postmaster))
    cpu = [(later - earlier) / requests * 1e6 for earlier, later in zip(before, after)]
    return Run(requests / seconds, p50, p99, *cpu)
