"""How many jobs a node does in a second, and how long one waits that comes when nothing else does."""

import contextlib
import statistics
import subprocess
import time
import urllib.request

import variants

JOBS = 50_000


def psql(data, statement):
    lines = (data / "pg" / "postmaster.pid").read_text().splitlines()
    return subprocess.run(
        ["psql", "-h", lines[4], "-U", "postgres", "-d", "postgres", "-Atqc", statement],
        check=True, capture_output=True, text=True).stdout.strip()


def start_seconds(port, kind, quantile):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    for line in text.splitlines():
        if line.startswith("leansaas_jobs_start_seconds") and f'"{kind}"' in line and f'quantile="{quantile}"' in line:
            return float(line.split()[-1])
    return float("nan")


def drained(data, port):
    """Jobs a second: letters while FEATURE_EMAIL is off, which cost nothing but the queue itself."""
    begun = time.monotonic()
    psql(data, "select auth.enqueue_job('mailing.deliver', '{\"kind\": \"password_changed\", \"recipient\": \"a@b.cd\", "
               f"\"language\": \"en\", \"variables\": {{}}}}', null, 0::smallint, null) from generate_series(1, {JOBS})")
    while psql(data, "select exists (select 1 from lean.jobs where state <> 'dead')") == "t":
        time.sleep(0.02)
    return JOBS / (time.monotonic() - begun)


def main():
    options = variants.parser(__doc__).parse_args()
    with contextlib.ExitStack() as stack:
        folder = variants.folder(stack)
        unlimited = {"RATE_LIMIT_DISABLED": "true"}
        off, _ = variants.launch(stack, options, folder, unlimited | {"FEATURE_EMAIL": "false", "JOBS_CONCURRENCY": "16"})
        rates = [drained(folder / "data", off) for _ in range(options.rounds)]
        print(f"jobs a second on one node, {JOBS} at once, median of {options.rounds}: {statistics.median(rates):.0f}")
    with contextlib.ExitStack() as stack:
        folder = variants.folder(stack)
        port, _ = variants.launch(stack, options, folder, unlimited)
        for number in range(500):
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/auth/v1/recover", f'{{"email": "p{number}@example.com"}}'.encode(),
                {"content-type": "application/json"})
            urllib.request.urlopen(request, timeout=10).read()
            time.sleep(0.01)
        time.sleep(0.5)
        print("start of one that comes alone: p50 below "
              f"{1000 * start_seconds(port, 'auth.send_link', 0.5):.2f} ms, p99 below "
              f"{1000 * start_seconds(port, 'auth.send_link', 0.99):.2f} ms")


if __name__ == "__main__":
    main()
