"""Measures processor time for each point that a request costs, question by question, and prints a table.

Called by `bench/calibrate`, which sets up what this needs. Each question is asked with other values each time, one request
after the other and with no answer kept; time is that of the server and of the database's processes.
"""

import argparse
import http.client
import json
import os
import pathlib
import random
import subprocess
import sys
import time

import measure

PORT = 9380
# Long enough that a tick of the clock does not count.
SECONDS = 1.5


class Registry:
    """The server, with a key that may ask for everything."""

    def __init__(self, binary, database):
        environment = os.environ | {"DATABASE_URL": database, "LOG": "error"}
        name = f"calibrate-{os.getpid()}"
        create = [binary, "keys", "create", "--name", name, "--scope", "read", "--scope", "internal", "--scope", "ratings"]
        self.key = subprocess.run(create, env=environment, check=True, capture_output=True, text=True).stdout.split()[0]
        command = [binary, "serve", "--listen", f"127.0.0.1:{PORT}", "--cache-memory", "0"]
        self.process = subprocess.Popen(command, env=environment)
        self.connection = None
        self.wait()

    def wait(self):
        for _ in range(600):
            try:
                answer = self.ask('{ search(text: "a", first: 1) { totalCount } }')
                if "errors" not in answer:
                    return
            except OSError:
                self.connection = None
            time.sleep(0.2)
        raise SystemExit("the registry does not answer")

    def ask(self, query, variables=None):
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
        body = json.dumps({"query": query, "variables": variables or {}})
        headers = {"content-type": "application/json", "authorization": f"Bearer {self.key}"}
        self.connection.request("POST", "/graphql", body, headers)
        return json.loads(self.connection.getresponse().read())


def postmaster(database):
    sql = "SHOW data_directory"
    folder = subprocess.run(["psql", "-qtAX", database, "-c", sql], check=True, capture_output=True, text=True).stdout.strip()
    return int((pathlib.Path(folder) / "postmaster.pid").read_text().split()[0])


def values_of(registry):
    """Values to ask with, taken from the registry itself."""
    data = registry.ask("""{ pages(first: 100, orderBy: MOST_SUBSCRIBERS) { nodes { id url nativeId title platformCode } }
        institutions(first: 100) { nodes { id code name identifiers { scheme value } } } regions { code }
        platforms { code } methodologies { code } registryDigest { seq } }""")["data"]
    return data


