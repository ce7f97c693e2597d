"""Attacks on sockets: too many subscriptions, silence, long messages, clients that never read."""

import base64
import json
import os
import socket
import struct
import time

from row import Row

FEED = "subscription($first: Int!) { changes(afterSeq: 0, first: $first) { seq nodes { seq kind subjectId subject { id } } } }"


class Client:
    """A minimal WebSocket client for attacks."""

    def __init__(self, server, buffer=None, with_key=True):
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(30)
        self.socket.connect(("127.0.0.1", server.port))
        key = base64.b64encode(os.urandom(16)).decode()
        authorization = f"Authorization: Bearer {server.key}\r\n" if with_key else ""
        self.socket.sendall(
            f"GET /graphql HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n{authorization}\r\n".encode()
        )
        self.unread = b""
        while b"\r\n\r\n" not in self.unread:
            self.unread += self.socket.recv(4096)
        head, self.unread = self.unread.split(b"\r\n\r\n", 1)
        if not head.startswith(b"HTTP/1.1 101"):
            raise SystemExit(f"no socket: {head[:200]}")

    def send(self, text):
        self.send_frame(0x81, text.encode())

    def send_frame(self, kind, data):
        length = len(data)
        if length < 126:
            head = struct.pack("!BB", kind, 0x80 | length)
        elif length < 65_536:
            head = struct.pack("!BBH", kind, 0x80 | 126, length)
        else:
            head = struct.pack("!BBQ", kind, 0x80 | 127, length)
        # Masked with zeros.
        self.socket.sendall(head + b"\0\0\0\0" + data)

    def send_json(self, **message):
        self.send(json.dumps(message))

    def begin(self):
        self.send_json(type="connection_init")
        return self.receive()

    def receive(self):
        """The next message, or the close code; 0 if the connection was lost."""
        while True:
            try:
                head = self.take(2)
                length = head[1] & 127
                if length == 126:
                    (length,) = struct.unpack("!H", self.take(2))
                elif length == 127:
                    (length,) = struct.unpack("!Q", self.take(8))
                data = self.take(length)
            except OSError:
                return 0
            if head[0] == 0x81:
                return json.loads(data)
            if head[0] == 0x88:
                return struct.unpack("!H", data[:2])[0]

    def take(self, count):
        while len(self.unread) < count:
            read = self.socket.recv(65_536)
            if not read:
                raise OSError("closed")
            self.unread += read
        taken, self.unread = self.unread[:count], self.unread[count:]
        return taken


def attacks(server):
    """Row 23, except memory, which is reported for each row."""
    last = server.request("GET", "/readyz")
    end = json.loads(last.body)["seq"]
    row = Row("23 1,000 subscriptions on one socket", "20 accepted, each of the others refused: SUBSCRIPTIONS_LIMIT")
    client = Client(server)
    client.begin()
    query = f"subscription {{ changes(afterSeq: {end}) {{ seq }} }}"
    begun = time.perf_counter()
    for number in range(1_000):
        client.send_json(type="subscribe", id=str(number), payload={"query": query})
    codes = [client.receive()["payload"][0]["extensions"]["code"] for _ in range(980)]
    row.note(f"{codes.count('SUBSCRIPTIONS_LIMIT')} refused", codes.count("SUBSCRIPTIONS_LIMIT") == 980, (time.perf_counter() - begun) * 1e3)
    client.send_json(type="ping")
    row.note("the socket is alive", client.receive() == {"type": "pong"})
    yield row

    row = Row("23 a socket without connection_init", "closed with 4408 after 3 s")
    begun = time.perf_counter()
    code = Client(server).receive()
    seconds = time.perf_counter() - begun
    row.note(f"{code} after {seconds:.1f} s", code == 4408 and 2.5 < seconds < 4)
    yield row

    row = Row("23 a message of 1 MB", "closed with 1009, or cut off while it is sent")
    client = Client(server)
    client.begin()
    begun = time.perf_counter()
    try:
        client.send("x" * (1 << 20))
        code = client.receive()
    except OSError:
        code = 0
    row.note(str(code), code in (1009, 0), (time.perf_counter() - begun) * 1e3)
    yield row

    row = Row("23 2 clients with 20 subscriptions each that never read", "dropped 10 s after they stop reading, memory + < 64 MB")
    memory = server.resident_mb()
    clients = [Client(server, 4_096) for _ in range(2)]
    for client in clients:
        client.begin()
        for number in range(20):
            client.send_json(type="subscribe", id=str(number), payload={"query": FEED, "variables": {"first": 500}})
    begun, most = time.perf_counter(), 0.0
    held = server.open_sockets()
    while server.open_sockets() > held - len(clients) and time.perf_counter() - begun < 30:
        most = max(most, server.resident_mb() - memory)
        time.sleep(0.2)
    seconds = time.perf_counter() - begun
    row.note(f"dropped after {seconds:.1f} s", 9 < seconds < 25)
    row.note(f"+{most:.0f} MB at most", most < 64)
    yield row
