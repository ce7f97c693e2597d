"""Who answers the questions: the registry, PostGraphile over the same tables, and Postgres itself."""

import json
import os
import pathlib
import re
import socket
import subprocess
import time
import urllib.error
import urllib.request

from database import psql
from measure import CONCURRENCY, measured, measured_sql, over_http

HERE = pathlib.Path(__file__).parent
# Seconds of load before each measurement, which count for nothing.
WARM_UP = 1


def text(question, name):
    return (HERE / "questions" / question / name).read_text()


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def post(url, authorization, body):
    headers = {"content-type": "application/json"} | ({"authorization": authorization} if authorization else {})
    with urllib.request.urlopen(urllib.request.Request(url, body.encode(), headers), timeout=60) as answer:
        return json.loads(answer.read())


class GraphQL:
    """A server that answers documents over HTTP."""

    def __init__(self, name, command, environment, log):
        self.name = name
        self.process = subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)
        self.authorization = "none"

    def body(self, question, values):
        document = text(question, self.document)
        declared = set(re.findall(r"\$(\w+)\s*:", document))
        variables = {name: value for name, value in values.items() if name in declared}
        return json.dumps({"query": document, "variables": variables}, ensure_ascii=False)

    def answer(self, question, values):
        answer = post(self.url(question), self.authorization_of(question), self.body(question, values))
        if answer.get("errors"):
            raise SystemExit(f"{self.name}, {question}: {answer['errors'][0]}")
        return answer["data"]

    def load(self, question, inputs, seconds, postmaster):
        bodies = [self.body(question, values) for values in inputs]
        send = lambda duration: over_http(self.url(question), self.authorization_of(question), bodies, duration)
        send(WARM_UP)
        return measured(lambda: send(seconds), self.process.pid, postmaster)

    def authorization_of(self, _question):
        return self.authorization

    def wait(self, is_ready):
        for _ in range(600):
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} has ended; see its log")
            try:
                if is_ready():
                    return
            except (OSError, urllib.error.URLError):
                pass
            time.sleep(0.2)
        raise SystemExit(f"{self.name} is not ready after two minutes")

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Registry(GraphQL):
    """The registry, asked with a key that sees every row, as the other contenders do."""

    document = "registry.graphql"
    secret = "a secret of the bench"

    def __init__(self, binary, database, log):
        port = free_port()
        environment = {"DATABASE_URL": database, "LISTEN": f"127.0.0.1:{port}", "GATEWAY_SECRET": self.secret, "LOG": "warn"}
        # Execution is measured, not the response cache; `bench/run` takes Redis away.
        environment["CACHE_MEMORY"] = "0"
        # One asker sends all of the load here; what it is limited to is no part of the question.
        environment["LIMITS_INTERNAL"] = "points=1000000000000,per_second=1000000000"
        # A router that passes on no client has these limits.
        environment["LIMITS_PUBLIC"] = "cost=50000,points=1000000000000,per_second=1000000000"
        create = [binary, "keys", "create", "--name", f"bench-{time.time_ns()}", "--scope", "pages:review,limits:internal"]
        key = subprocess.run(create, env=os.environ | environment, check=True, capture_output=True, text=True).stdout
        super().__init__("registry", [binary, "serve"], environment, log)
        self.base = f"http://127.0.0.1:{port}"
        self.authorization = f"Bearer {key.strip()}"
        self.wait(lambda: urllib.request.urlopen(f"{self.base}/readyz").status == 200)
        probe = json.dumps({"query": '{ search(text: "школа") { totalCount } }'})
        self.wait(lambda: not post(f"{self.base}/graphql", self.authorization, probe).get("errors"))

    def url(self, question):
        return f"{self.base}/subgraph" if question == "q5" else f"{self.base}/graphql"

    def authorization_of(self, question):
        return f"Bearer {self.secret}" if question == "q5" else self.authorization

    def cache_hits(self):
        """Number of responses from the response cache."""
        with urllib.request.urlopen(f"{self.base}/readyz") as answer:
            counts = json.loads(answer.read())["responseCache"]
        return counts["memoryHits"] + counts["redisHits"]


class PostGraphile(GraphQL):
    """PostGraphile in one process of Node.js for each core."""

    document = "postgraphile.graphql"

    def __init__(self, modules, database, log):
        port = free_port()
        self.workers = min(len(os.sched_getaffinity(0)), CONCURRENCY)
        # As many connections as there may be requests, and as many again, shared out.
        environment = {"WORKERS": str(self.workers), "POOL": str(max(4, 2 * CONCURRENCY // self.workers))}
        environment |= {"DATABASE_URL": database, "PORT": str(port), "NODE_ENV": "production", "GRAPHILE_ENV": "production"}
        super().__init__("PostGraphile", [modules / ".bin/node", HERE / "graphile.mjs"], environment, log)
        self.base = f"http://127.0.0.1:{port}/graphql"
        self.wait(lambda: "all workers listen" in pathlib.Path(log.name).read_text())
        self.wait(lambda: "data" in post(self.base, "none", '{"query": "{ __typename }"}'))

    def url(self, _question):
        return self.base


class Statement:
    """One statement a question, prepared once in each connection of pgbench; it looks its input up in a table by number."""

    name = "one SQL"

    def __init__(self, database):
        self.database = database

    def answer(self, question, values):
        return json.loads(psql(self.database, text(question, "statement.sql"), number=values["number"]) or "null")

    def load(self, question, inputs, seconds, postmaster):
        script = f"\\set number random(1, {len(inputs)})\n{text(question, 'statement.sql')}"
        return measured_sql(self.database, script, WARM_UP, seconds, postmaster)

    def stop(self):
        pass
