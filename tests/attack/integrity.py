"""Integrity: a database that went back in time, rows altered outside the log, clocks, and a database that is down."""

import json
import shutil
import subprocess
import time
import uuid

from row import Row
from server import Server

# Each is an alteration of the registry, and a part of the message that a check must print.
TAMPERING = [
    ("UPDATE change SET audience = NULL, former_territory_id = 5494759135626153545", "the chain breaks at change 1"),
    ("UPDATE change SET at = '2020-01-01 00:00:00+00:00' WHERE seq = 50", "the chain breaks at change 50"),
    ("DELETE FROM change WHERE seq = 60", "the chain breaks at change 61"),
    ("DELETE FROM change WHERE seq > (SELECT max(seq) - 3 FROM change)", "does not match the log"),
    ("UPDATE page SET title = 'Another' WHERE id = 7", "Page 7"),
    ("UPDATE organization_identifier SET value = value || '1' WHERE organization_id = (SELECT min(organization_id) FROM organization_identifier)", "Organization"),
    ("UPDATE page_latest SET subscribers = subscribers + 1 WHERE page_id = 9", "latest figures"),
    ("UPDATE page_statistics SET views = 1 WHERE page_id = (SELECT min(page_id) FROM page_statistics)", "daily rows"),
    ("UPDATE statistics_batch SET source = 'somebody'", "batch of figures"),
    ("UPDATE pack SET version = 99", "Pack"),
    ("DELETE FROM mark_record WHERE seq = (SELECT min(seq) FROM mark_record)", "mark of change"),
    ("UPDATE audience_segment SET region_id = NULL", "segments"),
    ("UPDATE statistics_digest SET latest = days", "stored hashes"),
]


def run(options, arguments, **settings):
    environment = {"LOG": "error", "PATH": "/usr/bin:/bin"} | settings
    return subprocess.run([options.binary, *arguments], env=environment, capture_output=True, text=True, timeout=300)


def tampering(options):
    """Row 62: rows altered outside the log, on copies of the registry."""
    row = Row(f"62 {len(TAMPERING)} ways of tampering", "each is reported by `registry check`")
    key, receipts = options.folder / "key.pem", options.folder / "receipts.ndjson"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True, capture_output=True)
    server = Server(options.binary, options.folder, options.memory_mb, SIGNING_KEY=str(key), WITNESS=str(receipts))
    for _ in range(100):
        if receipts.exists() and receipts.read_text().endswith("\n"):
            break
        time.sleep(0.1)
    server.stop()
    sound = run(options, ["check", "--receipt", receipts], DATABASE_URL=f"sqlite://{options.folder}/registry.sqlite")
    row.note("before: " + sound.stdout.split(":")[0], sound.returncode == 0)
    reported = 0
    for sql, expected in TAMPERING:
        copy = options.folder / "tampered.sqlite"
        for suffix in ("", "-wal", "-shm"):
            (options.folder / f"tampered.sqlite{suffix}").unlink(missing_ok=True)
        url = f"sqlite://{copy}"
        subprocess.run([options.binary, "backup", copy], env={"LOG": "error", "DATABASE_URL": f"sqlite://{options.folder}/registry.sqlite"}, check=True, capture_output=True)
        alter(copy, sql)
        checks = [["check", "--receipt", receipts], ["check", "--statistics"]]
        output = " ".join(run(options, check, DATABASE_URL=url).stderr + run(options, check, DATABASE_URL=url).stdout for check in checks)
        reported += expected in output
        if expected not in output:
            row.note(f"not reported: {sql[:60]}: {output[:120]}", False)
    row.note(f"{reported} of {len(TAMPERING)} reported", reported == len(TAMPERING))
    yield row


def alter(database, sql):
    import sqlite3

    connection = sqlite3.connect(database, timeout=30)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute(sql)
    connection.commit()
    connection.close()


def clocks(options):
    """Row 63: a last change that is dated in the future."""
    row = Row("63 the last change is dated 400 days ahead", "nothing is written, the reason is reported; reads go on")
    copy = options.folder / "ahead.sqlite"
    shutil.copy(options.folder / "registry.sqlite", copy)
    alter(copy, "UPDATE change SET at = datetime('now', '+400 days') || '+00:00' WHERE seq = (SELECT max(seq) FROM change)")
    rejected = run(options, ["keys", "create", "--name", "x", "--scope", "read"], DATABASE_URL=f"sqlite://{copy}")
    row.note(rejected.stderr.strip()[:100], rejected.returncode != 0 and "in the future" in rejected.stderr)
    yield row


def psql(options, sql):
    return subprocess.run(["psql", "-qtAX", options.postgres, "-v", "ON_ERROR_STOP=1", "-c", sql], check=True, capture_output=True, text=True).stdout


