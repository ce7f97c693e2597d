"""Work caused by the request alone: long messages, unused variables, documents that are new each time."""

import json
import statistics
import threading
import time
import uuid

from labour import livez
from row import Row
from server import Server
from sockets import Client

SECONDS = 8


def beside(server, attack, clients):
    """Runs attacking clients for a while; returns the times of `/livez` and of a cheap read from another address."""
    stop = threading.Event()

    def run(number):
        while not stop.is_set():
            try:
                attack(number)
            except OSError:
                # Rejected; it reconnects.
                time.sleep(0.01)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    lives, reads, end = [], [], time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        lives.append(livez(server.port))
        reads.append(server.ask("{ platforms { code } }", client="198.51.100.77").milliseconds)
        time.sleep(0.02)
    stop.set()
    for thread in threads:
        thread.join(30)
    return lives, reads


def note_times(row, lives, reads):
    p99 = statistics.quantiles(lives, n=100)[98]
    row.note(f"/livez p50 {statistics.median(lives):.1f}, p99 {p99:.1f} ms", p99 < 20, p99)
    row.note(f"cheap read p50 {statistics.median(reads):.1f} ms", statistics.median(reads) < 100, max(reads))


def values(own):
    """A request with 200 KB of undeclared variables."""
    return json.dumps({"query": "{ __typename }", "variables": {f"k{own}{number}": {} for number in range(12_000)}}).encode()


def attacks(options):
    """Rows 69 to 71."""
    server = Server(options.binary, options.folder, options.memory_mb, LIMITS_PARTNER="points=3000,per_second=100")
    nothing = "[" + ",".join(["[]"] * 80_000) + "]"
    for name, with_key in [("69 messages of 250 KB over sockets without a key", False), ("69 the same with a key, until its points end", True)]:
        row = Row(name, "closed 1009 before they are read, or 1013 without points; /livez p99 < 20 ms")
        codes = set()

        def message(_):
            client = Client(server, with_key=with_key)
            if with_key:
                client.begin()
            for _ in range(200):
                client.send('{"type":"ping","payload":{"a":%s}}' % nothing)
                incoming = client.receive()
                if isinstance(incoming, int):
                    codes.add(incoming)
                    break
            client.socket.close()

        lives, reads = beside(server, message, 2)
        row.note(f"closed with {sorted(codes - {0})}", bool(codes - {0}) and codes - {0} <= {1009, 1013})
        note_times(row, lives, reads)
        yield row
    row = Row("70 200 KB of undeclared variables, different each time, from one address", "charged by time: 429; /livez p99 < 20 ms")
    # Generated beforehand: generating them here would delay the measurement.
    bodies = [values(uuid.uuid4().hex[:6]) for _ in range(500)]
    headers = {"content-type": "application/json", "x-forwarded-for": "192.0.2.70"}
    statuses = []

    def send(_):
        if not bodies:
            time.sleep(0.1)
            return
        statuses.append(server.request("POST", "/public/graphql", bodies.pop(), headers).status)

    lives, reads = beside(server, send, 4)
    row.note(f"{statuses.count(200)} answered, {statuses.count(429)} rejected", statuses.count(429) > 0 and set(statuses) <= {200, 429})
    note_times(row, lives, reads)
    yield row
    row = Row("71 expensive searches by documents that are new each time, from four addresses", "executed on the worker pool; /livez p99 < 20 ms")
    statuses = []

    def search(number):
        document = "query q%s($t: String!) { search(text: $t, first: 1) { totalCount } }" % uuid.uuid4().hex[:8]
        statuses.append(server.ask(document, {"t": " ".join(["schkola"] * 28)}, client=f"192.0.2.{80 + number}").status)

    lives, reads = beside(server, search, 4)
    row.note(f"{statuses.count(200)} answered, {statuses.count(429)} rejected", set(statuses) <= {200, 429})
    note_times(row, lives, reads)
    server.stop()
    yield row


def loads(options):
    """Row 72: a load of one page's statistics, and files whose clients disconnect."""
    row = Row("72 200,000 rows of one page; files of years without statistics, disconnected after 50 ms", "memory + <= 64 MB; no work for disconnected clients")
    server = Server(options.binary, options.folder, options.memory_mb)
    page = json.loads(server.ask("{ pages(first: 1) { nodes { id } } }").body)["data"]["pages"]["nodes"][0]["id"]
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86_400))
    rows = "".join(f"{page},{day},{number % 2 + 5},{number % 2}\n" for number in range(200_000))
    before, most, stop = server.resident_mb(), 0.0, threading.Event()

    def watch():
        nonlocal most
        while not stop.is_set():
            most = max(most, server.resident_mb())
            time.sleep(0.02)

    watching = threading.Thread(target=watch)
    watching.start()
    headers = {"authorization": f"Bearer {server.key}", "content-type": "text/csv"}
    answer = server.request("POST", "/statistics", "pageId,day,subscribers,views\n" + rows, headers, timeout=120)
    stop.set()
    watching.join()
    row.note(f"{answer.status}, memory +{most - before:.0f} MB", answer.status == 200 and most - before <= 64, answer.milliseconds)
    spent = server.cpu_seconds()
    for _ in range(4):
        try:
            server.request("GET", "/export/statistics.csv?from=2019-01-01&to=2019-12-31", timeout=0.05)
        except OSError:
            pass
    time.sleep(2)
    spent = server.cpu_seconds() - spent
    row.note(f"{spent:.1f} s of processor for four files", spent < 1)
    server.stop()
    yield row
