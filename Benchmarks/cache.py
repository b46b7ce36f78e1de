"""What the cache brings: one's own profile without a cache, with memory, and with memory and Redis, of two
thousand people whom Zipf's law picks, in alternating rounds."""

import concurrent.futures
import contextlib
import json
import secrets
import statistics
import sys
import urllib.request

import variants
from processes import memory

PATH = "/functions/v1/auth_profile-management/profile"


def arguments():
    parser = variants.parser(__doc__)
    parser.add_argument("--people", type=int, default=2_000)
    return parser.parse_args()


def sign_up(port):
    body = json.dumps({"email": f"bench-{secrets.token_hex(6)}@example.com", "password": secrets.token_hex(16)}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/auth/v1/signup", body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["access_token"]


def figures(port):
    """The server's figures of its cache, by name and labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line.startswith("leansaas_cache_")}


def figure(found, name, **labels):
    for key, value in found.items():
        if key.partition("{")[0] == f"leansaas_cache_{name}" and all(f'{k}="{v}"' in key for k, v in labels.items()):
            return value
    return 0.0


def run(port, tokens, options):
    """Requests a second, and milliseconds of the middle and of the slowest hundredth."""
    result = variants.load(port, PATH, "zipf.lua", options, str(tokens))
    return variants.rate(result), result["p50"] / 1000, result["p99"] / 1000


def share(found, before):
    """Hits of all reads, since `before`."""
    hits, loads = [
        sum(value - before.get(key, 0) for key, value in found.items() if key.startswith(f"leansaas_cache_{name}"))
        for name in ("hits_total", "loads_total")]
    return 100 * hits / max(1, hits + loads)


def main():
    options = arguments()
    with contextlib.ExitStack() as stack:
        folder = variants.folder(stack)
        unlimited = {"RATE_LIMIT_DISABLED": "true"}
        kinds = {
            "none": unlimited | {"CACHE_ENABLED": "false"}, "memory": unlimited | {"CACHE_ENABLED": "true"},
            "memory and Redis": unlimited | {"CACHE_ENABLED": "true", "REDIS_URL": variants.redis(stack)},
        }
        servers = {kind: variants.launch(stack, options, folder, settings) for kind, settings in kinds.items()}
        first = servers["none"][0]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            people = list(pool.map(lambda _: sign_up(first), range(options.people)))
        mixes = {"zipf": folder / "tokens", "held": folder / "few"}
        mixes["zipf"].write_text("\n".join(people) + "\n")
        # All of these fit in memory: each read after the first is answered there.
        mixes["held"].write_text("\n".join(people[:options.people // 4]) + "\n")
        runs, held, before = {kind: [] for kind in kinds}, {"none": [], "memory": []}, {}
        for number in range(options.rounds + 1):
            name = f"round {number}" if number else "warm-up"
            for kind, (port, _) in servers.items():
                rate = run(port, mixes["zipf"], options)
                print(f"{name}: {kind}: {rate[0]:.0f}/s", file=sys.stderr)
                if number:
                    runs[kind].append(rate)
                else:
                    before[kind] = figures(port)
        hits = {kind: figures(port) for kind, (port, _) in servers.items()}
        for number in range(options.rounds + 1):
            for kind in held:
                rate = run(servers[kind][0], mixes["held"], options)
                print(f"{f'round {number}' if number else 'warm-up'}: {kind}, all held: {rate[0]:.0f}/s", file=sys.stderr)
                if number:
                    held[kind].append(rate[0])
        print("| cache | requests/s | times without | p50 ms | p99 ms | hits | from Redis, p99 ms | evictions | MB |")
        print("|---|---|---|---|---|---|---|---|---|")
        seen = {}
        for kind, (port, process) in servers.items():
            rate, p50, p99 = (statistics.median(figure) for figure in zip(*runs[kind]))
            # Of each round by itself, so that a machine that slows down does not count.
            times = statistics.median(mine[0] / none[0] for mine, none in zip(runs[kind], runs["none"]))
            found = hits[kind]
            slowest = 1000 * figure(found, "seconds", layer="shared", quantile="0.99")
            seen[kind] = (times, share(found, before[kind]), slowest)
            print(f"| {kind} | {rate:.0f} | {times:.2f} | {p50:.1f} | {p99:.1f} | {share(found, before[kind]):.1f} % "
                  f"| {slowest:.2f} | {figure(found, 'evictions_total'):.0f} | {memory(process)[0]:.0f} |")
        bounds = [
            ("a read from memory, times the uncached read", statistics.median(
                mine / none for mine, none in zip(held["memory"], held["none"])), ">=", 2.5),
            ("hits of Zipf's mix in memory, %", seen["memory"][1], ">", 85),
            ("an answer from Redis, p99 ms", seen["memory and Redis"][2], "<", 10),
        ]
        for name, value, sign, bound in bounds:
            holds = value < bound if sign == "<" else value >= bound
            print(f"{name}: {value:.2f}, bound {sign} {bound}: {'holds' if holds else 'MISSED'}")


if __name__ == "__main__":
    main()
