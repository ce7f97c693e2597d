"""Attacks a registry and prints the expected and the actual result of each attack.

Called by `tests/attack/run`, which sets everything up. Everything stays on this machine, and ends by itself.
"""

import argparse
import json
import pathlib
import time

import documents
import edge
import exports
import faults
import files
import integrity
import labour
import overload
import reading
import replicas
import shared
import slow
import sockets
import uploads
import waiting
from row import Row
from server import SECRET, Server

KB = 1024


def expect_rejected(server, row, texts, code, most_ms=10.0, status=400):
    """Each document must be rejected with its code, fast, in a short response that repeats none of it; repeats are timed."""
    for text in texts:
        server.ask(text)
        answer = min((server.ask(text) for _ in range(5)), key=lambda one: one.milliseconds)
        is_short = len(answer.body) < KB and documents.MARKER.encode() not in answer.body
        is_well = (answer.status, answer.code) == (status, code) and is_short and answer.milliseconds < most_ms
        row.note(f"{answer.status} {answer.code}", is_well, answer.milliseconds)


def hostile_documents(server):
    wants = "400 {}, < {} ms, < 1 KB, input not repeated"
    for name, code, texts, most_ms in [
        ("1 10,000 aliases", "TOO_MANY_ALIASES", [documents.ALIASES], 10),
        ("2 fragments for 2^22, 10^8, 30^5, 30^24 fields", "SELECTIONS_LIMIT",
         [documents.nest(levels, fan) for levels, fan in ((22, 2), (8, 10), (5, 30), (24, 30))], 10),
        ("3 cyclic fragments", "FRAGMENT_CYCLE", documents.CYCLES, 5),
        ("4 10,000 directives in four places", "DIRECTIVES_LIMIT", documents.DIRECTIVES, 10),
        ("5 100,000 equal fields", "TOKEN_LIMIT", [documents.DUPLICATES], 10),
        ("6 60,000 open braces, brackets", "DEPTH_LIMIT", [documents.BRACES, documents.LISTS], 10),
        ("7 depth 13 by fields, fragments, inline fragments, all", "DEPTH_LIMIT",
         [documents.parents(13, way) for way in ("field", "fragment", "inline", "mixed")], 10),
        ("8 100 pages of the owners of 100 pages", "COST_LIMIT", [documents.COSTLY], 10),
    ]:
        row = Row(name, wants.format(code, most_ms))
        expect_rejected(server, row, texts, code, most_ms)
        yield row
    row = Row("6 100,000 lists in a JSON variable", "400 BAD_REQUEST")
    body = '{"query":"{ __typename }","variables":{"a":' + "[" * 100_000 + "]" * 100_000 + "}}"
    answer = server.request("POST", "/public/graphql", body, {"content-type": "application/json"})
    row.note(f"{answer.status} {answer.code}", (answer.status, answer.code) == (400, "BAD_REQUEST"), answer.milliseconds)
    yield row


