"""Runs each client against a registry, and prints a table of the results."""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "attack"))
from server import SCOPES, SECRET, Server  # noqa: E402

SCHEMAS = {"public": "schemas/public.graphql", "partner": "schema.graphql", "subgraph": "schemas/subgraph.graphql"}
MEMORY_MB = 4096
# Seconds for one client.
LIMIT = 120
# Package, program, and script.
CLIENTS = [
    ("graphql", "node", "build_schema.mjs"),
    ("graphql-core", "python", "build_schema.py"),
    ("graphql-core", "generators", "build_schema.py"),
    ("@theguild/federation-composition", "node", "../composition/compose.mjs"),
    ("relay-compiler", "node", "relay.mjs"),
    ("@genql/cli", "node", "genql.mjs"),
    ("@graphql-codegen/client-preset", "node", "codegen.mjs"),
    ("@apollo/client", "node", "apollo.mjs"),
    ("@urql/core", "node", "urql.mjs"),
    ("graphql-request", "node", "graphql_request.mjs"),
    ("graphql-ws", "node", "graphql_ws.mjs"),
    ("gql", "python", "gql_client.py"),
    ("ariadne-codegen", "generators", "ariadne_client.py"),
    ("sgqlc", "generators", "sgqlc_client.py"),
    ("pandas", "python", "pandas_client.py"),
]


def versions(folder, program):
    """Versions of the packages of a program."""
    if program == "node":
        return json.loads((folder / "package.json").read_text())["dependencies"]
    file = HERE / {"python": "requirements.txt", "generators": "requirements-generators.txt"}[program]
    return dict(re.findall(r"^([\w-]+)(?:\[.*\])?==(\S+)$", file.read_text(), re.MULTILINE))


def run(command, environment):
    """Whether the command succeeded, the last line that it printed, and the seconds that it took."""
    begun = time.monotonic()
    try:
        ended = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, timeout=LIMIT)
        succeeded, printed = ended.returncode == 0, ended.stdout if ended.returncode == 0 else ended.stdout + ended.stderr
    except subprocess.TimeoutExpired:
        succeeded, printed = False, f"not ended after {LIMIT} s"
    return succeeded, printed.strip(), time.monotonic() - begun


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True, help="the registry")
    parser.add_argument("--folder", required=True, help="folder with its database, registry.sqlite")
    parser.add_argument("--tools", required=True, type=pathlib.Path, help="folder with the virtual environments of Python")
    arguments = parser.parse_args()
    programs = {"node": "node"} | {name: str(arguments.tools / name / "bin" / "python") for name in ("python", "generators")}
    # Introspection shows what a key allows, and the schema files have all of it.
    server = Server(arguments.program, arguments.folder, MEMORY_MB, scopes=f"{SCOPES},pages:review")
    environment = os.environ | {
        "REGISTRY": f"http://127.0.0.1:{server.port}",
        "KEY": server.key,
        "GATEWAY_SECRET": SECRET,
        "SCHEMAS": json.dumps({name: str(ROOT / path) for name, path in SCHEMAS.items()}),
    }
    failures = []
    print("| client | version | what was run | result | seconds |\n|---|---|---|---|---|", flush=True)
    try:
        for package, program, script in CLIENTS:
            version = versions((HERE / script).resolve().parent, program)[package]
            succeeded, printed, seconds = run([programs[program], script], environment)
            what, result = (printed.splitlines()[-1], "passed") if succeeded else (script, "FAILED")
            print(f"| {package} | {version} | {what} | {result} | {seconds:.1f} |", flush=True)
            if not succeeded:
                failures.append(f"{package} {version}, {script}:\n{printed}")
    finally:
        server.stop()
    print(*failures, sep="\n\n", file=sys.stderr)
    print(f"{len(CLIENTS) - len(failures)} passed, {len(failures)} failed")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
