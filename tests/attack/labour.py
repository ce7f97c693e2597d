"""Expensive requests, beside clients with cheap ones."""

import socket
import statistics
import threading
import time

from row import Row
from server import Server

LEADERBOARD = "query($k: LeaderboardKind!) { leaderboard(metric: VIEWS, kind: $k, first: 50, period: { from: \"%s\", to: \"%s\" }) { nodes { rank } } }"


def computing(options):
    """Row 59: dozens of leaderboards, none of them cached."""
    row = Row("59 40 leaderboards at once, repeatedly for 10 s", "/livez p99 < 20 ms; a cheap read of another client < 100 ms")
    server = Server(options.binary, options.folder, options.memory_mb, DATABASE_URL=options.postgres, CACHE_MEMORY="0", LIMITS_PUBLIC="points=100000000,per_second=1000000")
    month = time.strftime("%Y-%m")
    leaderboard = LEADERBOARD % (f"{month}-01", f"{month}-28")
    stop = threading.Event()

    def ask():
        while not stop.is_set():
            server.ask(leaderboard, {"k": "PAGE"}, client="192.0.2.66")

    askers = [threading.Thread(target=ask) for _ in range(40)]
    for asker in askers:
        asker.start()
    time.sleep(1)
    lives, reads, end = [], [], time.perf_counter() + 10
    while time.perf_counter() < end:
        lives.append(livez(server.port))
        reads.append(server.ask("{ platforms { code } }", client="192.0.2.67").milliseconds)
        time.sleep(0.02)
    stop.set()
    for asker in askers:
        asker.join(30)
    p99 = statistics.quantiles(lives, n=100)[98]
    row.note(f"/livez p50 {statistics.median(lives):.1f} ms, p99 {p99:.1f} ms", p99 < 20, p99)
    row.note(f"cheap read p50 {statistics.median(reads):.1f} ms", statistics.median(reads) < 100, max(reads))
    server.stop()
    yield row


def livez(port):
    """Milliseconds of a request on its own connection, by plain sockets, so that the client adds little."""
    begun = time.perf_counter()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as stream:
        stream.sendall(b"GET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        while stream.recv(4_096):
            pass
    return (time.perf_counter() - begun) * 1e3


def rare(options):
    """Row 60: changes of rare kinds, past digests, dozens of counts."""
    row = Row("60 168 requests for rare changes, past digests and counts from one address", "each <= 0.5 ms per point; others' reads < 100 ms")
    server = Server(options.binary, options.folder, options.memory_mb, DATABASE_URL=options.postgres, CACHE_MEMORY="0")
    count = "{ " + " ".join(f"p{n}: pages {{ totalCount }}" for n in range(20)) + " }"
    asked = [
        ("changes", "query($s: SafeInt) { changes(afterSeq: $s, filter: { kinds: [REVOKED] }, first: 1) { nodes { seq } } }"),
        ("digest", "query($s: SafeInt) { registryDigest(seq: $s) { pages { digest } } }"),
        ("counts", count),
    ]
    slowest = 0.0
    for name, query in asked:
        times, points = [], []
        for number in range(56):
            answer = server.ask(query, {"s": 1 + number * 20} if "$s" in query else {})
            if answer.status != 200:
                continue
            times.append(answer.milliseconds)
            points.append(__import__("json").loads(answer.body)["extensions"]["cost"]["actual"])
            if number % 10 == 0:
                slowest = max(slowest, server.ask("{ platforms { code } }", client="192.0.2.68").milliseconds)
        each = statistics.median(times) / statistics.median(points)
        row.note(f"{name} {statistics.median(times):.1f} ms, {each:.2f} ms per point", each <= 0.5 or statistics.median(times) < 3, max(times))
    row.note(f"others {slowest:.1f} ms", slowest < 100)
    server.stop()
    yield row


def strangers(options):
    """Row 64: sockets and requests without a key."""
    row = Row("64 WebSockets of one address without a key, 600 connections of one address", "16 held, others 503; a client with a key gets in; 512 held")
    server = Server(options.binary, options.folder, options.memory_mb, TRUSTED_PROXIES="198.51.100.1", MAX_SOCKETS="8")
    upgrade = ("GET /graphql HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
               "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-protocol: graphql-transport-ws\r\n{}\r\n")
    statuses, held = [], []
    for _ in range(40):
        stream = socket.create_connection(("127.0.0.1", server.port), timeout=5)
        stream.sendall(upgrade.format("").encode())
        statuses.append(stream.recv(4_096).split(b" ", 2)[1].decode())
        held.append(stream)
    row.note(f"{statuses.count('101')} opened, {statuses.count('503')} rejected", statuses.count("101") == 16)
    stream = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    stream.sendall(upgrade.format(f"authorization: Bearer {server.key}\r\n").encode())
    with_key = stream.recv(4_096).split(b" ", 2)[1].decode()
    row.note(f"with a key {with_key}", with_key == "101")
    for stream in held:
        stream.close()
    time.sleep(1)
    streams = [socket.create_connection(("127.0.0.1", server.port), timeout=5) for _ in range(600)]
    time.sleep(0.5)
    open_count = server.open_sockets()
    row.note(f"{open_count} sockets held", open_count < 560)
    for stream in streams:
        stream.close()
    yield row
    row = Row("67 no Host, two Hosts, invalid chunks, HEAD; a file's cells", "400, 400, 400, 200; none is a formula")
    raw = lambda text: exchange(server.port, text)
    row.note(raw("GET /livez HTTP/1.1\r\nconnection: close\r\n\r\n"), raw("GET /livez HTTP/1.1\r\nconnection: close\r\n\r\n") == "400")
    two = raw("GET /livez HTTP/1.1\r\nhost: a\r\nhost: b\r\nconnection: close\r\n\r\n")
    row.note(two, two == "400")
    chunks = raw("POST /public/graphql HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\r\n0\r\n\r\n")
    row.note(chunks, chunks == "400")
    head = raw("HEAD /public/graphql?query=%7B__typename%7D HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
    row.note(head, head == "200")
    file = server.request("GET", "/export/pages.csv").body.decode()
    cells = [cell.strip(' "') for line in file.splitlines()[2:] for cell in line.replace(";", ",").replace("\t", ",").split(",")]
    row.note("no cell is a formula", not any(cell[:1] in "=+@＝＋＠" and cell for cell in cells))
    server.stop()
    yield row


def exchange(port, text):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as stream:
        stream.sendall(text.encode())
        answer = b""
        while part := stream.recv(4_096):
            answer += part
    return answer.split(b" ", 2)[1].decode() if answer else "cut off"
