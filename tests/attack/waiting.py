"""Many requests that wait for the database: thousands of histories, and a small load of many days of a large platform."""

import json
import threading
import time

from row import Row
from server import Server

HISTORIES = "query($d: Date!) { pages(first: 100, filter: { registeredOn: { from: $d } }) { nodes { history(first: 1) { totalCount } } } }"
DAYS = 40


def histories(options):
    """Row 76."""
    row = Row("76 200 concurrent requests from one address, each for 100 histories", "memory + <= 200 MB; /livez < 100 ms; answered, timed out or rejected")
    server = Server(options.binary, options.folder, options.memory_mb, CACHE_MEMORY="0")
    server.ask(HISTORIES, {"d": "2023-01-01"}, client="192.0.2.76")
    before, most, lives, statuses, stop = server.resident_mb(), 0.0, [], [], threading.Event()

    def watch():
        nonlocal most
        while not stop.is_set():
            most = max(most, server.resident_mb())
            lives.append(server.request("GET", "/livez").milliseconds)
            time.sleep(0.02)

    def ask(number):
        day = f"20{number // 100 + 22}-{number % 12 + 1:02}-{number % 28 + 1:02}"
        statuses.append(server.ask(HISTORIES, {"d": day}, client="192.0.2.76").status)

    watching = threading.Thread(target=watch)
    watching.start()
    askers = [threading.Thread(target=ask, args=(number,)) for number in range(200)]
    for thread in askers:
        thread.start()
    for thread in askers:
        thread.join(60)
    stop.set()
    watching.join()
    summary = ", ".join(f"{statuses.count(status)} x {status}" for status in sorted(set(statuses)))
    row.note(f"{summary}; memory +{most - before:.0f} MB", most - before <= 200 and set(statuses) <= {200, 429, 503})
    lives.sort()
    row.note(f"/livez p50 {lives[len(lives) // 2]:.1f} ms", lives[len(lives) // 2] < 100, lives[-1])
    server.stop()
    yield row


def corrections(options):
    """Row 77: on Postgres, which has the larger registry."""
    row = Row(f"77 a load of {DAYS} rows of one page, one a day, where all pages of its platform have statistics", "recorded in 0.5 s; also another client's row meanwhile")
    server = Server(options.binary, options.folder, options.memory_mb, DATABASE_URL=options.postgres)
    page = json.loads(server.ask("{ pages(first: 1, filter: { platforms: [\"vk\"] }) { nodes { id } } }").body)["data"]["pages"]["nodes"][0]["id"]
    headers = {"authorization": f"Bearer {server.key}", "content-type": "text/csv"}
    days = [time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86_400 * (ago + 1))) for ago in range(DAYS)]

    def rows(days, views):
        return "pageId,day,views\n" + "".join(f"{page},{day},{views}\n" for day in days)

    server.request("POST", "/statistics", rows(days, 1), headers, timeout=120)
    answers = []
    loading = threading.Thread(target=lambda: answers.append(server.request("POST", "/statistics", rows(days, int(time.time()) % 100_000 + 2), headers, timeout=120)))
    loading.start()
    time.sleep(0.02)
    other = server.request("POST", "/statistics", rows(days[:1], int(time.time()) % 100_000 + 7), headers, timeout=120)
    loading.join()
    for name, answer in [("loaded", answers[0]), ("the other", other)]:
        row.note(f"{name} {answer.status} after {answer.milliseconds / 1e3:.2f} s", answer.status == 200 and answer.milliseconds < 500, answer.milliseconds)
    server.stop()
    yield row
