"""Load at a fixed rate over many connections: requests are sent when they are due, whether or not others are answered.

A latency counts from the moment when the request was due, so a server that stalls does not slow its own examiner down. What
the examiner itself is late counts too: the figures are upper bounds.
"""

import asyncio
import collections
import time
import urllib.parse

PATIENCE_SECONDS = 10


class Connection(asyncio.Protocol):
    """One keep-alive connection with one request at a time."""

    def __init__(self, load):
        self.load, self.received, self.needed, self.due = load, b"", None, None

    def connection_made(self, transport):
        self.transport = transport

    def send(self, due):
        self.due = due
        self.transport.write(self.load.request)

    def data_received(self, data):
        self.received += data
        if self.needed is None:
            head, end, _ = self.received.partition(b"\r\n\r\n")
            if not end:
                return
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            self.needed = len(head) + 4 + int(length.split(b":")[1])
        if len(self.received) < self.needed:
            return
        is_good = self.received.startswith(b"HTTP/1.1 200 ")
        due, self.due, self.received, self.needed = self.due, None, b"", None
        self.load.answered(self, time.monotonic() - due, is_good)

    def connection_lost(self, _):
        self.load.broken += 1


class FixedRate:
    """So many requests a second over so many connections, each of which waits its turn."""

    def __init__(self, url, headers, connections, rate):
        parts = urllib.parse.urlsplit(url)
        self.host, self.port = parts.hostname, parts.port
        lines = [f"GET {parts.path} HTTP/1.1", f"Host: {parts.netloc}", *(f"{name}: {value}" for name, value in headers.items())]
        self.request = "\r\n".join(lines + ["", ""]).encode()
        self.connections, self.rate = connections, rate
        self.idle, self.latencies, self.refused, self.broken = collections.deque(), [], 0, 0

    def run(self, seconds):
        return asyncio.run(self.measured(seconds))

    async def measured(self, seconds):
        await self.connect()
        begun, sent = time.monotonic() + 0.1, 0
        while sent < seconds * self.rate:
            due = begun + sent / self.rate
            await asyncio.sleep(due - time.monotonic())
            if not self.idle:
                raise SystemExit(f"all {self.connections} connections wait for an answer")
            self.idle.popleft().send(due)
            sent += 1
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(self.latencies) < sent and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        faults = sent - len(self.latencies) + self.refused + self.broken
        for connection in self.idle:
            connection.transport.abort()
        ordered = sorted(self.latencies)
        share = lambda part: 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * part))]
        return {"requests": sent, "rps": self.rate, "p50": share(0.5), "p99": share(0.99), "most": share(1), "faults": faults}

    async def connect(self):
        loop = asyncio.get_running_loop()
        for number in range(self.connections):
            # Several clients: the server's limit for one address is not what is measured.
            source = (f"127.0.0.{1 + number % 10}", 0)
            _, connection = await loop.create_connection(
                lambda: Connection(self), self.host, self.port, local_addr=source)
            self.idle.append(connection)

    def answered(self, connection, latency, is_good):
        self.latencies.append(latency)
        self.refused += not is_good
        self.idle.append(connection)
