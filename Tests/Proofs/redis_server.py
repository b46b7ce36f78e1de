"""A Redis of a proof's own, and what can stand in its place: standard library only."""

import contextlib
import random
import signal
import socket
import subprocess
import threading

from servers import free_port, until


class Redis:
    """A Redis of the proof's own, without a disk."""

    def __init__(self):
        self.port, self.process = free_port(), None

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(20, self.answers, "Redis does not start")
        return self

    def answers(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1) as probe:
            probe.sendall(b"PING\r\n")
            return probe.recv(16).startswith(b"+PONG")
        return False

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def starts(self):
        """Whether it could be started: another may still have its port."""
        try:
            self.start()
            return True
        except SystemExit:
            return False

    def signal(self, name):
        self.process.send_signal(name)

    def keys(self):
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            connection.sendall(b"KEYS *\r\n")
            connection.settimeout(1)
            text = b""
            with contextlib.suppress(TimeoutError):
                while chunk := connection.recv(65536):
                    text += chunk
        return text.decode("latin-1")


class Nonsense:
    """Stands at Redis' port and answers everybody with what is no answer."""

    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", port), reuse_port=False)
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.talk, args=(connection,), daemon=True).start()

    def talk(self, connection):
        with contextlib.suppress(OSError), connection:
            while connection.recv(4096):
                connection.sendall(random.choice([b"HTTP/1.1 400 Bad Request\r\n\r\n", b"$-7\r\n", b"\x00\xff" * 40, b"*1\r\n:x\r\n"]))

    def stop(self):
        self.listener.close()
