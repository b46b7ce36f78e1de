"""Starts programs, stops them, and reads of /proc what they used. Linux only."""

import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

START_SECONDS = 60
STOP_SECONDS = 40
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Launched:
    """A server for the length of a `with` block: it answers at `path` when the block begins."""

    def __init__(self, command, port, path, **options):
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, **options)
        self.address = f"http://127.0.0.1:{port}{path}"

    def __enter__(self):
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with urllib.request.urlopen(self.address, timeout=5):
                    return self
            except (urllib.error.URLError, OSError) as error:
                if self.process.poll() is not None:
                    raise SystemExit(f"{self.process.args[0]} ended with status {self.process.returncode}")
                if time.monotonic() > deadline:
                    self.__exit__()
                    raise SystemExit(f"{self.address} does not answer: {error}")
                time.sleep(0.05)

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise SystemExit(f"{self.process.args[0]} did not stop within {STOP_SECONDS} s of SIGTERM")


class Postgres:
    """The postmaster of the server's private cluster."""

    def __init__(self, pid_file):
        # Its lines: process, data directory, start, port, socket directory, … (postmaster.pid of PostgreSQL 10 to 18).
        lines = pid_file.read_text().splitlines()
        self.pid, self.port, self.sockets = int(lines[0]), lines[3], lines[4]
        self.binaries = pathlib.Path(f"/proc/{self.pid}/exe").resolve().parent

    def cpu_seconds(self):
        return cpu_seconds(self.pid, with_children=True)


def postgres_of(data):
    """The cluster of a development installation: the postmaster that writes to its log."""
    log = pathlib.Path(data, "postgres.log").resolve()
    for entry in os.listdir("/proc"):
        process = pathlib.Path("/proc", entry)
        try:
            words = (process / "cmdline").read_bytes().decode().split("\0") if entry.isdigit() else []
            if "-D" in words and (process / "fd/2").resolve() == log:
                return Postgres(pathlib.Path(words[words.index("-D") + 1], "postmaster.pid"))
        except OSError:
            continue  # It has just ended, or is another user's.
    raise SystemExit(f"no PostgreSQL writes to {log}")


def stat(process):
    """The fields of /proc/PID/stat after the name, which may hold blanks and parentheses; None when it has ended."""
    try:
        return pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def children(parent):
    found = []
    for entry in os.listdir("/proc"):
        fields = stat(entry) if entry.isdigit() else None
        if fields and int(fields[1]) == parent:
            found.append(int(entry))
    return found


def cpu_seconds(process, with_children=False):
    """User and system time so far; of children too, those that live and those that have ended."""
    fields = stat(process)
    if fields is None:
        return 0.0
    ticks = int(fields[11]) + int(fields[12])
    if with_children:
        ticks += int(fields[13]) + int(fields[14])
    return ticks / TICKS + sum(cpu_seconds(child) for child in children(process) if with_children)


def memory(process, with_children=False):
    """Resident memory now and at its highest, in MB."""
    family = [process] + (children(process) if with_children else [])
    return tuple(sum(figures) for figures in zip(*map(own_memory, family)))


def own_memory(process):
    figures = {}
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name in ("VmRSS", "VmHWM"):
            figures[name] = int(value.split()[0]) / 1000
    return figures["VmRSS"], figures["VmHWM"]