def questions(known):
    """Name, document and a function that makes values for it."""
    pages, bodies = known["pages"]["nodes"], known["institutions"]["nodes"]
    regions, seq = [region["code"] for region in known["regions"]], known["registryDigest"]["seq"]
    page, body, region = (lambda: random.choice(pages)), (lambda: random.choice(bodies)), (lambda: random.choice(regions))
    platform = lambda: random.choice(known["platforms"])["code"]
    number = lambda: random.randrange(1_000_000)
    month = {"from": "2026-10-01", "to": "2026-10-31"}
    everything = "id url title handle nativeId lifecycle mark { state } owner { code name territory { name } }"
    filtered = lambda: {"f": {"territories": [region()], "platforms": [platform()]}}
    words = ["администрация", "городского", "округа", "школа", "больница", "министерство", "правительство", "библиотека",
             "центральная", "районная", "детский", "сад", "управление", "культуры", "спорта"]
    long = [word for word in words if len(word) > 6]
    misspelt = lambda: "".join(random.sample(random.choice(long), 6)) + random.choice(words)[:-1]
    yield "node", "query($id: ID!) { node(id: $id) { id ... on Page { title owner { name } } } }", lambda: {"id": page()["id"]}
    yield "page", "query($u: Url!) { page(url: $u) { %s } }" % everything, lambda: {"u": page()["url"]}
    yield "page asOf", "query($u: Url!, $t: DateTime!) { page(url: $u, asOf: $t) { %s } }" % everything, \
        lambda: {"u": page()["url"], "t": f"2026-{random.randrange(1, 10):02}-01T00:00:00Z"}
    yield "pageByNativeId", "query($p: String!, $n: String!) { pageByNativeId(platformCode: $p, nativeId: $n) { title } }", \
        lambda: {"p": page()["platformCode"], "n": str(number())}
    yield "pages 100", "query($f: PageFilter) { pages(first: 100, filter: $f, orderBy: TITLE) { nodes { %s } } }" % everything, filtered
    yield "pages 100 by subscribers", "{ pages(first: 100, orderBy: MOST_SUBSCRIBERS) { totalCount nodes { %s } } }" % everything, dict
    twenty = " ".join(f"p{i}: pages(filter: {{ territories: [$r], marks: [CONFIRMED] }}) {{ totalCount }}" for i in range(20))
    yield "20 × pages totalCount", "query($r: String!) { %s }" % twenty, lambda: {"r": region()}
    twenty = " ".join(f"p{i}: pages {{ totalCount }}" for i in range(20))
    yield "20 × all pages totalCount", "{ %s }" % twenty, dict
    yield "institutions 100", "query($f: OrganizationFilter) { institutions(first: 100, filter: $f, orderBy: NAME) { nodes { code name pages(first: 2) { nodes { title } } } } }", \
        lambda: {"f": {"territories": [region()]}}
    yield "authorities 100", "{ authorities(first: 100) { nodes { code name children(first: 3) { totalCount nodes { name } } } } }", dict
    yield "organizationsByIdentifier", "query($s: String!, $v: String!) { organizationsByIdentifier(scheme: $s, value: $v) { code } }", \
        lambda: {"s": "ru-inn", "v": str(number())}
    yield "territory", "query($c: String!) { territory(code: $c) { name } }", lambda: {"c": region()}
    yield "regions", "{ regions { code name } }", dict
    yield "verifyPages 100", "query($u: [String!]!) { verifyPages(urls: $u) { verdict page { title } } }", \
        lambda: {"u": [page()["url"] for _ in range(100)]}
    yield "verifyPages 100 unknown", "query($u: [String!]!) { verifyPages(urls: $u) { verdict lookalikes { title } } }", \
        lambda: {"u": [f"vk.com/{random.choice(words)[:4]}{number()}" for _ in range(100)]}
    yield "verifyPage asOf", "query($u: String!, $t: DateTime!) { verifyPage(url: $u, asOf: $t) { verdict } }", \
        lambda: {"u": page()["url"], "t": f"2026-{random.randrange(1, 10):02}-01T00:00:00Z"}
    yield "coverage by 2", "query($f: OrganizationFilter) { coverage(filter: $f, groupBy: [TERRITORY, KIND]) { total { obliged } groups { obliged covered } } }", dict
    yield "uncovered 100", "query($f: OrganizationFilter) { uncovered(first: 100, filter: $f) { totalCount nodes { name } } }", \
        lambda: {"f": {"territories": [region()]}}
    yield "registryStatistics by 3", "{ registryStatistics(groupBy: [TERRITORY, PLATFORM, KIND]) { groups { pages officialPages } } }", dict
    yield "changes, rare kind", "query($s: Count) { changes(afterSeq: $s, kinds: [REVOKED], first: 1) { nodes { seq } lastSeq } }", \
        lambda: {"s": random.randrange(seq)}
    yield "changes of a territory", "query($s: Count, $t: String) { changes(afterSeq: $s, territory: $t, first: 10) { nodes { seq } lastSeq } }", \
        lambda: {"s": random.randrange(seq), "t": region()}
    yield "changes 500", "query($s: Count) { changes(afterSeq: $s, first: 500) { nodes { seq kind subjectId subject { id } } } }", \
        lambda: {"s": random.randrange(seq - 600)}
    yield "registryDigest of the past", "query($s: Count) { registryDigest(seq: $s) { pages digest } }", \
        lambda: {"s": seq - random.randrange(2_000, 4_000)}
    yield "search", "query($t: String!) { search(text: $t, first: 20) { totalCount nodes { score } } }", \
        lambda: {"t": " ".join(random.sample(words, 3))}
    yield "search, misspelt", "query($t: String!) { search(text: $t, first: 20) { totalCount nodes { score } } }", \
        lambda: {"t": f"{misspelt()} {misspelt()}"}
    yield "search, long", "query($t: String!) { search(text: $t, first: 20) { totalCount nodes { score } } }", \
        lambda: {"t": " ".join(misspelt() for _ in range(14))[:200]}
    yield "history", "query($u: Url!) { page(url: $u) { history(first: 100) { nodes { seq fields { field } } } } }", lambda: {"u": page()["url"]}
    figures = "query($f: AudienceFilter, $p: Period!) { audience(filter: $f, period: $p, groupBy: [PLATFORM, TERRITORY], metric: VIEWS) { groups { value } } }"
    yield "audience", figures, lambda: {"f": {"territories": [region()]}, "p": month}
    yield "audience of all", figures, lambda: {"p": month}
    yield "page series", "query($u: Url!, $p: Period!) { page(url: $u) { statistics { series(period: $p) { from subscribers } } } }", lambda: {"u": page()["url"], "p": month}
    yield "lastDay of 100", "{ pages(first: 100) { nodes { statistics { lastDay { from } } } } }", dict
    board = "query($k: LeaderboardKind!, $p: Period!, $f: PageFilter) { leaderboard(metric: VIEWS, kind: $k, period: $p, filter: $f, first: 50) { nodes { rank } } }"
    for kind in ("PAGE", "INSTITUTION", "REGION"):
        yield f"leaderboard {kind}", board, lambda kind=kind: {"k": kind, "p": month}
    yield "rating, recomputed", "query($m: String!, $p: Period!) { rating(methodology: $m, period: $p, recomputed: true) { places(first: 10) { totalCount } } }", \
        lambda: {"m": random.choice(known["methodologies"])["code"], "p": month}
    yield "statisticsJumps", "query($p: Period!) { statisticsJumps(period: $p, first: 50) { totalCount } }", lambda: {"p": month}
    yield "publishedRatings", "{ publishedRatings(first: 20) { totalCount } }", dict
    yield "indicators", "{ indicators { code } }", dict
    yield "introspection", "{ __schema { types { name fields { name type { name } args { name } } } } }", dict


