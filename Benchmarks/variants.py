"""One server under several settings, side by side: what benches of a setting's cost share."""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from processes import Launched, free_port

HERE = pathlib.Path(__file__).parent


def parser(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--server", required=True, help="the leansaas program, built for release")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="length of one run")
    parser.add_argument("--connections", type=int, default=64)
    return parser


def folder(stack):
    """A folder for the data, which PostgreSQL's user may enter."""
    folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lean-bench-")))
    folder.chmod(0o711)
    return folder


def redis(stack):
    """Starts a Redis that keeps nothing. Gives back its address as settings have it."""
    port = free_port()
    process = stack.enter_context(subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL))
    stack.callback(process.terminate)
    return f"redis://127.0.0.1:{port}"


def launch(stack, options, data, settings):
    """Starts the server on the data that all of them share. Gives back its port and its process."""
    port = free_port()
    launched = stack.enter_context(
        Launched([options.server, "dev", "--data", str(data / "data"), "--port", str(port)], port, "/livez",
                 env=os.environ | {"LOG_LEVEL": "warn"} | settings))
    return port, launched.process.pid


class Session:
    """A session of psql, as the superuser of a server's database. No statement takes longer than five minutes."""

    def __init__(self, stack, data):
        lines = (data / "pg" / "postmaster.pid").read_text().splitlines()
        self.process = stack.enter_context(subprocess.Popen(
            ["psql", "-h", lines[4], "-U", "postgres", "-d", "postgres", "-Atq", "-v", "ON_ERROR_STOP=1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=os.environ | {"PGOPTIONS": "-c statement_timeout=300000"}))
        stack.callback(self.process.stdin.close)

    def ask(self, statements):
        """The one line that they answer."""
        self.process.stdin.write(statements + ";\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("psql ended: what it says stands above")
        return line.strip()


def load(port, path, script, options, *arguments):
    """What a script of wrk says of one run; any request that failed ends the bench."""
    output = subprocess.run(
        ["wrk", "-t2", f"-c{options.connections}", f"-d{options.seconds}s", "-s", str(HERE / script),
         f"http://127.0.0.1:{port}{path}", "--", *arguments],
        check=True, capture_output=True, text=True, cwd=HERE, timeout=options.seconds + 60).stdout
    result = json.loads(re.search(r"^result (.*)$", output, re.MULTILINE).group(1))
    if result["refused"] or result["broken"]:
        sys.exit(f"port {port}: {result}; a figure with failures means nothing")
    return result


def rate(result):
    return 1e6 * result["requests"] / result["microseconds"]
