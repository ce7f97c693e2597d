"""Loads: how many requests a contender answers, how soon, and what processor time that takes."""

import json
import os
import pathlib
import subprocess
import tempfile
import time
from collections import defaultdict
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

    def cpu(self):
        return self.server_cpu + self.database_cpu


def stat(pid):
    """Parent of a process, and processor time of it and of its ended children."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[1]), sum(int(field) for field in fields[11:15]) / TICK


def seconds_of(pid):
    """Processor time of a process and of its ended children."""
    return stat(pid)[1]


def tree(root):
    """Processor time of a process and of each process below it, by id."""
    below, times = defaultdict(list), {}
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            parent, times[folder.name] = stat(folder.name)
        except OSError:
            continue
        below[str(parent)].append(folder.name)
    found, waiting = {}, [str(root)]
    while waiting:
        pid = waiting.pop()
        found[pid] = times.get(pid, 0.0)
        waiting += below[pid]
    return found


def tree_seconds(root):
    """Processor time of a process and of all processes below it."""
    return sum(tree(root).values())


def tree_memory(root):
    """Resident memory of a process and of all processes below it, in MB."""
    return sum(resident(pid) for pid in tree(root)) / 1024


def resident(pid):
    """Kilobytes of resident memory of a process; 0 if it has ended."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))


def database_seconds(postmaster):
    """Processor time of a Postgres server, with that of connections that have ended."""
    return 0.0 if postmaster is None else tree_seconds(postmaster)


def over_http(url, authorization, bodies, seconds, concurrency=CONCURRENCY, checked=False):
    """Posts bodies at random; answers requests, seconds, p50 and p99. `authorization` may be None.

    `checked`: responses with errors of GraphQL are failures, too; finding them takes processor time from the servers.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".bodies") as file:
        file.write("\n".join(bodies) + "\n")
        file.flush()
        settings = {"BODIES": file.name, "AUTHORIZATION": authorization or "", "CHECKED": "1" if checked else ""}
        script = pathlib.Path(__file__).with_name("post.lua")
        command = ["wrk", "-t1", f"-c{concurrency}", f"-d{seconds}s", "-s", script, url]
        printed = subprocess.run(command, env=os.environ | settings, check=True, capture_output=True, text=True).stdout
    result = json.loads(printed.strip().splitlines()[-1])
    if result["errors"]:
        raise SystemExit(f"{url}: {result['errors']} of {result['requests']} requests failed")
    return result["requests"], result["seconds"], result["p50"], result["p99"]


def measured(load, server, postmaster):
    """A load with the processor time that it took of the server and of the database."""
    before = (tree_seconds(server), database_seconds(postmaster))
    requests, seconds, p50, p99 = load()
    after = (tree_seconds(server), database_seconds(postmaster))
    cpu = [(later - earlier) / requests * 1e6 for earlier, later in zip(before, after)]
    return Run(requests / seconds, p50, p99, *cpu)


def measured_sql(database, script, warm_up, seconds, postmaster):
    """A script that pgbench sends, measured from when its connections and their plans are warm.

    Each connection prepares the statement once. The window ends before pgbench does, so that no connection ends in it.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "script.sql")
        path.write_text(script)
        whole = f"-T{warm_up + seconds + 1}"
        command = ["pgbench", "-n", "-M", "prepared", "-j1", f"-c{CONCURRENCY}", whole, "-l", f"--log-prefix={folder}/log"]
        with subprocess.Popen([*command, "-f", path, database], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pgbench:
            time.sleep(warm_up + 0.2)
            begin, before = time.time(), database_seconds(postmaster)
            time.sleep(seconds)
            end, after = time.time(), database_seconds(postmaster)
            printed = pgbench.communicate()[0]
        if pgbench.returncode:
            raise SystemExit(f"pgbench: {printed}")
        times = sorted(times_within(pathlib.Path(folder), begin, end))
    if not times:
        raise SystemExit(f"pgbench: no answer in {seconds} s")
    cpu = (after - before) / len(times) * 1e6
    return Run(len(times) / (end - begin), times[len(times) // 2], times[len(times) * 99 // 100], 0.0, cpu)


def times_within(folder, begin, end):
    """Milliseconds of the transactions that ended in a window, by pgbench's log."""
    for path in folder.glob("log*"):
        for line in path.open():
            _client, _number, elapsed, _script, second, microsecond = line.split()[:6]
            if begin <= int(second) + int(microsecond) / 1e6 < end:
                yield int(elapsed) / 1e3
