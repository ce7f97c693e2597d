"""Two servers under load with injected faults; called by `tests/attack/chaos`."""

import argparse
import glob
import http.client
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

REPORT_INTERVAL = 600


class Postgres:
    """Its own database server, so that it may be killed."""

    def __init__(self, folder):
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.folder, self.port = folder / "postgres", free_port()
        self.folder.mkdir()
        self.user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self.user:
            shutil.chown(self.folder, "postgres")
        subprocess.run([*self.user, f"{self.bin}/initdb", "-D", self.folder, "-A", "trust", "-U", "postgres"], check=True, capture_output=True)
        self.control("start")
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/registry"
        subprocess.run(["psql", "-qX", f"postgres://postgres@127.0.0.1:{self.port}/postgres", "-c", "CREATE DATABASE registry"], check=True)

    def control(self, action, *options):
        settings = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        command = [*self.user, f"{self.bin}/pg_ctl", "-D", self.folder, "-w", "-o", settings, *options, action]
        subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)


class Redis:
    """Its own Redis."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.start()

    def start(self):
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def lose(self):
        self.process.kill()
        self.process.wait()


class Server:
    """One of the registry's servers."""

    def __init__(self, options, environment):
        self.options, self.port = options, free_port()
        self.environment = environment | {"LISTEN": f"127.0.0.1:{self.port}", "TRUSTED_PROXIES": "127.0.0.1"}
        self.start()

    def start(self):
        limit = self.options.memory_mb << 20
        self.process = subprocess.Popen(
            [self.options.binary, "serve"], env=self.environment, stderr=subprocess.DEVNULL,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def ask(self, query, variables=None, key=None, timeout=20):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            headers = {"content-type": "application/json", "x-forwarded-for": f"192.0.2.{random.randrange(1, 250)}"}
            if key:
                headers["authorization"] = f"Bearer {key}"
            path = "/graphql" if key else "/public/graphql"
            connection.request("POST", path, json.dumps({"query": query, "variables": variables or {}}), headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def resident_mb(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) // 1024
        return 0


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Chaos:
    """State and results of a run."""

    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.postgres, self.redis = Postgres(folder), Redis(folder)
        self.environment = os.environ | {
            "DATABASE_URL": self.postgres.url, "REDIS_URL": f"redis://127.0.0.1:{self.redis.port}", "LOG": "error"}
        self.run("demo", "--pages", "5000", "--days", "10", "--no-serve")
        self.key = self.run("keys", "create", "--name", "chaos", "--scope", "read,statistics,internal").split()[0]
        self.steady, self.killed = Server(options, self.environment), Server(options, self.environment)
        self.stop = threading.Event()
        self.acknowledged, self.counts = [], {"reads": 0, "refused": 0, "wrong": 0, "writes": 0, "unsure": 0, "faults": 0, "hidden": 0}

    def run(self, *arguments):
        done = subprocess.run([self.options.binary, *arguments], env=self.environment, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{arguments}: {done.stderr}")
        return done.stdout

    def write(self, number):
        """Submits statistics, each call once; remembers the acknowledged ones."""
        submit = "mutation($i: StatisticsSubmitInput!) { statisticsSubmit(input: $i) { seq results { status code } userErrors { code } } }"
        while not self.stop.is_set():
            page, value = random.choice(self.pages), random.randrange(1, 1 << 30)
            native = {"platformCode": page["platformCode"], "nativeId": page["nativeId"]}
            row = {"page": {"native": native}, "day": time.strftime("%Y-%m-%d", time.gmtime()), "reactions": value}
            sent = {"i": {"rows": [row], "idempotencyKey": f"{number}-{time.time_ns()}"}}
            try:
                status, answer = random.choice([self.steady, self.killed]).ask(submit, sent, self.key)
                payload = (answer.get("data") or {}).get("statisticsSubmit")
                if status == 200 and payload and payload["results"] and payload["results"][0]["status"] in ("STORED", "REPLACED"):
                    self.acknowledged.append(payload["seq"])
                    self.counts["writes"] += 1
                else:
                    self.counts["refused"] += 1
            except (OSError, ValueError, http.client.HTTPException):
                self.counts["unsure"] += 1
            time.sleep(random.random() / 10)

    def read(self):
        queries = ["{ pages(first: 20, orderBy: { field: SUBSCRIBERS, direction: DESC }) { nodes { title statistics { latest { subscribers } } } } }",
                   '{ search(text: "школа", first: 10) { totalCount } }', "{ changes(first: 50) { nodes { seq } } }",
                   "{ registryStatistics(groupBy: [PLATFORM]) { groups { pages } } }", "{ pages(first: 50) { nodes { statistics { lastDay { from } } } } }"]
        while not self.stop.is_set():
            try:
                status, answer = random.choice([self.steady, self.killed]).ask(random.choice(queries))
                kind = "reads" if status == 200 and "errors" not in answer else "refused" if status in (429, 503) or status == 200 and code(answer) == "SEARCH_NOT_READY" else "wrong"
                self.counts[kind] += 1
            except (OSError, ValueError, http.client.HTTPException):
                self.counts["refused"] += 1
            time.sleep(random.random() / 20)

    def dawdle(self):
        """Downloads files slowly, and disconnects in the middle."""
        while not self.stop.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self.steady.port), timeout=5) as stream:
                    stream.sendall(b"GET /export/statistics.csv?from=2026-01-01&to=2026-12-31 HTTP/1.1\r\nhost: a\r\n\r\n")
                    end = time.monotonic() + random.randrange(1, 40)
                    while time.monotonic() < end and not self.stop.is_set() and stream.recv(8_192):
                        time.sleep(0.1)
            except OSError:
                time.sleep(1)

    def hide(self):
        """Imports pages, loads their statistics and undoes the import, which hides pages and statistics."""
        rows = [f"hide-{number},https://vk.com/hidden_page_{number}" for number in range(40)]
        (self.folder / "pages.csv").write_text("code,address\n" + "\n".join(rows) + "\n")
        mapping = '[organization]\ncode = "code"\nname = "code"\nkind = { constant = "INSTITUTION" }\n[[pages]]\nurl = "address"\n'
        (self.folder / "pages.toml").write_text(mapping)
        while not self.stop.is_set():
            figures = [f"https://vk.com/hidden_page_{number},{time.strftime('%Y-%m-%d', time.gmtime())},{random.randrange(1 << 20)}" for number in range(40)]
            (self.folder / "figures.csv").write_text("url,day,views\n" + "\n".join(figures) + "\n")
            output = self.attempt("import", "pages.csv", "--kind", "pages", "--mapping", "pages.toml", "--source", "chaos")
            self.attempt("import", "figures.csv", "--kind", "statistics", "--source", "chaos")
            number = re.search(r"This was import (\d+)", output)
            if number and self.attempt("import", "undo", number[1]):
                self.counts["hidden"] += 1
            self.stop.wait(5)

    def attempt(self, *arguments):
        """Output of a command; nothing if it fails, which is allowed."""
        done = subprocess.run([self.options.binary, *arguments], env=self.environment, cwd=self.folder, capture_output=True, text=True)
        return "" if done.returncode else done.stdout

    def fail(self):
        """Injects a fault every half minute."""
        while not self.stop.wait(30):
            fault = random.choice(["kill", "kill", "postgres", "postgres fast", "redis"])
            self.counts["faults"] += 1
            if fault == "kill":
                self.killed.kill()
                time.sleep(random.random() * 3)
                self.killed.start()
            elif fault == "redis":
                self.redis.lose()
                time.sleep(random.random() * 10)
                self.redis.start()
            else:
                self.postgres.control("restart", "-m", "immediate" if fault == "postgres" else "fast")

    def go(self, minutes):
        self.wait_for(self.steady)
        asked = self.steady.ask("{ pages(first: 100, orderBy: { field: SUBSCRIBERS, direction: DESC }) { nodes { platformCode nativeId } } }", key=self.key)[1]
        self.pages = [page for page in asked["data"]["pages"]["nodes"] if page["nativeId"]]
        work = [(self.write, (number,)) for number in range(3)] + [(self.read, ())] * 4 + [(self.dawdle, ())] * 4 + [(self.hide, ()), (self.fail, ())]
        threads = [threading.Thread(target=target, args=arguments, daemon=True) for target, arguments in work]
        for thread in threads:
            thread.start()
        begun, next_report = time.monotonic(), 0
        print("| minute | acknowledged writes | reads | refused | wrong | faults | imports undone | steady server, MB |\n|---|---|---|---|---|---|---|---|", flush=True)
        while time.monotonic() < begun + 60 * minutes:
            time.sleep(1)
            if time.monotonic() >= begun + next_report:
                self.report(int((time.monotonic() - begun) / 60))
                next_report += REPORT_INTERVAL
        self.stop.set()
        for thread in threads:
            thread.join(60)
        self.report(minutes)
        return self.prove()

    def report(self, minute):
        it = self.counts
        print(f"| {minute} | {it['writes']} | {it['reads']} | {it['refused']} | {it['wrong']} | {it['faults']} | {it['hidden']} | {self.steady.resident_mb()} |", flush=True)

    def wait_for(self, server):
        for _ in range(600):
            try:
                if server.ask('{ search(text: "a") { totalCount } }')[1].get("data"):
                    return
            except (OSError, ValueError, http.client.HTTPException):
                pass
            time.sleep(0.2)
        raise SystemExit("a server does not recover")

    def prove(self):
        """Whether all acknowledged writes are in the log, the log has no gap, and all servers agree."""
        self.postgres.control("start")
        for server in (self.steady, self.killed):
            if server.process.poll() is not None:
                server.start()
            self.wait_for(server)
        ask = lambda sql: subprocess.run(["psql", "-qtAX", self.postgres.url, "-c", sql], check=True, capture_output=True, text=True).stdout.split()
        last, number, first = (int(one) for one in ask("SELECT max(seq), count(*), min(seq) FROM change")[0].split("|"))
        batches = {int(seq) for seq in ask("SELECT seq FROM change WHERE kind = 'STATISTICS_RECORDED'")}
        lost = [seq for seq in self.acknowledged if seq > last]
        gaps = last - first + 1 - number
        digests = {json.dumps(server.ask("{ registryDigest { seq pages { count digest } organizations { count digest } } }", key=self.key)[1]["data"]) for server in (self.steady, self.killed)}
        checked = [self.run("check").strip(), self.run("check", "--statistics").strip()]
        print(f"acknowledged {len(self.acknowledged)}, beyond the log {len(lost)}, batches of statistics {len(batches)}; {number} changes, gaps {gaps}; "
              f"digests of both servers {'equal' if len(digests) == 1 else 'DIFFER'}; unknown outcomes {self.counts['unsure']}")
        print("\n".join(checked))
        is_well = not lost and gaps == 0 and len(digests) == 1 and self.counts["wrong"] == 0 and len(batches) >= len(set(self.acknowledged))
        return is_well

    def end(self):
        self.stop.set()
        for server in (self.steady, self.killed):
            server.process.kill()
        self.redis.lose()
        self.postgres.control("stop", "-m", "immediate")


def code(answer):
    try:
        return answer["errors"][0]["extensions"]["code"]
    except (KeyError, IndexError, TypeError):
        return ""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--memory-mb", type=int, default=4096)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        chaos = None
        try:
            chaos = Chaos(options, pathlib.Path(folder))
            is_well = chaos.go(options.minutes)
        finally:
            if chaos:
                chaos.end()
    raise SystemExit(0 if is_well else "something was lost")


main()
