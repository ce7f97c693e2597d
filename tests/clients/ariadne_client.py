"""ariadne-codegen: generates a client of each schema file, and runs that of the public one."""

import pathlib
import subprocess
import sys

from shared import PUBLIC, SCHEMAS, generated

QUERIES = """
query Pages($first: Int!, $filter: PageFilter) {
  pages(first: $first, filter: $filter) {
    totalCount
    nodes {
      id url updatedAt statistics { latest { subscribers } }
      owner { __typename name ... on Institution { authority { name } } }
    }
  }
}
"""
SETTINGS = """
[tool.ariadne-codegen]
schema_path = "{schema}"
queries_path = "queries.graphql"
async_client = false

[tool.ariadne-codegen.scalars.DateTime]
type = "datetime.datetime"

[tool.ariadne-codegen.scalars.Date]
type = "datetime.date"

[tool.ariadne-codegen.scalars.Url]
type = "str"

[tool.ariadne-codegen.scalars.SafeInt]
type = "int"
"""

folders = {}
for name, schema in SCHEMAS.items():
    folders[name] = generated(f"ariadne-{name}")
    (folders[name] / "queries.graphql").write_text(QUERIES)
    (folders[name] / "pyproject.toml").write_text(SETTINGS.format(schema=schema))
    program = pathlib.Path(sys.executable).parent / "ariadne-codegen"
    made = subprocess.run([program], cwd=folders[name], capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr

sys.path.insert(0, str(folders["public"]))
from graphql_client import Client, PageFilter  # noqa: E402

found = Client(url=PUBLIC).pages(first=3, filter_=PageFilter(platforms=["vk"])).pages
assert len(found.nodes) == 3
for page in found.nodes:
    assert page.updated_at.tzinfo and page.url.startswith("https://") and page.owner.name
print(f"generated from the {len(SCHEMAS)} files, and run; timestamps as datetime")
