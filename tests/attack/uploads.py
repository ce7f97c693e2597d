"""Bodies and files that try to exhaust memory, threads, permits or connections."""

import json
import socket
import subprocess
import threading
import time
import uuid

from row import Row
from server import Server

HEAD = "POST /statistics HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {}\r\ncontent-type: text/csv\r\ncontent-length: {}\r\n\r\n"
STALLED = 12


def bodies(options):
    """Rows 56 and 57: hostile files of statistics, and files that stall."""
    server = Server(options.binary, options.folder, options.memory_mb)
    headers = {"authorization": f"Bearer {server.key}", "content-type": "text/csv"}
    row = Row("56 statistics: a column of 500 KB or an unknown column, 30,000 rows; an unclosed quote", "400 with a short message, memory as before")
    before = server.resident_mb()
    rows = "vk,1,2026-01-01,1\n" * 30_000
    for body in (f"day,{'x' * 500_000}\n{rows}", f"platformCode,nativeId,day,{'x' * 60_000}\n{rows}", f'day,views\n2026-01-01,"1\n{rows}'):
        answer = server.request("POST", "/statistics", body.encode(), headers)
        row.note(f"{answer.status} {answer.code}, {len(answer.body)} bytes", answer.status == 400 and len(answer.body) < 1_000, answer.milliseconds)
    grown = server.resident_mb() - before
    row.note(f"memory {grown:+.0f} MB", grown < 64)
    yield row

    row = Row(f"57 {STALLED} loads that stall after 8 MB", "2 per key are admitted; disconnected after 10 s; others are served")
    before, streams = server.resident_mb(), []
    part = ("platformCode,nativeId,day,views\n" + "vk,1,2026-01-01,1\n" * 450_000).encode()
    for _ in range(STALLED):
        stream = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        try:
            stream.sendall(HEAD.format(server.key, 100_000_000).encode() + part)
        except OSError:
            # Refused before it was read.
            pass
        streams.append(stream)
    grown = server.resident_mb() - before
    row.note(f"memory {grown:+.0f} MB", grown < 256)
    begun, statuses, longest = time.perf_counter(), [], 0.0
    waiting = threading.Thread(target=lambda: statuses.extend(status(stream) for stream in streams))
    waiting.start()
    while waiting.is_alive() and time.perf_counter() < begun + 60:
        longest = max(longest, server.request("GET", "/livez").milliseconds)
        time.sleep(0.05)
    waiting.join(30)
    seconds = time.perf_counter() - begun
    row.note(f"{statuses.count('408')} cut off, {statuses.count('429')} rejected, all within {seconds:.0f} s", "408" in statuses and seconds < 30)
    row.note("/livez answers", longest < 100, longest)
    yield row
    server.stop()


def status(stream):
    try:
        return stream.recv(4_096).split(b" ", 2)[1].decode()
    except (OSError, IndexError):
        return "cut off"


def downloads(options):
    """Row 58: slow downloads, beside reads of the database and a key that is revoked."""
    row = Row("58 eight files at 98 KB/s each", "the fifth of one address: 429; others' reads of the database < 100 ms; a revoked key is refused <= 1 s; ready")
    server = Server(options.binary, options.folder, options.memory_mb, DATABASE_URL=options.postgres)
    name = f"revoked-{uuid.uuid4().hex[:8]}"
    environment = server.environment
    created = subprocess.run([options.binary, "keys", "create", "--name", name, "--scope", "read"], env=environment, check=True, capture_output=True, text=True)
    key = created.stdout.strip()
    path = "/export/statistics.csv?from=2026-01-01&to=2026-12-31"
    streams = []
    for number in range(8):
        stream = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        stream.sendall(f"GET {path} HTTP/1.1\r\nhost: a\r\nx-forwarded-for: 192.0.2.{10 + number // 4}\r\n\r\n".encode())
        streams.append(stream)
    fifth = server.request("GET", path, headers={"x-forwarded-for": "192.0.2.10"})
    row.note(f"{fifth.status} {fifth.code}", fifth.status == 429)
    stop = threading.Event()
    readers = [threading.Thread(target=trickle, args=(stream, stop)) for stream in streams]
    for reader in readers:
        reader.start()
    try:
        time.sleep(1)
        asked = [server.ask("{ changes(first: 5) { nodes { seq } } }") for _ in range(50)]
        slowest = max(answer.milliseconds for answer in asked)
        row.note("reads of the database answered", all(answer.status == 200 for answer in asked) and slowest < 100, slowest)
        subprocess.run([options.binary, "keys", "revoke", name], env=environment, check=True, capture_output=True)
        gone = time.perf_counter()
        while server.ask("{ platforms { code } }", path="/graphql", bearer=key).status != 401 and time.perf_counter() < gone + 10:
            time.sleep(0.02)
        seconds = time.perf_counter() - gone
        row.note(f"revoked key refused {seconds:.1f} s after", seconds <= 1)
        ready = server.request("GET", "/readyz")
        row.note(f"/readyz {ready.status}, lag {json.loads(ready.body)['lagSeconds']} s", ready.status == 200)
    finally:
        stop.set()
        for reader in readers:
            reader.join(5)
        for stream in streams:
            stream.close()
        server.stop()
    yield row


def trickle(stream, stop):
    """Reads 98 KB a second."""
    while not stop.is_set():
        try:
            if not stream.recv(9_800):
                return
        except OSError:
            return
        time.sleep(0.1)
