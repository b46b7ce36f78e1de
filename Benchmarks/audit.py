"""What the sealing of the audit log costs requests: a page of notes while 2,000 rows a second are written and sealed, and while they
are written and not sealed, in alternating rounds; and whether the sealing keeps up.

One node does both. What keeps it from sealing is the lock by which nodes take turns: this bench holds it as another node would. So all
else that runs is the same."""

import contextlib
import pathlib
import re
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
LOCK = int(re.search(r"lock = (0x[0-9A-Fa-f_]+)", (
    pathlib.Path(__file__).parent.parent / "Sources/Features/Audit/SealRows.swift").read_text()).group(1), 16)


class Writer(threading.Thread):
    """Writes ROWS rows a second, in the steady batches of a busy product."""

    def __init__(self, session):
        super().__init__(daemon=True)
        self.session = session
        self.ends = threading.Event()
        self.written = 0

    def run(self):
        statement = "select 1 from lean.record_events('[" + ",".join([EVENT] * BATCH) + "]')"
        begun = time.monotonic()
        while not self.ends.is_set():
            self.session.ask(statement)
            self.written += BATCH
            pause = begun + self.written / ROWS - time.monotonic()
            if pause > 0:
                time.sleep(pause)

    def stop(self):
        self.ends.set()
        self.join()


def oldest(session):
    """Seconds that the oldest row has waited to be sealed."""
    return float(session.ask("select coalesce(extract(epoch from now() - min(at)), 0) from lean.audit_unsealed"))


def catch_up(session):
    """Until what waits is what waits when the sealing is on."""
    deadline = time.monotonic() + 120
    while oldest(session) > 1.1:
        if time.monotonic() > deadline:
            sys.exit("the sealing does not keep up")
        time.sleep(0.1)


def rounds(options, endpoint, session, writer):
    """The rates of each kind, and how long the oldest row had waited at the end of each round that was sealed."""
    rates, waited = {"sealed": [], "unsealed": []}, []
    for number in range(options.rounds + 1):
        for kind in rates if number % 2 else reversed(rates):
            if kind == "unsealed":
                session.ask(f"select pg_advisory_lock({LOCK})")
            before, begun = writer.written, time.monotonic()
            rate = endpoint.run(options)["rps"]
            written = (writer.written - before) / (time.monotonic() - begun)
            if kind == "sealed":
                waited.append(oldest(session))
            else:
                session.ask(f"select pg_advisory_unlock({LOCK})")
                catch_up(session)
            name = f"round {number}" if number else "warm-up"
            print(f"{name}: {kind}: {rate:.0f}/s, {written:.0f} rows/s written", file=sys.stderr)
            if number:
                rates[kind].append(rate)
    return rates, waited


def main():
    options = variants.parser(__doc__).parse_args()
    with contextlib.ExitStack() as stack:
        folder = variants.folder(stack)
        data = folder / "data"
        port, _ = variants.launch(stack, options, folder, {"RATE_LIMIT_DISABLED": "true"})
        keys = subprocess.run(
            [options.server, "keys", "--json", "--data", str(data)], check=True, capture_output=True, text=True).stdout
        url = f"http://127.0.0.1:{port}"
        person = Person(url, keys)
        person.write_notes(20)
        endpoint = Endpoint("notes_list", url + "/functions/v1/notes_list", None, person.headers)
        session, writer = variants.Session(stack, data), Writer(variants.Session(stack, data))
        writer.start()
        try:
            rates, waited = rounds(options, endpoint, session, writer)
        finally:
            writer.stop()
        ratios = sorted(mine / other for mine, other in zip(rates["sealed"], rates["unsealed"]))
        print(f"rows written: {writer.written}; oldest unsealed after a round under load: {max(waited):.1f} s")
        print(f"notes_list while they are sealed: {statistics.median(ratios):.3f} of while they are not "
              f"({ratios[0]:.3f} to {ratios[-1]:.3f} in {len(ratios)} rounds)")


if __name__ == "__main__":
    main()
