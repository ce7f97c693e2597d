"""sgqlc: generates classes from the introspection, and runs a query built of them."""

import importlib
import pathlib
import subprocess
import sys

from sgqlc.endpoint.http import HTTPEndpoint
from sgqlc.operation import Operation

from shared import PUBLIC, generated

folder = generated("sgqlc")
programs = pathlib.Path(sys.executable).parent
for command in [
    [sys.executable, "-m", "sgqlc.introspection", "--exclude-deprecated", PUBLIC, "schema.json"],
    [programs / "sgqlc-codegen", "schema", "schema.json", "registry_schema.py"],
]:
    made = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr

sys.path.insert(0, str(folder))
schema = importlib.import_module("registry_schema")
operation = Operation(schema.Query)
pages = operation.pages(first=3, filter={"platforms": ["vk"]})
pages.total_count()
pages.nodes.__fields__("id", "url", "updated_at")
pages.nodes.owner.name()
answer = HTTPEndpoint(PUBLIC)(operation)
assert "errors" not in answer, answer
found = (operation + answer).pages
assert len(found.nodes) == 3 and found.nodes[0].owner.name
print("classes from introspection, a query built of them")
