"""Follows a tutorial word by word: writes its files, applies its diffs, runs its commands, compares what it promises.

The language of a fenced block tells what it is: `swift PATH` a file, `diff PATH` an addition to a file, `sh` commands,
`sh background` a server that runs until the end, `text` lines that must stand in what the commands before it printed.
What was there before is put back at the end.
"""

import os
import pathlib
import re
import select
import signal
import subprocess
import sys
import time

BLOCK = re.compile(r"^```(\w+) ?([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Follower:
    def __init__(self):
        self.before = {}
        self.servers = []
        self.printed = ""
        self.variables = {}
        self.passed = 0

    def keep(self, path):
        if path not in self.before:
            self.before[path] = path.read_bytes() if path.exists() else None

    def swift(self, place, text):
        path = pathlib.Path(place)
        if path.exists():
            sys.exit(f"{path} is there already: a tutorial writes new files")
        self.keep(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def diff(self, place, text):
        path = pathlib.Path(place)
        self.keep(path)
        lines = text.splitlines()
        old = "\n".join(line[1:] for line in lines if not line.startswith("+"))
        new = "\n".join(line[1:] for line in lines if not line.startswith("-"))
        found = path.read_text()
        if found.count(old) != 1:
            sys.exit(f"{path}: what the diff begins with stands there {found.count(old)} times")
        path.write_text(found.replace(old, new))

    def sh(self, kind, text):
        if kind == "background":
            return self.serve(text)
        # Variables of one block are there in the next, as in a reader's shell.
        script = f"set -euo pipefail\n{text}\necho; echo '--variables--'; declare -p TOKEN 2>/dev/null || true\n"
        result = subprocess.run(
            ["bash", "-c", script], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=1500,
            env=os.environ | self.variables)
        self.printed, _, variables = result.stdout.partition("--variables--")
        if result.returncode != 0:
            sys.exit(f"this failed:\n{text}\n{result.stdout[-3000:]}")
        token = re.search(r'TOKEN="([^"]*)"', variables)
        if token:
            self.variables["TOKEN"] = token.group(1)

    def serve(self, text):
        process = subprocess.Popen(
            ["bash", "-c", "exec " + text.strip()], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.servers.append(process)
        printed, deadline = "", time.monotonic() + 60
        while "serves at" not in printed:
            ready, _, _ = select.select([process.stdout], [], [], max(0, deadline - time.monotonic()))
            chunk = os.read(process.stdout.fileno(), 65536) if ready else b""
            if not chunk:
                sys.exit(f"the server did not start:\n{printed}")
            printed += chunk.decode()

    def text(self, _, lines):
        for line in lines.splitlines():
            if line not in self.printed:
                sys.exit(f"the page promises: {line}\nprinted was:\n{self.printed}")
            self.passed += 1

    def follow(self, page):
        for language, place, text in BLOCK.findall(page.read_text()):
            print(f"   {language} {place}".rstrip(), flush=True)
            getattr(self, language)(place, text)

    def restore(self):
        for process in self.servers:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)
        for path, content in self.before.items():
            if content is not None:
                path.write_bytes(content)
                continue
            path.unlink(missing_ok=True)
            if path.parent.exists() and not any(path.parent.iterdir()):
                path.parent.rmdir()


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended from outside"))
    follower = Follower()
    try:
        for page in sys.argv[1:]:
            print(f"following {page}", flush=True)
            follower.follow(pathlib.Path(page))
    finally:
        follower.restore()
    print(f"{follower.passed} passed, 0 failed")


main()
