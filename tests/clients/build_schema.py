"""graphql-core: builds each schema file."""

from graphql import build_schema, validate_schema

from shared import SCHEMAS

for name, path in SCHEMAS.items():
    errors = validate_schema(build_schema(path.read_text()))
    assert not errors, (name, errors)
print(f"build_schema of the {len(SCHEMAS)} files")
