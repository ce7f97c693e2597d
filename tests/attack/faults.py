"""Internal errors: what the response reveals, and that the server keeps running."""

import json
import sqlite3

from row import Row


def database(server, options):
    """Row 15: a table is missing for a short time."""
    row = Row("15 the database fails", "INTERNAL with a trace id; no SQL, no table, no path; 200 afterwards")
    query = "{ pages(first: 3) { nodes { statistics { lastDay { subscribers } } } } }"
    registry = sqlite3.connect(options.folder / "registry.sqlite", timeout=30)
    registry.execute("ALTER TABLE page_statistics RENAME TO gone")
    registry.commit()
    for path, bearer in (("/public/graphql", None), ("/graphql", server.key)):
        answer = server.ask(query, path=path, bearer=bearer)
        error = json.loads(answer.body)["errors"][0]
        words = (b"page_statistics", b"SELECT", b"select", str(options.folder).encode(), b"sqlx", b".rs")
        is_quiet = not any(word in answer.body for word in words)
        row.note(f"{answer.status} {answer.code}, {len(answer.body)} bytes", is_quiet and answer.code == "INTERNAL", answer.milliseconds)
        trace = error["extensions"].get("traceId", "")
        row.note("its trace id is in the log", bool(trace) and trace in server.log.read_text())
    registry.execute("ALTER TABLE gone RENAME TO page_statistics")
    registry.commit()
    registry.close()
    answer = server.ask(query)
    row.note(f"then {answer.status} {answer.code or 'well'}", answer.status == 200 and not answer.code)
    yield row
