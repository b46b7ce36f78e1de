"""What limits cost: the same counted route with limits off, in memory, and in a Redis on this machine, in alternating rounds."""

import argparse
import contextlib
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

from processes import Launched, cpu_seconds, free_port, memory

HERE = pathlib.Path(__file__).parent
PATH = "/functions/v1/core_version"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="the leansaas program, built for release")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--kinds", nargs="+", default=["off", "memory", "redis"], choices=["off", "memory", "redis"])
    return parser.parse_args()


def run(port, process, options):
    """Requests a second, and the server's CPU time for one in µs; any that failed ends the bench."""
    used = cpu_seconds(process)
    output = subprocess.run(
        ["wrk", "-t2", f"-c{options.connections}", f"-d{options.seconds}s", "-s", str(HERE / "addresses.lua"),
         f"http://127.0.0.1:{port}{PATH}"], check=True, capture_output=True, text=True, cwd=HERE).stdout
    result = json.loads(re.search(r"^result (.*)$", output, re.MULTILINE).group(1))
    if result["refused"] or result["broken"]:
        sys.exit(f"port {port}: {result}; a figure with failures means nothing")
    return (1e6 * result["requests"] / result["microseconds"],
            1e6 * (cpu_seconds(process) - used) / result["requests"])


def main():
    options = arguments()
    with contextlib.ExitStack() as stack:
        folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lean-bench-")))
        folder.chmod(0o711)
        redis_port = free_port()
        redis = subprocess.Popen(
            ["redis-server", "--port", str(redis_port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL)
        stack.callback(redis.terminate)
        on = {"RATE_LIMIT_STRICT": "true", "RATE_LIMIT_GLOBAL": "1000000", "LOG_LEVEL": "warn"}
        kinds = {
            "off": {"RATE_LIMIT_DISABLED": "true", "LOG_LEVEL": "warn"}, "memory": on,
            "redis": on | {"REDIS_URL": f"redis://127.0.0.1:{redis_port}"},
        }
        servers = {}
        for kind in options.kinds:
            settings = kinds[kind]
            port = free_port()
            launched = stack.enter_context(
                Launched([options.server, "dev", "--data", str(folder / "data"), "--port", str(port)], port, "/livez",
                         env=os.environ | settings))
            servers[kind] = (port, launched.process.pid)
        rates = {kind: [] for kind in options.kinds}
        times = {kind: [] for kind in options.kinds}
        for number in range(options.rounds + 1):
            for kind, (port, process) in servers.items():
                rate, time = run(port, process, options)
                print(f"{'warm-up' if number == 0 else f'round {number}'}: {kind}: {rate:.0f}/s, {time:.1f} µs",
                      file=sys.stderr)
                if number:
                    rates[kind].append(rate)
                    times[kind].append(time)
        print("| limits | requests/s | cost | CPU of ours, µs a request | resident MB |\n|---|---|---|---|---|")
        for kind, (_, process) in servers.items():
            rate = statistics.median(rates[kind])
            # Of each round by itself, so that a machine that slows down does not count.
            cost = statistics.median(1 - mine / off for mine, off in zip(rates[kind], rates["off"]))
            print(f"| {kind} | {rate:.0f} | {100 * cost:.1f} % | {statistics.median(times[kind]):.1f} |"
                  f" {memory(process)[0]:.0f} |")


if __name__ == "__main__":
    main()
