"""An export of statistics whose client disconnects."""

import socket
import subprocess
import time

from row import Row
from server import Server


def active(postgres):
    """Statements and transactions that hold a connection for a file; those of log followers do not count."""
    sql = """SELECT count(*) FROM pg_stat_activity WHERE application_name = 'registry' AND datname = current_database()
        AND state <> 'idle' AND query LIKE '%page_statistics%'"""
    return int(subprocess.run(["psql", "-qtAX", postgres, "-c", sql], check=True, capture_output=True, text=True).stdout)


def aborted(options):
    """Row 53; the test suite checks its cells."""
    row = Row("53 an export whose client disconnects half-way, 5 times", "no connection held while it waits, none <= 1 s after; memory as before")
    server = Server(options.binary, options.folder, options.memory_mb, DATABASE_URL=options.postgres)
    before = server.resident_mb()
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as stream:
            stream.sendall(b"GET /export/statistics.csv?from=2026-01-01&to=2026-12-31 HTTP/1.1\r\nhost: a\r\n\r\n")
            taken = 0
            while taken < 5_000_000:
                part = stream.recv(65_536)
                if not part:
                    break
                taken += len(part)
            # Data in transit fills the buffers; then nothing more is read for a client that reads nothing.
            waits = time.perf_counter()
            while (is_held := active(options.postgres) > 0) and time.perf_counter() < waits + 5:
                time.sleep(0.05)
            row.note("a connection is held half-way" if is_held else "nothing held half-way", not is_held)
        gone = time.perf_counter()
        while active(options.postgres) and time.perf_counter() < gone + 10:
            time.sleep(0.02)
        seconds = time.perf_counter() - gone
        row.note(f"none <= {0.1 * (int(seconds * 10) + 1):.1f} s after", seconds <= 1)
    grown = server.resident_mb() - before
    row.note(f"memory {grown:+.0f} MB", grown < 64)
    server.stop()
    yield row
