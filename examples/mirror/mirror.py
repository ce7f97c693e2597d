"""Keeps a copy of the registry in a database: an export first, then the change feed; compares it by digest."""

import argparse
import http.client
import io
import itertools
import json
import os
import sys
import time
import urllib.parse

from api import Api, Refused
from records import ORGANIZATION, PAGE, ROW_OF, digest
from store import Store

BATCH = 1_000
# Changes in one request: as many as its cost may be, with a key and without.
WITH_KEY, WITHOUT_KEY = 400, 100
# Owners in one request: as many as the API looks up at once.
OWNERS = 100
# A copy that differs is compared again after what was written meanwhile.
ATTEMPTS = 3
TABLES = {"PAGE": "pages", "ORGANIZATION": "organizations"}

CHANGES = f"""query ($filter: ChangeFilter, $after: String, $afterSeq: SafeInt, $first: Int!) {{
  changes(filter: $filter, after: $after, afterSeq: $afterSeq, first: $first) {{
    nodes {{ subjectType subjectId isRemoval subject {{ ...Page ...Organization }} }}
    pageInfo {{ endCursor hasNextPage }} seq }} }} {PAGE} {ORGANIZATION}"""
OWNERS_BY_CODES = f"""query ($codes: [String!]!) {{
  organizationsByCodes(codes: $codes) {{ ...Organization }} }} {ORGANIZATION}"""
DIGEST = """query ($filter: ChangeFilter, $seq: SafeInt) { registryDigest(filter: $filter, seq: $seq) {
  pages { count digest } organizations { count digest } } }"""


