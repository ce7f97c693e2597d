"""A steady load from a few connections, with the time of each response, to observe it during faults."""

import asyncio
import json
import threading
import time


class Load:
    """Sends the same queries repeatedly until it is stopped; runs beside the fault injection."""

    def __init__(self, port, queries, connections=8):
        self.port = port
        self.requests = [self.request(query) for query in queries]
        self.connections = connections
        self.answers = []
        self.stopped = False
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()))
        self.thread.start()

    @staticmethod
    def request(query):
        body = json.dumps({"query": query})
        head = f"POST /public/graphql HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {len(body.encode())}\r\n\r\n"
        return head.encode() + body.encode()

    async def run(self):
        await asyncio.gather(*(self.ask(number) for number in range(self.connections)))

    async def ask(self, number):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        while not self.stopped:
            begun = time.perf_counter()
            writer.write(self.requests[number % len(self.requests)])
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            body = await reader.readexactly(length)
            well = head.startswith(b"HTTP/1.1 200") and b'"errors"' not in body
            self.answers.append((begun, (time.perf_counter() - begun) * 1e3, well))
            number += self.connections + 1
        writer.close()

    def stop(self):
        self.stopped = True
        self.thread.join()

    def failed(self):
        return sum(not well for *_, well in self.answers)

    def between(self, begun, ended):
        """Number, p50, p99 and maximum of the responses to requests sent in a time span."""
        times = sorted(ms for at, ms, _ in self.answers if begun <= at < ended)
        if not times:
            return 0, 0.0, 0.0, 0.0
        return len(times), times[len(times) // 2], times[len(times) * 99 // 100], times[-1]
