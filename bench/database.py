"""The database that all contenders use, as `psql` reaches it."""

import pathlib
import subprocess


def psql(database, sql, **variables):
    """What a script prints, with `:name` for each of the variables."""
    command = ["psql", "-qtAX", database, "-v", "ON_ERROR_STOP=1"]
    for name, value in variables.items():
        command += ["-v", f"{name}={value}"]
    done = subprocess.run(command, input=sql, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"psql: {done.stderr.strip()}\n{sql[:500]}")
    return done.stdout.strip()


def postmaster(database):
    """Process of the server; none where it runs on another machine, or out of sight."""
    found = psql(database, "SELECT pg_read_file('postmaster.pid')").splitlines()[0]
    try:
        name = pathlib.Path(f"/proc/{found}/comm").read_text().strip()
    except OSError:
        return None
    return int(found) if name in ("postgres", "postmaster") else None
