"""Clients that send or read almost nothing, and clients that send far too much."""

import socket
import time
from dataclasses import dataclass, field

# Number of requests that other clients send in a row, and their pause.
ASKED, PAUSE = 50, 0.5
HEAD = b"POST /public/graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"


@dataclass
class Outcome:
    """Result of an attack by many slow clients."""

    opened: int
    closed_after: int | None = None
    most_files: int = 0
    times: list = field(default_factory=list)


def connect(port, timeout=10):
    return socket.create_connection(("127.0.0.1", port), timeout=timeout)


def long_bodies(port):
    """Sends 100 MB in three ways, as far as the server reads it; yields the responses."""
    part = b"a" * 65_536
    for head, chunked in [
        (HEAD + b"content-length: 104857600\r\n\r\n", False),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n", True),
        (HEAD + b"content-length: 10\r\n\r\n", False),
    ]:
        with connect(port) as stream:
            sent = 0
            try:
                stream.sendall(head)
                while sent < 104_857_600:
                    stream.sendall(b"10000\r\n" + part + b"\r\n" if chunked else part)
                    sent += len(part)
            except OSError:
                pass
            yield status(stream)


def status(stream):
    try:
        return stream.recv(4_096).split(b" ", 2)[1].decode()
    except (OSError, IndexError):
        return "cut off"


def answer_times(server, count):
    return sorted(server.ask("{ pages(first: 10) { nodes { url } } }", client="203.0.113.5").milliseconds for _ in range(count))


def usual_times(server):
    """With the same pauses as during the attacks: after a sleep, client and server are slower at first."""
    times = []
    for _ in range(10):
        times += answer_times(server, ASKED)
        time.sleep(PAUSE)
    return sorted(times)


def p99(times):
    return times[len(times) * 99 // 100]


def heads(server, seconds):
    return hold(server, seconds, 500, HEAD + b"x-slow: ", b"a")


def bodies(server, seconds):
    return hold(server, seconds, 100, HEAD + b"content-length: 1000\r\n\r\n", b"a")


def idle(server, seconds):
    return hold(server, seconds, 20_000, b"", b"", asks=False)


def hold(server, seconds, count, begin, drop, asks=True):
    """Opens connections, sends a little on each now and then, and waits until the server has closed them all."""
    streams, missed = [], 0
    for _ in range(count):
        try:
            stream = connect(server.port, 1)
            stream.sendall(begin)
            stream.setblocking(False)
            streams.append(stream)
        except OSError:
            # The accept queue may be full while the server waits for a processor; if it stays full, the limit is reached.
            missed += 1
            if missed > 3:
                break
    begun, outcome = time.monotonic(), Outcome(len(streams))
    while streams and time.monotonic() - begun < 12 * seconds:
        outcome.most_files = max(outcome.most_files, server.open_files())
        if asks:
            outcome.times += answer_times(server, ASKED)
        streams = [stream for stream in streams if is_open(stream, drop)]
        time.sleep(PAUSE)
        if not streams:
            outcome.closed_after = round(time.monotonic() - begun)
    for stream in streams:
        stream.close()
    if not asks:
        # Connections in the accept queue are not the server's yet; it must respond to others meanwhile.
        answered = server.ask("{ __typename }").status == 200
        outcome.closed_after = seconds if answered and not outcome.closed_after else outcome.closed_after
    outcome.times.sort()
    return outcome


def is_open(stream, drop):
    """Sends a little more, and returns whether the server has neither responded nor closed."""
    try:
        if drop:
            stream.send(drop)
        stream.recv(4_096)
    except BlockingIOError:
        return True
    except OSError:
        pass
    stream.close()
    return False
