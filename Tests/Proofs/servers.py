"""Servers of the program under proof, and clients of them: standard library only."""

import contextlib
import http.client
import json
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

PASSWORD = "correct horse battery"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def home():
    """A directory for a development installation, removed afterwards."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="lean-proof-"))
    path.chmod(0o711)  # The database's own user must be able to enter.
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


class Server:
    """`leansaas dev` on a data directory and a port."""

    def __init__(self, program, data, port=None, options=()):
        self.program, self.data, self.port, self.options = program, data, port or free_port(), list(options)
        self.process = self._service_key = None

    def start(self, wait=True):
        log = open(self.data.parent / f"log-{self.port}", "ab")
        self.process = subprocess.Popen(
            [self.program, "dev", "--data", str(self.data), "--port", str(self.port), *self.options],
            stdout=log, stderr=log)
        if wait:
            self.until_ready()
        return self

    def until_ready(self, seconds=60):
        until(seconds, lambda: Client(self.port).status("GET", "/readyz") == 200, f"port {self.port} is not ready")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            status = self.process.wait(timeout=60)
            assert status == 0, f"the server ended with status {status} when it was asked to stop"

    def service_key(self):
        """The key that passes row-level security."""
        if self._service_key is None:
            keys = subprocess.run(
                [self.program, "keys", "--json", "--data", str(self.data)], check=True, capture_output=True, text=True)
            self._service_key = json.loads(keys.stdout)["serviceRoleKey"]
        return self._service_key

    def postmaster(self):
        """The process id of the private PostgreSQL, and its data directory."""
        directory = self.data / "pg"
        return int((directory / "postmaster.pid").read_text().split()[0]), directory

    def psql(self, statement):
        """Runs a statement as the database's superuser, over its private socket."""
        lines = (self.data / "pg" / "postmaster.pid").read_text().splitlines()
        return subprocess.run(
            ["psql", "-h", lines[4], "-U", "postgres", "-d", "postgres", "-Atqc", statement],
            check=True, capture_output=True, text=True).stdout.strip()


class Client:
    """One keep-alive connection of one person, or of nobody."""

    def __init__(self, port, token=None):
        self.port, self.token, self.connection, self.headers = port, token, None, {}

    def send(self, method, path, body=None, timeout=10):
        """Status and JSON. Raises OSError or HTTPException when there is no whole answer."""
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
            headers = {"content-type": "application/json"} | self.headers
            if self.token:
                headers["authorization"] = f"Bearer {self.token}"
            self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            self.connection = None
            raise
        is_json = text and "json" in (answer.getheader("content-type") or "")
        return answer.status, json.loads(text) if is_json else None

    def status(self, method, path):
        """The status alone, or None without an answer."""
        try:
            return self.send(method, path)[0]
        except (OSError, http.client.HTTPException):
            return None

    def sign_up(self):
        email = f"proof-{secrets.token_hex(6)}@example.com"
        _, answer = self.send("POST", "/auth/v1/signup", {"email": email, "password": PASSWORD})
        self.token = answer["access_token"]
        return email

    def sign_in(self, email):
        _, answer = self.send(
            "POST", "/auth/v1/token?grant_type=password", {"email": email, "password": PASSWORD})
        self.token = answer["access_token"]

    def titles(self):
        """The titles of all notes, page by page."""
        found, offset = [], 0
        while True:
            _, page = self.send("GET", f"/functions/v1/notes_list?limit=100&offset={offset}")
            found += [note["title"] for note in page["notes"]]
            if len(page["notes"]) < 100:
                return found
            offset += 100


class Writers:
    """People who write notes as fast as they are answered, and remember what was acknowledged."""

    def __init__(self, port, count=8):
        self.clients = [Client(port) for _ in range(count)]
        for client in self.clients:
            client.sign_up()
        self.acknowledged = [[] for _ in self.clients]
        self.running = False

    def start(self):
        self.running = True
        self.threads = [threading.Thread(target=self.write, args=(index,)) for index in range(len(self.clients))]
        for thread in self.threads:
            thread.start()

    def write(self, index):
        client, mine = self.clients[index], self.acknowledged[index]
        while self.running and len(mine) < 950:
            title = f"{index}-{len(mine)}-{secrets.token_hex(4)}"
            try:
                status, _ = client.send("POST", "/functions/v1/notes_write", {"title": title})
            except (OSError, http.client.HTTPException):
                continue
            if status == 201:
                mine.append(title)

    def stop(self):
        self.running = False
        for thread in self.threads:
            thread.join()

    @property
    def count(self):
        return sum(len(mine) for mine in self.acknowledged)

    def lost(self):
        """Acknowledged notes that are not there."""
        return [
            title for client, mine in zip(self.clients, self.acknowledged)
            for title in set(mine) - set(client.titles())
        ]


def until(seconds, holds, complaint):
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise SystemExit(complaint)
        time.sleep(0.002)


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
