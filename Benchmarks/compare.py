"""Runs the server and its peers, loads them in alternating rounds, and prints the medians and the targets as Markdown."""

import argparse
import contextlib
import json
import os
import pathlib
import statistics
import subprocess
import sys

import tables
from cold_start import first_answer
from fixed_rate import FixedRate
from passwords import bcrypt_rate, sign_in_rate
from processes import Launched, cpu_seconds, free_port, memory, postgres_of
from subjects import Database, Endpoint, Person

DATA = ".lean-bench"
WORKERS = 2
STARTS = 10
CONNECTIONS, RATE = 1_000, 500
FASTAPI = pathlib.Path(__file__).parent / "peers" / "fastapi"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="the leansaas program, built for release")
    parser.add_argument("--hello", required=True, help="the bare Hummingbird program")
    parser.add_argument("--granian", required=True, help="the program that serves the FastAPI peer")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="length of one run")
    parser.add_argument("--connections", type=int, default=64)
    return parser.parse_args()


def used(subject):
    """CPU seconds so far: the server's, the database's."""
    server = cpu_seconds(subject.server, subject.has_workers) if subject.server else 0
    return server, subject.postmaster.cpu_seconds() if subject.postmaster else 0


def measured(subject, options):
    """One run of one subject, with the CPU time that its processes took for a request."""
    before = used(subject)
    run = subject.run(options)
    after = used(subject)
    run["app_cpu"], run["database_cpu"] = [1e6 * (b - a) / run["requests"] for a, b in zip(before, after)]
    return run


def rounds(subjects, options):
    """All runs by subject. Alternating, so that a machine that slows down slows all of them down."""
    runs = {subject.name: [] for subject in subjects}
    for number in range(options.rounds + 1):
        for subject in subjects:
            run = measured(subject, options)
            note = "warm-up" if number == 0 else f"round {number}"
            print(f"{note}: {subject.name}: {run['rps']:.0f}/s", file=sys.stderr)
            refuse_faults(subject.name, run)
            if number > 0:
                runs[subject.name].append(run)
    return {name: {key: statistics.median(run[key] for run in own) for key in own[0]} for name, own in runs.items()}


def refuse_faults(name, run):
    if run["faults"]:
        sys.exit(f"{name}: {run['faults']} requests failed; a figure with failures means nothing")


class Bench:
    """The server, its peers and the person, for the length of a `with` block."""

    def __init__(self, options, stack):
        self.options = options
        hello_port, port = free_port(), free_port()
        self.hello = stack.enter_context(Launched([options.hello, str(hello_port)], hello_port, "/hello"))
        self.server = stack.enter_context(
            Launched([options.server, "dev", "--data", DATA, "--port", str(port)], port, "/livez"))
        keys = subprocess.run(
            [options.server, "keys", "--json", "--data", DATA], check=True, capture_output=True, text=True).stdout
        self.person = Person(f"http://127.0.0.1:{port}", keys)
        self.person.write_notes(20)
        self.postmaster = postgres_of(DATA)
        secrets = json.loads(pathlib.Path(DATA, "secrets.json").read_text())
        self.environment = {
            "JWT_SECRET": secrets["jwtSecret"], "WORKERS": str(WORKERS),
            "DATABASE_URL": f"postgresql://authenticator@/postgres?host={self.postmaster.sockets}&port={self.postmaster.port}",
        }
        self.peer_port = free_port()
        command = [options.granian, "--interface", "asgi", "--workers", str(WORKERS), "--loop", "uvloop", "--no-access-log",
                   "--log-level", "warning", "--host", "127.0.0.1", "--port", str(self.peer_port), "app:app"]
        self.peer = stack.enter_context(
            Launched(command, self.peer_port, "/livez", cwd=FASTAPI, env=os.environ | self.environment))
        self.hello_url = f"http://127.0.0.1:{hello_port}/hello"

    def endpoint(self, name, path, headers=None):
        return Endpoint(name, self.person.url + path, self.server.process.pid, headers, self.postmaster)

    def of_peer(self, name, path):
        return Endpoint(
            name, f"http://127.0.0.1:{self.peer_port}{path}", self.peer.process.pid, self.person.headers, self.postmaster,
            has_workers=True)

    def subjects(self):
        person = self.person
        return [
            Endpoint(tables.BARE, self.hello_url, self.hello.process.pid),
            self.endpoint(tables.LIVEZ, "/livez"),
            self.endpoint(tables.VERSION, "/functions/v1/core_version"),
            self.endpoint(tables.USER, "/auth/v1/user", person.headers),
            self.endpoint(tables.NOTES, "/functions/v1/notes_list", person.headers),
            Database(tables.PGBENCH, person, self.postmaster),
            self.of_peer(tables.PEER_USER, f"/auth/v1/user?organization={person.organization}"),
            self.of_peer(tables.PEER_NOTES, f"/functions/v1/notes_list?organization={person.organization}"),
        ]

    def run(self):
        """Everything that is measured, by name."""
        seconds, person = self.options.seconds, self.person
        subjects = self.subjects()
        figures = rounds(subjects, self.options)
        for subject in subjects:
            if subject.server:
                figures[subject.name]["memory"] = memory(subject.server, subject.has_workers)
        load = FixedRate(person.url + "/functions/v1/notes_list", person.headers, CONNECTIONS, RATE)
        figures[tables.MANY] = load.run(4 * seconds)
        refuse_faults(tables.MANY, figures[tables.MANY])
        figures[tables.BCRYPT] = {"rps": bcrypt_rate(WORKERS, seconds), "alone": bcrypt_rate(1, seconds)}
        figures[tables.SIGN_IN] = sign_in_rate(person.url, person.headers, person.email, person.password, 2 * seconds)
        refuse_faults(tables.SIGN_IN, figures[tables.SIGN_IN])
        figures[tables.MEMORY] = memory(self.server.process.pid)
        starts = [first_answer(self.options.server, self.environment) for _ in range(STARTS)]
        figures[tables.START] = {"median": statistics.median(starts), "most": max(starts)}
        return figures


def main():
    options = arguments()
    os.environ.setdefault("LOG_LEVEL", "warn")
    with contextlib.ExitStack() as stack:
        figures = Bench(options, stack).run()
    print(tables.whole(figures, options))


if __name__ == "__main__":
    main()
