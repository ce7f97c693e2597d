"""Serves one page on this machine: which engine runs, what it joins, and queries to try."""

import argparse
import html
import http.server
import json
import pathlib
import urllib.parse

HERE = pathlib.Path(__file__).parent

PAGE = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Gateway</title>
  <style>
    :root {{ color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }}
    body {{ font: 1rem/1.55 system-ui, sans-serif; max-width: 54rem; margin: 0 auto; padding: 2rem 1rem 4rem; }}
    h1 {{ font-size: 1.7rem; margin: 0 0 .25rem; }}
    h2 {{ font-size: 1.15rem; margin: 2.2rem 0 .6rem; }}
    td {{ padding: .3rem 1rem .3rem 0; vertical-align: top; }}
    pre {{ font: .88rem/1.5 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0 1rem;
          padding: .7rem .9rem; border: 1px solid var(--line); border-radius: .5rem; }}
  </style>
</head>
<body>
  <h1>Gateway</h1>
  <p>One graph of the registry and a partner. The data of both is invented.</p>
  <table>
    <tr><td>Engine</td><td>{engine}</td></tr>
    <tr><td>Endpoint</td><td>{endpoint}</td></tr>
    <tr><td>Joined</td><td>{joined}</td></tr>
  </table>
  <h2>Queries to try</h2>
  {queries}
</body>
</html>
"""

GRAPHIQL = '<a href="{gateway}">{gateway}</a> (GraphiQL, which your browser loads from unpkg.com)'

QUERY = """<p>{title}</p>
  <pre>{text}</pre>
  <p>In a terminal:</p>
  <pre>{command}</pre>
"""


def queries(gateway, graphiql):
    """The queries of the folder, each with a command and, if there is GraphiQL, a link to it. The first line of a query is its title."""
    for file in sorted((HERE / "queries").glob("*.graphql")):
        title, text = file.read_text().split("\n", 1)
        body = json.dumps({"query": " ".join(text.split())})
        command = f"curl -s {gateway} -H 'content-type: application/json' -d '{body}'"
        title = html.escape(title.lstrip("# "))
        if graphiql:
            link = html.escape(f"{gateway}?{urllib.parse.urlencode({'query': text})}")
            title = f'<a href="{link}">{title}</a>'
        yield QUERY.format(title=title, text=html.escape(text), command=html.escape(command))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    for name in ("gateway", "engine", "registry", "partner"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--graphiql", action="store_true", help="the gateway serves GraphiQL")
    arguments = parser.parse_args()
    addresses = {"registry": arguments.registry, "rutube": arguments.partner}
    names = [subgraph["name"] for subgraph in json.loads((HERE / "subgraphs.json").read_text())]
    joined = "<br>".join(f"<code>{html.escape(name)}</code> {html.escape(addresses.get(name, ''))}" for name in names)
    gateway = html.escape(arguments.gateway)
    page = PAGE.format(
        engine=html.escape(arguments.engine),
        endpoint=GRAPHIQL.format(gateway=gateway) if arguments.graphiql else gateway,
        joined=joined,
        queries="".join(queries(arguments.gateway, arguments.graphiql)),
    ).encode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_):
            pass

    http.server.ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
