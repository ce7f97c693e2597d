"""Redis shared by replicas: killed, hanging, full and corrupted under load; and rate limits shared by two replicas."""

import json
import os
import signal
import socket
import subprocess
import threading
import time

from load import Load
from row import Row
from server import Server, free_port

QUERIES = [
    f"{{ pages(first: 100, filter: {{ registeredOn: {{ from: \"20{year}-0{month}-01\", to: \"2026-11-01\" }} }}) {{ nodes {{ title owner {{ name }} }} }} }}"
    for year in range(20, 25)
    for month in range(1, 10)
]


class Redis:
    """Its own Redis server, on its own port."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.start()

    def start(self, *settings):
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", self.folder, *settings]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise SystemExit("Redis does not start")

    def url(self):
        return f"redis://127.0.0.1:{self.port}"

    def command(self, *words):
        arguments = ["redis-cli", "-p", str(self.port), *words]
        return subprocess.run(arguments, capture_output=True, text=True).stdout

    def kill(self):
        self.process.kill()
        self.process.wait()


def faults(options):
    """Rows 29 to 31: no read fails, whatever happens to Redis."""
    for name, expected, fault, mend in [
        ("29 Redis killed, back after 4 s", "no read fails; p99 <= 3x for <= 2 s; used again <= 5 s after", Redis.kill, Redis.start),
        ("30 Redis hangs for 4 s (SIGSTOP)", "no read fails; nobody waits longer than 50 ms, and only at first",
         lambda redis: redis.process.send_signal(signal.SIGSTOP), lambda redis: redis.process.send_signal(signal.SIGCONT)),
        ("31 Redis full", "no read fails", lambda redis: redis.command("CONFIG", "SET", "maxmemory", "1"),
         lambda redis: redis.command("CONFIG", "SET", "maxmemory", "0")),
        ("31 Redis holds garbage and other types", "no read fails", spoil, lambda redis: redis.command("FLUSHALL")),
    ]:
        row = Row(name, expected)
        redis = Redis(options.folder)
        # All responses come from Redis, or are executed.
        server = Server(options.binary, options.folder, options.memory_mb, REDIS_URL=redis.url(), CACHE_MEMORY="0", LIMITS_PUBLIC=UNLIMITED)
        wait_for(lambda: json.loads(server.request("GET", "/readyz").body)["redis"]["isUp"])
        load = Load(server.port, QUERIES)
        time.sleep(4)
        begun = time.perf_counter()
        fault(redis)
        time.sleep(4)
        mended = time.perf_counter()
        mend(redis)
        wait_for(lambda: json.loads(server.request("GET", "/readyz").body)["redis"]["isUp"])
        back = time.perf_counter() - mended
        time.sleep(3)
        load.stop()
        ready = json.loads(server.request("GET", "/readyz").body)
        row.note(f"{load.failed()} of {len(load.answers)} reads failed", load.failed() == 0)
        usual = load.between(begun - 3, begun)
        for phase, span in {
            "before": (begun - 3, begun), "first 2 s": (begun, begun + 2), "then": (begun + 2, mended), "after": (mended + back, mended + back + 3),
        }.items():
            count, p50, p99, longest = load.between(*span)
            row.note(f"{phase}: {count / (span[1] - span[0]):,.0f}/s, p50 {p50:.1f}, p99 {p99:.1f}, longest {longest:.0f} ms", count > 0, longest)
        row.note(f"used again after {back:.1f} s", back <= 5)
        row.note(f"{ready['redis']['failedCommands']} commands failed; {ready['responseCache']['redisHits']} responses from Redis, {ready['responseCache']['misses']} executed", True)
        row.is_well &= load.between(begun + 2, mended)[2] <= max(3 * usual[2], 20)
        server.stop()
        redis.kill()
        yield row


UNLIMITED = "points=1000000000000,per_second=1000000000"


def spoil(redis):
    for number, key in enumerate(redis.command("KEYS", "registry:answer:*").split()):
        redis.command("DEL", key)
        redis.command(*(("SET", key, "garbage") if number % 2 else ("LPUSH", key, "other")))


def wait_for(is_so, seconds=20):
    for _ in range(seconds * 20):
        if is_so():
            return
        time.sleep(0.05)
    raise SystemExit("the awaited condition was never met")


def buckets(options):
    """Row 20: two replicas together admit no more than one would."""
    row = Row("20 one client floods two replicas", "admitted <= 105 % of the points")
    redis = Redis(options.folder)
    points = 1_000
    settings = {"REDIS_URL": redis.url(), "LIMITS_PUBLIC": f"points={points},per_second=1"}
    servers = [Server(options.binary, options.folder, options.memory_mb, **settings) for _ in range(2)]
    for server in servers:
        wait_for(lambda: json.loads(server.request("GET", "/readyz").body)["redis"]["isUp"])
    statuses = []
    ask = lambda server: statuses.extend(server.ask("{ __typename }", client="198.51.100.9").status for _ in range(400))
    begun = time.perf_counter()
    flood = [threading.Thread(target=ask, args=(server,)) for server in servers for _ in range(4)]
    for thread in flood:
        thread.start()
    for thread in flood:
        thread.join()
    seconds = time.perf_counter() - begun
    let_in = statuses.count(200)
    row.note(f"{let_in} of {len(statuses)} admitted, of {points} points, in {seconds:.1f} s", let_in <= points * 1.05 + seconds)
    row.note(f"others got {sorted(set(statuses) - {200})}", set(statuses) <= {200, 429})
    for server in servers:
        server.stop()
    redis.kill()
    yield row
