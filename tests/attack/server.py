"""A registry under attack: started under a memory limit, watched, and stopped."""

import http.client
import json
import os
import pathlib
import resource
import socket
import subprocess
import time
from dataclasses import dataclass

SECRET = "a secret of the gateway"


@dataclass
class Answer:
    """A response of the server, and its time."""

    status: int
    headers: dict
    body: bytes
    milliseconds: float

    @property
    def code(self):
        """Code of the first error, if there is one."""
        try:
            return json.loads(self.body)["errors"][0]["extensions"]["code"]
        except (ValueError, KeyError, IndexError, TypeError):
            return ""


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


# All but those that change limits and show what is not public.
SCOPES = "registry:read,pages:submit,statistics:write,registry:write,ratings:publish,audit:read,clients:admin"


class Server:
    """The registry, on its own port; if processors are given, on these only."""

    def __init__(self, binary, folder, memory_mb, processors=None, scopes=SCOPES, **settings):
        self.port = free_port()
        environment = os.environ | {
            "DATABASE_URL": f"sqlite://{folder}/registry.sqlite",
            "LISTEN": f"127.0.0.1:{self.port}",
            "GATEWAY_SECRET": SECRET,
            "LOG": "warn",
            # All attackers share one address here; one attack is about addresses, and sets them as a proxy.
            "TRUSTED_PROXIES": "127.0.0.1",
            "MAX_CONNECTIONS": "2000",
        } | settings
        self.environment = environment
        create = [binary, "keys", "create", "--name", f"attack-{time.time_ns()}", "--scope", scopes]
        created = subprocess.run(create, env=environment, check=True, capture_output=True, text=True)
        self.key = created.stdout.strip()
        self.log = pathlib.Path(folder, f"server-{self.port}.log")
        limit = memory_mb << 20
        self.process = subprocess.Popen(
            [*(["taskset", "-c", processors] if processors else []), binary, "serve"],
            env=environment,
            stderr=self.log.open("w"),
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
        )
        for _ in range(300):
            try:
                if self.request("GET", "/readyz").status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"the server is not ready: {self.log.read_text()}")

    def request(self, method, path, body=None, headers=None, timeout=30):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        begun = time.perf_counter()
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            read = answer.read()
            milliseconds = (time.perf_counter() - begun) * 1e3
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, read, milliseconds)
        finally:
            connection.close()

    def ask(self, query, variables=None, path="/public/graphql", bearer=None, client="192.0.2.1"):
        headers = {"content-type": "application/json", "x-forwarded-for": client}
        if bearer:
            headers["authorization"] = f"Bearer {bearer}"
        return self.request("POST", path, json.dumps({"query": query, "variables": variables or {}}), headers)

    def resident_mb(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
        return 0.0

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def open_files(self):
        return len(list(pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def open_sockets(self):
        found = 0
        for file in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                found += os.readlink(file).startswith("socket:")
            except OSError:
                # Closed in the meantime.
                continue
        return found

    def lives(self):
        return self.process.poll() is None and self.request("GET", "/livez").status == 200

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
