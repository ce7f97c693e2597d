"""What all scripts need: where the registry is."""

import json
import os
import pathlib
import shutil

REGISTRY = os.environ["REGISTRY"]
PUBLIC = f"{REGISTRY}/public/graphql"
PRIVATE = f"{REGISTRY}/graphql"
AUTHORIZATION = {"authorization": f"Bearer {os.environ['KEY']}"}
# Files with the schemas.
SCHEMAS = {name: pathlib.Path(path) for name, path in json.loads(os.environ["SCHEMAS"]).items()}


def generated(name):
    """Path of an empty folder for generated code."""
    folder = pathlib.Path(__file__).parent / "generated" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder
