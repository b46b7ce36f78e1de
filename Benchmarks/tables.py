"""The figures as two tables: what was measured, and how it stands to the targets."""

import os
import platform

BARE = "bare Hummingbird hello"
LIVEZ = "`/livez`"
VERSION = "`core_version`"
USER = "`GET /auth/v1/user`"
NOTES = "`notes_list`, 20 notes under RLS"
PGBENCH = "pgbench, the same transaction"
PEER_USER = "FastAPI, the person"
PEER_NOTES = "FastAPI, the same notes"
MANY = "1,000 connections, 500 requests a second"
BCRYPT = "bcrypt alone"
SIGN_IN = "sign-in"
MEMORY, START = "memory", "start"

LOADED = [BARE, LIVEZ, VERSION, USER, NOTES, PGBENCH, PEER_USER, PEER_NOTES]


def whole(figures, options):
    return "\n".join([*conditions(options), "", *measures(figures), "", *others(figures), "", *targets(figures)])


def conditions(options):
    yield (f"{options.rounds} alternating rounds of {options.seconds} s, medians; {options.connections} connections; "
           f"LOG_LEVEL={os.environ['LOG_LEVEL']}; {os.cpu_count()} cores of {platform.machine()} shared by server, database "
           f"and load. FastAPI: asyncpg on granian, two workers.")


def measures(figures):
    yield "| what | requests/s | of bare | p50 ms | p99 ms | CPU µs, app + database | RSS, peak MB |"
    yield "|---|---|---|---|---|---|---|"
    for name in LOADED:
        run = figures[name]
        memory = "{:.0f}, {:.0f}".format(*run["memory"]) if "memory" in run else "–"
        app = f"{run['app_cpu']:.0f}" if "memory" in run else "–"
        yield (f"| {name} | {run['rps']:.0f} | {run['rps'] / figures[BARE]['rps']:.2f} | {run['p50']:.2f} | "
               f"{run['p99']:.2f} | {app} + {run['database_cpu']:.0f} | {memory} |")


def others(figures):
    bcrypt, sign_in, many = figures[BCRYPT], figures[SIGN_IN], figures[MANY]
    yield (f"- Sign-in: {sign_in['rps']:.1f}/s with 8 clients, p50 {sign_in['p50']:.0f} ms, p99 {sign_in['p99']:.0f} ms. bcrypt "
           f"(cost 10) alone: {bcrypt['alone']:.1f}/s on one thread, {bcrypt['rps']:.1f}/s on two, which is what the server "
           f"hashes with: {sign_in['rps'] / bcrypt['rps']:.2f} of it.")
    yield (f"- {MANY}, `notes_list`: p50 {many['p50']:.2f} ms, p99 {many['p99']:.2f} ms, longest {many['most']:.1f} ms, counted "
           f"from when each request was due; {many['requests']} requests, none failed.")


def targets(figures):
    rate = lambda name, other: figures[name]["rps"] / figures[other]["rps"]
    yield "| target | measured | at least | goal | met |"
    yield "|---|---|---|---|---|"
    yield ratio("`/livez` of bare Hummingbird", rate(LIVEZ, BARE), 0.70)
    yield ratio("`GET /auth/v1/user` of bare Hummingbird", rate(USER, BARE), 0.30, 0.45)
    yield ratio("`notes_list` of pgbench's pipelined transaction", rate(NOTES, PGBENCH), 0.28, 0.40)
    yield ratio("`notes_list` to FastAPI with two workers", rate(NOTES, PEER_NOTES), 4)
    yield bound(f"{MANY}: p99", figures[MANY]["p99"], 50, "ms")
    yield bound("memory after load", figures[MEMORY][0], 120, "MB")
    yield bound("start to first answer, median of 10", figures[START]["median"], 150, "ms")


def ratio(name, value, least, goal=None):
    met = "**no**" if value < least else "yes" if goal is None else "yes, the goal too" if value >= goal else "yes, not the goal"
    return f"| {name} | {value:.2f} | {least:.2f} | {f'{goal:.2f}' if goal else '–'} | {met} |"


def bound(name, value, most, unit):
    return f"| {name} | {value:.1f} {unit} | below {most} {unit} | – | {'yes' if value < most else '**no**'} |"
