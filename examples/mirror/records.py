"""Rows of pages and organizations, and the digest of rows as the registry documents it (docs/api/partners.md)."""

import hashlib
import json

# Columns are in the order of the fields of a line; those of LISTS hold a sorted JSON list.
COLUMNS = {
    "pages": "id platform_code native_id handle aliases url title page_type owner co_owners office_title languages category "
    "lifecycle availability mark mark_method mark_at widget registered_at valid_from source updated_at".split(),
    "organizations": "id kind code name short_name level branch sector territory parent website status successors identifiers "
    "valid_from valid_to source created_at updated_at".split(),
}
LISTS = {"aliases", "co_owners", "languages", "successors", "identifiers"}

# The same fields, as the API is asked for them.
PAGE = """
fragment Page on Page { id platformCode nativeId handle aliases { handle } url title pageType owner { code } coOwners { code }
  officeTitle languages category lifecycle availability mark { state method at } widget registeredAt validFrom source updatedAt }
"""
ORGANIZATION = """
fragment Organization on Organization { __typename id code name shortName territory { code } parent { code } website status
  successors { code } identifiers { schemeCode value } validFrom validTo source createdAt updatedAt
  ... on Authority { level branch } ... on Institution { sector { code } } }
"""


def page(node):
    """Row of a page, from a line of the export or from the API."""
    mark = node["mark"]
    return (
        node["id"], node["platformCode"], node.get("nativeId"), node.get("handle"), texts(node["aliases"], "handle"),
        node.get("url"), node["title"], node.get("pageType"), code(node["owner"]), texts(node["coOwners"], "code"),
        node.get("officeTitle"), texts(node["languages"]), node.get("category"), node["lifecycle"], node["availability"],
        mark["state"], mark.get("method"), seconds(mark.get("at")), node["widget"], seconds(node.get("registeredAt")),
        node.get("validFrom"), node["source"], seconds(node["updatedAt"]),
    )  # fmt: skip


def organization(node):
    """Row of an organization, from a line of the export or from the API."""
    kind = node.get("kind") or node["__typename"].upper()
    level, branch = (node.get("level"), node.get("branch")) if kind == "AUTHORITY" else (None, None)
    sector = code(node.get("sector")) if kind == "INSTITUTION" else None
    identifiers = [it if isinstance(it, str) else f"{it['schemeCode']} {it['value']}" for it in node["identifiers"]]
    return (
        node["id"], kind, node["code"], node["name"], node.get("shortName"), level, branch, sector,
        code(node.get("territory")), code(node.get("parent")), node.get("website"), node["status"],
        texts(node["successors"], "code"), texts(identifiers), node.get("validFrom"), node.get("validTo"), node["source"],
        seconds(node["createdAt"]), seconds(node["updatedAt"]),
    )  # fmt: skip


ROW_OF = {"pages": page, "organizations": organization}


def code(node):
    return node["code"] if node else None


def texts(items, name=None):
    """A list: exports have texts where the API has objects."""
    return json.dumps(sorted(it if isinstance(it, str) else it[name] for it in items or []), ensure_ascii=False)


def seconds(timestamp):
    return timestamp and timestamp[:19] + "Z"


def digest(table, rows):
    """Number of rows, and the sum of the hashes of their lines."""
    lists = [column in LISTS for column in COLUMNS[table]]
    count = total = 0
    for row in rows:
        fields = ("\x1e".join(json.loads(value)) if is_list else value or "" for value, is_list in zip(row, lists))
        total += int.from_bytes(hashlib.sha256("\x1f".join(fields).encode()).digest(), "big")
        count += 1
    return {"count": count, "digest": f"{total % 2**256:064x}"}
