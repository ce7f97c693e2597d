"""A shared cache in front of the server, keyed by the URL alone."""

import http.client
import subprocess
import time
import urllib.parse

from row import Row
from server import Server, free_port

CONFIGURATION = """user root; daemon off; worker_processes 1; pid {folder}/nginx.pid; events {{ worker_connections 64; }}
http {{ access_log off; client_body_temp_path {folder}/nb; proxy_temp_path {folder}/np; fastcgi_temp_path {folder}/nf;
uwsgi_temp_path {folder}/nu; scgi_temp_path {folder}/ns; proxy_cache_path {folder}/nc keys_zone=kept:1m;
server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://127.0.0.1:{origin}; proxy_cache kept; proxy_cache_key $request_uri;
add_header X-Cache $upstream_cache_status always; }} }} }}
"""


def edge(options):
    """Row 28."""
    row = Row("28 nginx in front, keyed by the URL alone", "public responses cached, private ones never")
    server = Server(options.binary, options.folder, options.memory_mb)
    port = free_port()
    settings = options.folder / "nginx.conf"
    settings.write_text(CONFIGURATION.format(folder=options.folder, port=port, origin=server.port))
    nginx = subprocess.Popen(["nginx", "-c", settings, "-e", "stderr"], stderr=subprocess.DEVNULL)

    def ask(path, bearer=None, query="{ pages(first: 1) { nodes { title } } }"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", f"{path}?{urllib.parse.urlencode({'query': query})}", headers={"authorization": f"Bearer {bearer}"} if bearer else {})
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.getheader("x-cache")

    try:
        for _ in range(100):
            try:
                ask("/livez")
                break
            except OSError:
                time.sleep(0.05)
        public = [ask("/public/graphql") for _ in range(2)]
        row.note(f"public {public}", [cache for _, cache in public] == ["MISS", "HIT"])
        private = [ask("/graphql", bearer) for bearer in (server.key, server.key, None, "guess", None)]
        row.note(f"private {private}", private == [(200, "MISS"), (200, "MISS"), (401, "MISS"), (401, "MISS"), (401, "MISS")])
        own = [ask("/public/graphql", query="{ rateLimit { remaining } }") for _ in range(2)]
        row.note(f"about the client {own}", own == [(200, "MISS")] * 2)
    finally:
        nginx.terminate()
        nginx.wait()
        server.stop()
    yield row
