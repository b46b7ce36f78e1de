"""What limits cost: the same counted route with limits off, in memory, and in a Redis on this machine, in alternating rounds."""

import contextlib
import statistics
import sys

import variants
from processes import cpu_seconds, memory

PATH = "/functions/v1/core_version"


def arguments():
    parser = variants.parser(__doc__)
    parser.add_argument("--kinds", nargs="+", default=["off", "memory", "redis"], choices=["off", "memory", "redis"])
    return parser.parse_args()


def run(port, process, options):
    """Requests a second, and the server's CPU time for one in µs."""
    used = cpu_seconds(process)
    result = variants.load(port, PATH, "addresses.lua", options)
    return variants.rate(result), 1e6 * (cpu_seconds(process) - used) / result["requests"]


def main():
    options = arguments()
    with contextlib.ExitStack() as stack:
        folder = variants.folder(stack)
        on = {"RATE_LIMIT_STRICT": "true", "RATE_LIMIT_GLOBAL": "1000000"}
        kinds = {
            "off": {"RATE_LIMIT_DISABLED": "true"}, "memory": on, "redis": on | {"REDIS_URL": variants.redis(stack)},
        }
        servers = {kind: variants.launch(stack, options, folder, kinds[kind]) for kind in options.kinds}
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
