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

from measure import measured, over_http, over_sql

HERE = pathlib.Path(__file__).parent


def text(question, name):
    return (HERE / "questions" / question / name).read_text()


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def post(url, authorization, body):
    headers = {"content-type": "application/json", "authorization": authorization}
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
        send = lambda: over_http(self.url(question), self.authorization_of(question), bodies, seconds)
        return measured(send, self.process.pid, postmaster)

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
    secret = "bench"

    def __init__(self, binary, database, log):
        port = free_port()
        environment = {"DATABASE_URL": database, "LISTEN": f"127.0.0.1:{port}", "GATEWAY_SECRET": self.secret, "LOG": "warn"}
        # What is measured is how answers are made, not how they are sent again.
        environment["CACHE_MEMORY"] = "0"
        # One asker sends all of the load here; what it is limited to is no part of the question.
        environment["LIMITS_INTERNAL"] = "points=1000000000000,per_second=1000000000"
        create = [binary, "keys", "create", "--name", f"bench-{time.time_ns()}", "--scope", "review,internal"]
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


class PostGraphile(GraphQL):
    """PostGraphile in one process of Node.js."""

    document = "postgraphile.graphql"

    def __init__(self, modules, database, log):
        port = free_port()
        environment = {"DATABASE_URL": database, "PORT": str(port), "NODE_ENV": "production"}
        command = [modules / ".bin/node", modules / ".bin/postgraphile", "--config", modules.parent / "graphile.config.mjs"]
        super().__init__("PostGraphile", command, environment, log)
        self.base = f"http://127.0.0.1:{port}/graphql"
        self.wait(lambda: "data" in post(self.base, "none", '{"query": "{ __typename }"}'))

    def url(self, _question):
        return self.base


class Statement:
    """One prepared statement a question, sent by pgbench."""

    name = "one SQL"

    def __init__(self, database):
        self.database = database

    def statement(self, question, values):
        named = lambda found: literal(values[found[1]])
        return re.sub(r"(?<!:):([a-zA-Z]+)", named, text(question, "statement.sql"))

    def answer(self, question, values):
        command = ["psql", "-qtAX", self.database, "-c", self.statement(question, values)]
        return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)

    def load(self, question, inputs, seconds, postmaster):
        statements = [self.statement(question, values) for values in inputs]
        return measured(lambda: over_sql(self.database, statements, seconds), None, postmaster)

    def stop(self):
        pass


def literal(value):
    if isinstance(value, list):
        return f"ARRAY[{', '.join(literal(item) for item in value)}]"
    return "'" + str(value).replace("'", "''") + "'" if isinstance(value, str) else str(value)