class Mirror:
    def __init__(self, api, store, places):
        self.api, self.store, self.places = api, store, places
        # A part of the registry: pages of these places and whoever owns them. Otherwise all pages and organizations.
        self.filter = {**places, "subjects": ["PAGE"], "withOwners": True} if places else {"subjects": list(TABLES)}
        self.first = WITH_KEY if api.key else WITHOUT_KEY

    def follow(self):
        """Reads the feed to its end, from where the copy stands; makes the copy first if there is none."""
        while True:
            position = self.store.position()
            try:
                if position.get("filter") != json.dumps(self.filter):
                    self.copy()
                elif self.read(position):
                    return self.keep_owners() if self.places else None
            except Refused as refused:
                self.recover(refused)
            except (OSError, http.client.HTTPException) as broken:
                print(f"the export broke off, and is taken again: {broken}", file=sys.stderr)
                time.sleep(1)

    def copy(self):
        """Makes the copy anew from two exports; the feed goes on from the older one."""
        with self.store.transaction():
            self.store.clear()
            seqs = [self.load("organizations", {}), self.load("pages", self.places)]
            self.store.move_to(filter=json.dumps(self.filter), seq=str(min(seqs)))

    def load(self, table, places):
        query = f"?filter={urllib.parse.quote(json.dumps(places))}" if places else ""
        response = self.api.open("exports", f"/export/{table}.ndjson{query}")
        # A file that breaks off raises an error: the transaction is rolled back.
        lines = io.BufferedReader(response)
        while batch := list(itertools.islice(lines, BATCH)):
            self.store.put(table, [ROW_OF[table](json.loads(line)) for line in batch])
        return int(response.headers["Registry-Seq"])

    def read(self, position):
        """Applies one part of the feed; returns whether it was the last one."""
        start = {"after": position["cursor"]} if "cursor" in position else {"afterSeq": int(position["seq"])}
        variables = {"filter": self.filter, "first": self.first, **start}
        part = self.api.graphql("changes", CHANGES, variables)["changes"]
        # Of several changes of a record, the last one holds.
        last = {(it["subjectType"], it["subjectId"]): it for it in part["nodes"]}
        with self.store.transaction():
            for kind, table in TABLES.items():
                changes = [it for (of_kind, _), it in last.items() if of_kind == kind]
                gone = [it["subjectId"] for it in changes if it["isRemoval"] or not it["subject"]]
                rows = [ROW_OF[table](it["subject"]) for it in changes if it["subjectId"] not in gone]
                self.store.remove(table, gone)
                self.store.put(table, rows)
            self.store.move_to(cursor=part["pageInfo"]["endCursor"], seq=str(part["seq"]))
        return not part["pageInfo"]["hasNextPage"]

    def keep_owners(self):
        """Looks up owners that are new, and drops organizations that own none of the pages any more."""
        owners = {owner for (owner,) in self.store.rows("pages", ["DISTINCT owner"])}
        for (codes,) in self.store.rows("pages", ["co_owners"], "co_owners <> '[]'"):
            owners.update(json.loads(codes))
        known = {code: key for key, code in self.store.rows("organizations", ["id", "code"])}
        missing = sorted(owners - known.keys())
        found = []
        for start in range(0, len(missing), OWNERS):
            codes = {"codes": missing[start : start + OWNERS]}
            nodes = self.api.graphql("owners", OWNERS_BY_CODES, codes)["organizationsByCodes"]
            found += [ROW_OF["organizations"](node) for node in nodes if node]
        with self.store.transaction():
            self.store.put("organizations", found)
            self.store.remove("organizations", [key for code, key in known.items() if code not in owners])

    def recover(self, refused):
        """After a refusal: a smaller part, or an earlier position; otherwise a new copy."""
        if refused.code == "COST_LIMIT" and self.first > 1:
            self.first //= 2
            return
        if refused.code not in ("TIMELINE_CHANGED", "INVALID_CURSOR"):
            raise refused
        print(f"{refused.code}: the copy is made anew", file=sys.stderr)
        # Sequence numbers of a lost history mean nothing.
        self.api.seq = 0
        with self.store.transaction():
            self.store.clear()

    def is_equal(self):
        """Whether the copy is the registry's, at the sequence number where it stands."""
        for _ in range(ATTEMPTS):
            self.follow()
            seq = int(self.store.position()["seq"])
            theirs = self.api.graphql("digests", DIGEST, {"filter": self.filter, "seq": seq})["registryDigest"]
            ours = {table: digest(table, self.store.rows(table)) for table in ROW_OF}
            print(f"seq {seq}: {json.dumps(ours)}", file=sys.stderr)
            if ours == theirs:
                return True
            print(f"the registry has {json.dumps(theirs)}", file=sys.stderr)
        return False


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--url", default="http://127.0.0.1:8080", help="address of the registry")
    options.add_argument("--database", default="sqlite:mirror.sqlite", help="sqlite:FILE, or postgres://…")
    options.add_argument("--platform", action="append", help="only pages on this platform; may be repeated")
    options.add_argument("--territory", action="append", help="only pages in this territory; may be repeated")
    options.add_argument("--every", type=float, default=5, help="seconds between two looks at the feed")
    options.add_argument("--once", action="store_true", help="catch up, compare, print the number of calls, and end")
    options = options.parse_args()
    places = {"platforms": options.platform, "territories": options.territory}
    places = {name: codes for name, codes in places.items() if codes}
    api = Api(options.url, os.environ.get("REGISTRY_KEY"))
    mirror, begun = Mirror(api, Store(options.database), places), time.monotonic()
    is_equal = None
    try:
        while not options.once:
            mirror.follow()
            time.sleep(options.every)
        is_equal = mirror.is_equal()
    except KeyboardInterrupt:
        pass
    except Refused as refused:
        print(f"the registry refuses the request: {refused} ({refused.code})", file=sys.stderr)
        sys.exit(2)
    seconds = round(time.monotonic() - begun, 1)
    print(json.dumps({"equal": is_equal, "seconds": seconds, "calls": dict(api.calls)}))
    sys.exit(is_equal is False)


if __name__ == "__main__":
    main()
