"""What limits cost: the same counted route with limits off, in memory, and in a Redis on this machine, in alternating rounds.

Each run has a process of its own: two of the same program differ by some percent for as long as they live, by where their memory
happens to lie, and that would be taken for the limits' cost."""

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


def run(folder, settings, options):
    """Requests a second, the server's CPU time for one in µs, and the memory that it ends with in MB."""
    with contextlib.ExitStack() as stack:
        port, process = variants.launch(stack, options, folder, settings)
        variants.load(port, PATH, "addresses.lua", options)
        used = cpu_seconds(process)
        result = variants.load(port, PATH, "addresses.lua", options)
        time = 1e6 * (cpu_seconds(process) - used) / result["requests"]
        return variants.rate(result), time, memory(process)[0]


def main():
    options = arguments()
    with contextlib.ExitStack() as stack:
        folder = variants.folder(stack)
        off = {"RATE_LIMIT_DISABLED": "true"}
        on = {"RATE_LIMIT_STRICT": "true", "RATE_LIMIT_GLOBAL": "1000000"}
        kinds = {"off": off, "memory": on, "redis": on | {"REDIS_URL": variants.redis(stack)}}
        # Keeps the database while the others come and go.
        variants.launch(stack, options, folder, off)
        runs = {kind: [] for kind in options.kinds}
        for number in range(1, options.rounds + 1):
            for kind in options.kinds:
                runs[kind].append(run(folder, kinds[kind], options))
                rate, time, size = runs[kind][-1]
                print(f"round {number}: {kind}: {rate:.0f}/s, {time:.1f} µs, {size:.0f} MB", file=sys.stderr)
        print("| limits | requests/s | cost | CPU of ours, µs a request | resident MB |\n|---|---|---|---|---|")
        for kind in options.kinds:
            rate, time, size = (statistics.median(figure) for figure in zip(*runs[kind]))
            # Of each round by itself, so that a machine that slows down does not count.
            cost = statistics.median(1 - mine[0] / none[0] for mine, none in zip(runs[kind], runs["off"]))
            print(f"| {kind} | {rate:.0f} | {100 * cost:.1f} % | {time:.1f} | {size:.0f} |")


if __name__ == "__main__":
    main()