def bad_input(server):
    row = Row("9 first, last: 0, -1, 101, 2^31, both", "an error with a code, never INTERNAL")
    for part in [f"{name}: {number}" for name in ("first", "last") for number in (0, -1, 101, 2147483648)] + ["first: 1, last: 1"]:
        answer = server.ask(f"{{ pages({part}) {{ totalCount }} }}")
        row.note(answer.code, answer.code in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"), answer.milliseconds)
    yield row
    row = Row("10 cursors: invalid, foreign, truncated, altered", "INVALID_CURSOR")
    own = json.loads(server.ask("{ pages(first: 1) { pageInfo { endCursor } } }").body)["data"]["pages"]["pageInfo"]["endCursor"]
    foreign = json.loads(server.ask("{ institutions(first: 1) { pageInfo { endCursor } } }").body)
    foreign = foreign["data"]["institutions"]["pageInfo"]["endCursor"]
    for cursor in ("nonsense", foreign, own[:-3], own[:-1] + ("A" if own[-1] != "A" else "B"), "", "Z" * 1_000):
        answer = server.ask("query($after: String) { pages(first: 1, after: $after) { totalCount } }", {"after": cursor})
        row.note(answer.code, answer.code == "INVALID_CURSOR", answer.milliseconds)
    yield row
    row = Row("14 a misspelt field", "a suggestion, and no name of another endpoint")
    answer = server.ask("{ pagez { totalCount } }")
    row.note(f"{answer.status} {answer.code}", b"pages" in answer.body and answer.status in (200, 400, 422), answer.milliseconds)
    answer = server.ask("{ _entitiez { __typename } }")
    row.note(f"{answer.status} {answer.code}", b"_entities" not in answer.body, answer.milliseconds)
    answer = server.ask(documents.INTROSPECTION)
    row.note("introspection is open", answer.status == 200 and not answer.code, answer.milliseconds)
    yield row


def transport(server):
    row = Row("11 100 MB: length given, not given, too small", "413 or cut off, memory + < 4 MB")
    before = server.resident_mb()
    for answer in slow.long_bodies(server.port):
        row.note(answer, answer in ("413", "400", "cut off"))
    grown = server.resident_mb() - before
    row.note(f"+{grown:.1f} MB", grown < 4)
    yield row
    row = Row("12 batches of 2 and of 11", "400 BATCH_LIMIT")
    for count, path, bearer in ((2, "/public/graphql", None), (11, "/graphql", server.key)):
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {bearer}"} if bearer else {})
        answer = server.request("POST", path, json.dumps([{"query": "{ __typename }"}] * count), headers)
        row.note(f"{answer.status} {answer.code}", (answer.status, answer.code) == (400, "BATCH_LIMIT"), answer.milliseconds)
    yield row
    row = Row("13 a mutation by GET; a form; plain text", "405, 415, 415")
    headers = {"authorization": f"Bearer {server.key}"}
    mutation = "/graphql?query=mutation%7BratingPublish(input:%7B%7D)%7B__typename%7D%7D"
    got = [server.request("GET", mutation, headers=headers).status]
    for kind in ("application/x-www-form-urlencoded", "text/plain"):
        got.append(server.request("POST", "/graphql", '{"query":"{ __typename }"}', headers | {"content-type": kind}).status)
    row.note(", ".join(map(str, got)), got == [405, 415, 415])
    yield row
    row = Row("21 /subgraph without the secret", "401")
    for bearer in (None, "guess", server.key):
        answer = server.ask("{ _service { sdl } }", path="/subgraph", bearer=bearer)
        row.note(str(answer.status), answer.status == 401, answer.milliseconds)
    yield row
    row = Row("22 251 addresses; 1,001 entities", "VARIABLES_LIMIT, REPRESENTATIONS_LIMIT")
    answer = server.ask("query($urls: [String!]!) { verifyPages(urls: $urls) { verdict } }", {"urls": ["a"] * 251})
    row.note(answer.code, answer.code == "VARIABLES_LIMIT", answer.milliseconds)
    entities = {"of": [{"__typename": "Platform", "code": "vk"}] * 1_001}
    answer = server.ask("query($of: [_Any!]!) { _entities(representations: $of) { __typename } }", entities, "/subgraph", SECRET)
    row.note(answer.code, answer.code == "REPRESENTATIONS_LIMIT", answer.milliseconds)
    yield row


def slow_clients(server):
    usual = slow.p99(slow.usual_times(server))
    for name, expected, attack, seconds in [
        ("16 500 clients that never finish the request head", "closed after 5 s, others' p99 <= 2x", slow.heads, 5),
        ("16 100 clients that never finish the body", "closed after 10 s, others' p99 <= 2x", slow.bodies, 10),
        ("17 20,000 idle connections", "at most 2,000 held, others served after 5 s", slow.idle, 5),
    ]:
        row = Row(name, expected)
        outcome = attack(server, seconds)
        is_soon = outcome.closed_after is not None and outcome.closed_after < seconds + 4
        row.note(f"{outcome.opened} opened, all closed after {outcome.closed_after} s", is_soon)
        row.note(f"{outcome.most_files} files open", outcome.most_files < 2_200)
        if outcome.times:
            p99 = slow.p99(outcome.times)
            row.note(f"others' p99 {p99:.2f} ms, usually {usual:.2f}", p99 <= 2 * usual)
        yield row


def floods(server):
    row = Row("19 one client floods", "429 THROTTLED for this client only")
    flood = "{ pages(first: 100) { nodes { url title owner { name parent { name } } statistics { latest { subscribers } } } } }"
    statuses = [server.ask(flood, client="198.51.100.1").status for _ in range(200)]
    row.note(f"{statuses.count(429)} of {len(statuses)} refused", statuses.count(429) > 0 and set(statuses) <= {200, 429})
    last = server.ask(flood, client="198.51.100.1")
    row.note(f"{last.status} {last.code}, Retry-After {last.headers.get('retry-after')}", last.code == "THROTTLED")
    times = sorted(server.ask(flood, client="198.51.100.2").milliseconds for _ in range(20))
    other = server.ask(flood, client="198.51.100.2")
    row.note(f"another: {other.status}, {times[len(times) // 2]:.1f} ms", other.status == 200, times[-1])
    yield row


# Attacks that start their own servers.
OF_THEIR_OWN = {
    "18": overload.overload,
    "20": shared.buckets,
    "28": edge.edge,
    "29": shared.faults,
    "48": replicas.staleness,
    "53": exports.aborted,
    "54": replicas.stampede,
    "56": uploads.bodies,
    "58": uploads.downloads,
    "59": labour.computing,
    "60": labour.rare,
    "61": integrity.younger,
    "62": integrity.tampering,
    "63": integrity.clocks,
    "64": labour.strangers,
    "66": integrity.away,
    "68": replicas.lag,
    "69": reading.attacks,
    "72": reading.loads,
    "73": files.written_upon,
    "75": files.files,
    "76": waiting.histories,
    "77": waiting.corrections,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, type=pathlib.Path)
    parser.add_argument("--folder", required=True, type=pathlib.Path)
    parser.add_argument("--memory-mb", type=int, required=True)
    parser.add_argument("--postgres", help="URL of a registry on Postgres, for two replicas")
    parser.add_argument("--only", default="", help="numbers of the attacks to run, separated by commas")
    options = parser.parse_args()
    server = Server(options.binary, options.folder, options.memory_mb)
    failed = []

    def print_row(row, memory):
        verdict = "holds" if row.is_well else "**does not**"
        print(f"| {row.name} | {row.expected} | {'; '.join(row.got)} | {row.milliseconds:.1f} | {memory} | {verdict} |", flush=True)
        if not row.is_well:
            failed.append(row.name)

    try:
        server.ask("{ pages(first: 100) { nodes { url owner { name } } } }")
        print("| attack | expected | got | slowest ms | memory, MB | |\n|---|---|---|---|---|---|", flush=True)
        first = before = server.resident_mb()
        on_one = [hostile_documents, bad_input, transport, floods, slow_clients]
        on_one += [lambda server: faults.database(server, options), sockets.attacks]
        for attacks in on_one if not options.only else []:
            for row in attacks(server):
                if not server.lives():
                    raise SystemExit(f"{row.name}: the server is dead\n{server.log.read_text()}")
                now = server.resident_mb()
                print_row(row, f"{now - before:+.1f}")
                before = now
        time.sleep(1)
        after = server.resident_mb()
        for number, attacks in OF_THEIR_OWN.items():
            if not options.only or number in options.only.split(","):
                for row in attacks(options):
                    print_row(row, "")
        print(f"\nResident: {first:.0f} MB before, {after:.0f} MB after; limit {options.memory_mb} MB.")
    finally:
        server.stop()
    if failed:
        raise SystemExit(f"{len(failed)} attacks succeeded: {'; '.join(failed)}")


main()
