"""Requests to the registry: repeated while the server is busy or away, and counted."""

import collections
import http.client
import itertools
import json
import time
import urllib.error
import urllib.request

# Statuses after which the same request may succeed later.
PASSING = (408, 429, 502, 503, 504)
MAX_WAIT = 60


class Refused(Exception):
    """A request that cannot succeed as it is, with the code of its error."""

    def __init__(self, error):
        super().__init__(error.get("message", error))
        self.extensions = error.get("extensions") or {}
        self.code = self.extensions.get("code", "")


class Api:
    def __init__(self, url, key=None):
        self.url, self.key = url.rstrip("/"), key
        # Newest state that was seen: no server behind the address may answer with an older one.
        self.seq = 0
        self.calls = collections.Counter()

    def open(self, what, path, body=None, read=lambda response: response):
        """What `read` makes of the response."""
        for attempt in itertools.count():
            headers = {"accept": "application/json"}
            if body:
                headers["content-type"] = "application/json"
            if self.key:
                headers["authorization"] = f"Bearer {self.key}"
            if self.seq:
                headers["registry-min-seq"] = str(self.seq)
            self.calls[what] += 1
            wait = min(2**attempt, MAX_WAIT)
            try:
                response = urllib.request.urlopen(urllib.request.Request(self.url + path, body, headers), timeout=60)
                answer = read(response)
                self.seq = max(self.seq, int(response.headers.get("Registry-Seq") or 0))
                return answer
            except urllib.error.HTTPError as error:
                if error.code not in PASSING:
                    raise Refused(first_error(error)) from error
                wait = float(error.headers.get("Retry-After") or wait)
            except (OSError, http.client.HTTPException):
                # No connection, or it broke off.
                pass
            self.calls["repeated"] += 1
            time.sleep(wait)

    def graphql(self, what, query, variables):
        body = json.dumps({"query": query, "variables": variables}).encode()
        answer = self.open(what, "/graphql" if self.key else "/public/graphql", body, json.load)
        if answer.get("errors"):
            raise Refused(answer["errors"][0])
        return answer["data"]


def first_error(response):
    try:
        return json.load(response)["errors"][0]
    except (ValueError, LookupError, OSError):
        return {"message": f"HTTP {response.code}"}