def cost(registry, database, query, values):
    """Milliseconds of the server's and of the database's processor for a point, points and requests; or what is wrong."""
    first = registry.ask(query, values())
    if "errors" in first:
        return first["errors"][0]["message"]
    before = measure.seconds_of(registry.process.pid), measure.database_seconds(database)
    points, requests, end = 0, 0, time.monotonic() + SECONDS
    while time.monotonic() < end:
        answer = registry.ask(query, values())
        points += answer.get("extensions", {}).get("cost", {}).get("actual", 1)
        requests += 1
    ours, theirs = measure.seconds_of(registry.process.pid) - before[0], measure.database_seconds(database) - before[1]
    return 1_000 * ours / points, 1_000 * theirs / points, points / requests, requests


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--binary", required=True)
    arguments.add_argument("--database", required=True)
    arguments.add_argument("--most", type=float, default=0.5)
    arguments.add_argument("--only", default="")
    given = arguments.parse_args()
    random.seed(7)
    registry = Registry(given.binary, given.database)
    database = postmaster(given.database)
    dear, wrong = [], []
    print(f"{'question':30} {'points':>8} {'ms':>9} {'ours/pt':>9} {'db/pt':>9} {'ms/pt':>9}")
    try:
        for name, query, values in questions(values_of(registry)):
            if given.only and given.only not in name:
                continue
            found = cost(registry, database, query, values)
            if isinstance(found, str):
                wrong.append(f"{name}: {found}")
                continue
            ours, theirs, points, _ = found
            total = ours + theirs
            mark = " !" if total > given.most else ""
            print(f"{name:30} {points:8.1f} {total * points:9.3f} {ours:9.3f} {theirs:9.3f} {total:9.3f}{mark}", flush=True)
            dear += [name] if mark else []
    finally:
        registry.process.terminate()
        registry.process.wait()
    for line in wrong:
        print("not measured:", line)
    print(f"above {given.most} ms a point: {', '.join(dear) or 'none'}")
    sys.exit(1 if dear or wrong else 0)


if __name__ == "__main__":
    main()
