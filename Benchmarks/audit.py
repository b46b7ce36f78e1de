"""What the sealing of the audit log costs requests: a page of notes while 2,000 rows a second are written, with a node that seals them
and without, in alternating rounds; and whether the sealing keeps up."""

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import threading
import time

import variants
from subjects import Endpoint, Person

ROWS, BATCH = 2_000, 50
EVENT = ('{"type": "bench.row", "action": "row", "category": "system", "address": "203.0.113.7", "agent": "bench/1.0", '
         '"target_type": "row", "target_id": "1", "data": {"n": "1"}}')


class Writer(threading.Thread):
    """Writes ROWS rows a second, in the steady batches of a busy product."""

    def __init__(self, data):
        super().__init__(daemon=True)
        lines = (data / "pg" / "postmaster.pid").read_text().splitlines()
        self.process = subprocess.Popen(
            ["psql", "-h", lines[4], "-U", "postgres", "-d", "postgres", "-Atqo", "/dev/null"], stdin=subprocess.PIPE,
            text=True)
        self.ends = threading.Event()
        self.written = 0

    def run(self):
        statement = "select lean.record_events('[" + ",".join([EVENT] * BATCH) + "]');\n"
        begun = time.monotonic()
        while not self.ends.is_set():
            self.process.stdin.write(statement)
            self.process.stdin.flush()
            self.written += BATCH
            pause = begun + self.written / ROWS - time.monotonic()
            if pause > 0:
                time.sleep(pause)

    def stop(self):
        self.ends.set()
        self.join()
        self.process.stdin.close()
        self.process.wait(60)


def ask(data, statement):
    lines = (data / "pg" / "postmaster.pid").read_text().splitlines()
    return subprocess.run(
        ["psql", "-h", lines[4], "-U", "postgres", "-d", "postgres", "-Atqc", statement], check=True,
        capture_output=True, text=True, timeout=60).stdout.strip()


def caught_up(data):
    """Until no row waits that is older than two seconds."""
    deadline = time.monotonic() + 120
    while int(ask(data, "select count(*) from lean.audit_unsealed where at < now() - interval '2 seconds'")):
        if time.monotonic() > deadline:
            sys.exit("the sealing does not keep up")
        time.sleep(0.2)


def main():
    options = variants.parser(__doc__).parse_args()
    with contextlib.ExitStack() as stack:
        folder = variants.folder(stack)
        data = folder / "data"
        quiet = {"RATE_LIMIT_DISABLED": "true"}
        port, _ = variants.launch(stack, options, folder, quiet | {"JOBS_CONCURRENCY": "0"})
        _, sealer = variants.launch(stack, options, folder, quiet)
        keys = subprocess.run(
            [options.server, "keys", "--json", "--data", str(data)], check=True, capture_output=True, text=True).stdout
        url = f"http://127.0.0.1:{port}"
        person = Person(url, keys)
        person.write_notes(20)
        endpoint = Endpoint("notes_list", url + "/functions/v1/notes_list", None, person.headers)
        writer = Writer(data)
        writer.start()
        rates, oldest = {"sealed": [], "unsealed": []}, []
        try:
            for number in range(options.rounds + 1):
                for kind in rates:
                    os.kill(sealer, signal.SIGCONT)
                    caught_up(data)
                    if kind == "unsealed":
                        os.kill(sealer, signal.SIGSTOP)
                    rate = endpoint.run(options)["rps"]
                    if kind == "sealed":
                        oldest.append(float(ask(data, "select coalesce(extract(epoch from now() - min(at)), 0) "
                                                      "from lean.audit_unsealed")))
                    print(f"{'warm-up' if number == 0 else f'round {number}'}: {kind}: {rate:.0f}/s", file=sys.stderr)
                    if number:
                        rates[kind].append(rate)
        finally:
            os.kill(sealer, signal.SIGCONT)
            writer.stop()
        ratio = statistics.median(mine / other for mine, other in zip(rates["sealed"], rates["unsealed"]))
        print(f"rows written: {writer.written}; oldest unsealed after a round under load: {max(oldest):.1f} s")
        print(f"notes_list while they are sealed: {ratio:.3f} of while they are not")


if __name__ == "__main__":
    main()
