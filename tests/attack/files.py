"""Rows altered outside the log and then changed, files of statistics with invalid timestamps, and database files."""

import csv
import io
import json
import shutil
import subprocess
import time

from integrity import alter, run
from row import Row
from server import Server

IMPORT = ["import", "figures.csv", "--kind", "statistics", "--source", "attack"]
# Alterations, each with an honest command that would seal it.
WRITTEN_UPON = [
    ("UPDATE client SET created_at = '2020-01-01T00:00:00+00:00' WHERE name = 'sender'", ["keys", "revoke", "sender"]),
    ("UPDATE audience_segment SET level = 'FEDERAL' WHERE grain = 'FULL'", IMPORT),
    (
        "INSERT INTO audience_segment SELECT (SELECT max(id) + 1 FROM audience_segment), grain, platform_id, region_id, kind, level, branch, "
        "sector_id, region_segment_id, class_segment_id, platform_segment_id FROM audience_segment WHERE grain = 'FULL' LIMIT 1",
        IMPORT,
    ),
]
TIMESTAMPS = ["+10000-01-01T00:00:00Z", "-262143-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "2099-01-01T00:00:00Z"]


def copied(options, name):
    """A copy of the registry, and its URL."""
    copy = options.folder / name
    for suffix in ("", "-wal", "-shm"):
        (options.folder / f"{name}{suffix}").unlink(missing_ok=True)
    subprocess.run([options.binary, "backup", copy], env={"LOG": "error", "DATABASE_URL": f"sqlite://{options.folder}/registry.sqlite"}, check=True, capture_output=True)
    return copy, f"sqlite://{copy}"


def figures(server, timestamp=None):
    """A file with one row of a page of the registry, of its last day."""
    page = json.loads(server.ask("{ pages(first: 1) { nodes { url statistics { latest { recordedAt } } } } }").body)["data"]["pages"]["nodes"][0]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["url", "day", "views", "lastPostAt"])
    writer.writerow([page["url"], page["statistics"]["latest"]["recordedAt"][:10], 7, timestamp or ""])
    return text.getvalue()


def written_upon(options):
    """Row 73: alterations outside the log, and honest writes on top of them."""
    row = Row("73 rows altered outside the log, then an honest write", "refused with the name of the subject; never sealed")
    server = Server(options.binary, options.folder, options.memory_mb)
    text = figures(server)
    server.stop()
    for sql, command in WRITTEN_UPON:
        copy, url = copied(options, "written-upon.sqlite")
        (options.folder / "figures.csv").write_text(text)
        run(options, ["keys", "create", "--name", "sender", "--scope", "read"], DATABASE_URL=url)
        alter(copy, sql)
        arguments = [options.folder / "figures.csv" if argument == "figures.csv" else argument for argument in command]
        rejected = run(options, arguments, DATABASE_URL=url)
        row.note(rejected.stderr.strip()[:70], rejected.returncode != 0 and "outside the log" in rejected.stderr)
        row.note("still reported", run(options, ["check"], DATABASE_URL=url).returncode != 0)
    yield row
    row = Row("74 statistics with timestamps out of range", "rejected; the registry is sound")
    _, url = copied(options, "moments.sqlite")
    server = Server(options.binary, options.folder, options.memory_mb, DATABASE_URL=url)
    files = [figures(server, timestamp) for timestamp in TIMESTAMPS]
    server.stop()
    for text in files:
        (options.folder / "figures.csv").write_text(text)
        loaded = run(options, [options.folder / argument if argument == "figures.csv" else argument for argument in IMPORT], DATABASE_URL=url)
        row.note("rejected" if "TIME_OUT_OF_RANGE" in loaded.stdout + loaded.stderr else loaded.stdout[:80], "TIME_OUT_OF_RANGE" in loaded.stdout + loaded.stderr)
    for check in (["check"], ["check", "--statistics"]):
        row.note(f"{' '.join(check)}: sound", run(options, check, DATABASE_URL=url).returncode == 0)
    yield row


def files(options):
    """Row 75: two backups with one name, an existing file, and another file in place of a served one."""
    row = Row("75 two backups with one name; an existing file; another file in place of a served one", "one is refused, one is complete; existing files do not change")
    copy, url = copied(options, "served.sqlite")
    saved = options.folder / "saved"
    saved.unlink(missing_ok=True)
    both = [subprocess.Popen([options.binary, "backup", saved], env={"LOG": "error", "DATABASE_URL": url}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    codes = sorted(process.wait(120) for process in both)
    row.note(f"both end with {codes}", codes[0] == 0 and codes[1] != 0)
    sound = run(options, ["check"], DATABASE_URL=f"sqlite://{saved}")
    row.note("the one: " + (sound.stdout + sound.stderr)[:30], sound.returncode == 0)
    server = Server(options.binary, options.folder, options.memory_mb, DATABASE_URL=url)
    run(options, ["keys", "create", "--name", "x", "--scope", "read"], DATABASE_URL=url)
    before = saved.read_bytes()
    shutil.move(saved, copy)
    time.sleep(1)
    server.stop()
    after = copy.read_bytes()
    row.note("the other file is unchanged" if after == before else "the other file has changed", after == before)
    sound = run(options, ["check"], DATABASE_URL=url)
    row.note("it: " + (sound.stdout + sound.stderr)[:30], sound.returncode == 0)
    yield row
