"""Runs the server and its peers, loads them in alternating rounds, and prints the medians as a Markdown table."""

import argparse
import contextlib
import os
import platform
import statistics
import subprocess
import sys

from processes import Launched, cpu_seconds, free_port, memory, postgres_of
from subjects import Database, Endpoint, Person

DATA = ".lean-bench"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="the leansaas program, built for release")
    parser.add_argument("--hello", required=True, help="the bare Hummingbird program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="length of one run")
    parser.add_argument("--connections", type=int, default=64)
    return parser.parse_args()


def used(subject):
    """CPU seconds so far: the server's, the database's."""
    server = cpu_seconds(subject.server) if subject.server else 0
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
            if run["faults"]:
                sys.exit(f"{subject.name}: {run['faults']} requests failed; a figure with failures means nothing")
            if number > 0:
                runs[subject.name].append(run)
    return runs


def median(runs, key):
    return statistics.median(run[key] for run in runs)


def table(subjects, runs, options, level):
    ceiling = median(runs[subjects[0].name], "rps")
    print(
        f"{options.rounds} alternating rounds of {options.seconds} s, medians; {options.connections} connections; "
        f"LOG_LEVEL={level}; {os.cpu_count()} cores of {platform.machine()} shared by server, database and load.\n")
    print("| what | requests/s | of bare | p50 ms | p99 ms | CPU µs, app + database | RSS, peak MB |")
    print("|---|---|---|---|---|---|---|")
    for subject in subjects:
        own = runs[subject.name]
        rate = median(own, "rps")
        app = f"{median(own, 'app_cpu'):.0f}" if subject.server else "–"
        now, peak = memory(subject.server) if subject.server else (None, None)
        print(
            f"| {subject.name} | {rate:.0f} | {rate / ceiling:.2f} | {median(own, 'p50'):.2f} | "
            f"{median(own, 'p99'):.2f} | {app} + {median(own, 'database_cpu'):.0f} | "
            f"{f'{now:.0f}, {peak:.0f}' if now else '–'} |")


def main():
    options = arguments()
    level = os.environ.setdefault("LOG_LEVEL", "warn")
    with contextlib.ExitStack() as stack:
        hello_port, port = free_port(), free_port()
        hello = stack.enter_context(Launched([options.hello, str(hello_port)], hello_port, "/hello"))
        server = stack.enter_context(
            Launched([options.server, "dev", "--data", DATA, "--port", str(port)], port, "/livez"))
        keys = subprocess.run(
            [options.server, "keys", "--json", "--data", DATA], check=True, capture_output=True, text=True).stdout
        person = Person(f"http://127.0.0.1:{port}", keys)
        person.write_notes(20)
        postmaster = postgres_of(DATA)
        subjects = [
            Endpoint("bare Hummingbird hello", f"http://127.0.0.1:{hello_port}/hello", hello.process.pid),
            Endpoint("`/livez`", person.url + "/livez", server.process.pid, postmaster=postmaster),
            Endpoint(
                "`GET /auth/v1/user`", person.url + "/auth/v1/user", server.process.pid, person.headers, postmaster),
            Endpoint(
                "`notes_list`, 20 notes under RLS", person.url + "/functions/v1/notes_list", server.process.pid,
                person.headers, postmaster),
            Database("pgbench, the same transaction", person, postmaster),
        ]
        table(subjects, rounds(subjects, options), options, level)


if __name__ == "__main__":
    main()