KEEP = """CREATE SCHEMA past; DO $$ DECLARE t text; BEGIN FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
AND relkind IN ('r', 'p') AND NOT relispartition LOOP EXECUTE format('CREATE TABLE past.%I AS SELECT * FROM public.%I', t, t); END LOOP; END $$"""
BRING_BACK = """BEGIN; SET LOCAL session_replication_role = replica; DO $$ DECLARE t text; BEGIN FOR t IN SELECT relname FROM pg_class
WHERE relnamespace = 'past'::regnamespace LOOP EXECUTE format('DELETE FROM public.%I', t);
EXECUTE format('INSERT INTO public.%I SELECT * FROM past.%I', t, t); END LOOP; END $$; COMMIT; DROP SCHEMA past CASCADE"""


def younger(options):
    """Row 61: the database goes back to an earlier state under two servers."""
    row = Row("61 the database goes back to before what two servers served", "both reload <= 3 s; lost keys 401, lost responses gone, TIMELINE_CHANGED, writes go on; check is sound")
    servers = [Server(options.binary, options.folder, options.memory_mb, DATABASE_URL=options.postgres) for _ in range(2)]
    feed = "query($s: SafeInt) { changes(afterSeq: $s, first: 500) { seq pageInfo { endCursor } } }"
    try:
        common = json.loads(servers[0].request("GET", "/readyz").body)["seq"]
        psql(options, KEEP)
        created = run(options, ["keys", "create", "--name", f"lost-{uuid.uuid4().hex[:8]}", "--scope", "read"], DATABASE_URL=options.postgres)
        key = created.stdout.strip()
        time.sleep(1)
        cursors = [json.loads(server.ask(feed, {"s": common}).body)["data"]["changes"]["pageInfo"]["endCursor"] for server in servers]
        psql(options, BRING_BACK)
        begun = time.perf_counter()
        while not all(loaded(server) for server in servers) and time.perf_counter() < begun + 30:
            time.sleep(0.05)
        seconds = time.perf_counter() - begun
        row.note(f"reloaded after {seconds:.1f} s", seconds <= 3)
        answer = servers[0].ask("{ platforms { code } }", path="/graphql", bearer=key)
        row.note(f"lost key {answer.status}", answer.status == 401)
        for server, cursor in zip(servers, cursors):
            extensions = json.loads(server.ask("query($a: String) { changes(after: $a) { seq } }", {"a": cursor}).body)["errors"][0]["extensions"]
            row.note(f"{extensions['code']}, common {extensions.get('commonSeq') == common}", extensions["code"] == "TIMELINE_CHANGED" and extensions.get("commonSeq") == common)
        written = run(options, ["keys", "create", "--name", f"new-{uuid.uuid4().hex[:8]}", "--scope", "read"], DATABASE_URL=options.postgres)
        row.note("writes go on", written.returncode == 0)
        checked = run(options, ["check"], DATABASE_URL=options.postgres)
        row.note(f"check: {(checked.stdout or checked.stderr).strip()[:30]}", checked.returncode == 0)
    finally:
        for server in servers:
            server.stop()
    yield row


def loaded(server):
    return json.loads(server.request("GET", "/readyz").body)["timeline"]["reloads"] >= 1


def away(options):
    """Row 66: the database takes no connections for a while."""
    row = Row("66 the database is down", "503 UNAVAILABLE with Retry-After; cached and plain reads go on; recovered <= 10 s after")
    server = Server(options.binary, options.folder, options.memory_mb, DATABASE_URL=options.postgres)
    admin, name = options.postgres.rsplit("/", 1)
    admin = f"{admin}/postgres"
    do = lambda sql: subprocess.run(["psql", "-qtAX", admin, "-c", sql], check=True, capture_output=True)
    query = "query($s: SafeInt) { changes(afterSeq: $s, first: 5) { nodes { seq } } }"
    try:
        do(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        do(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        time.sleep(1)
        answer = server.ask(query, {"s": 3})
        row.note(f"{answer.status} {answer.code}, Retry-After {answer.headers.get('retry-after')}", (answer.status, answer.code) == (503, "UNAVAILABLE") and "retry-after" in answer.headers, answer.milliseconds)
        file = server.request("GET", "/export/statistics.csv?from=2026-01-01&to=2026-01-02")
        row.note(f"file {file.status} {file.body[:40]}", file.status == 503 and file.body.startswith(b"UNAVAILABLE: "))
        plain = server.ask("{ pages(first: 5) { nodes { title } } }")
        row.note(f"plain read {plain.status}", plain.status == 200 and not plain.code)
        quiet = all(word not in answer.body + file.body for word in (b"postgres", b"sqlx", b"SELECT", b"5432"))
        row.note("no address and no SQL in the response", quiet)
    finally:
        do(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    begun = time.perf_counter()
    while server.ask(query, {"s": 3}).status != 200 and time.perf_counter() < begun + 30:
        time.sleep(0.2)
    seconds = time.perf_counter() - begun
    row.note(f"recovered after {seconds:.1f} s", seconds <= 10)
    server.stop()
    yield row
