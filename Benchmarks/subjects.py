"""What is measured: an endpoint under wrk, a transaction under pgbench, and the person whose requests they are."""

import base64
import json
import os
import pathlib
import re
import secrets
import subprocess
import urllib.request

HERE = pathlib.Path(__file__).parent
CORES = os.cpu_count() or 1


class Person:
    """A person who has just signed up."""

    def __init__(self, url, keys):
        self.url = url
        self.headers = {"apikey": json.loads(keys)["anonKey"]}
        self.email, self.password = f"bench-{secrets.token_hex(6)}@example.com", secrets.token_hex(16)
        answer = self.post("/auth/v1/signup", {"email": self.email, "password": self.password})
        self.headers["authorization"] = "Bearer " + answer["access_token"]
        payload = answer["access_token"].split(".")[1]
        self.claims = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)).decode()
        self.session, self.id = json.loads(self.claims)["session_id"], answer["user"]["id"]
        self.organization = self.get("/functions/v1/organizations_list")["organizations"][0]["id"]

    def get(self, path):
        return self.answer(urllib.request.Request(self.url + path, headers=self.headers))

    def post(self, path, body):
        headers = self.headers | {"content-type": "application/json"}
        return self.answer(urllib.request.Request(self.url + path, json.dumps(body).encode(), headers))

    def answer(self, request):
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def write_notes(self, count):
        for number in range(count):
            self.post("/functions/v1/notes_write", {"title": f"Note {number}", "body": "A line of text. " * 6})


class Endpoint:
    """One address of one server, loaded by wrk. `has_workers`: the server's children do its work."""

    def __init__(self, name, url, server, headers=None, postmaster=None, has_workers=False):
        self.name, self.url, self.server, self.postmaster = name, url, server, postmaster
        self.headers, self.has_workers = headers or {}, has_workers

    def run(self, options):
        command = ["wrk", f"-t{min(CORES, options.connections)}", f"-c{options.connections}", f"-d{options.seconds}s"]
        for name, value in self.headers.items():
            command += ["-H", f"{name}: {value}"]
        output = checked(command + ["-s", str(HERE / "report.lua"), self.url])
        result = json.loads(re.search(r"^result (.*)$", output, re.MULTILINE).group(1))
        return {
            "requests": result["requests"], "rps": 1e6 * result["requests"] / result["microseconds"],
            "p50": result["p50"] / 1000, "p99": result["p99"] / 1000, "faults": result["refused"] + result["broken"],
        }


class Database:
    """The transaction of `notes_list` without HTTP: what the database could give at most."""

    server, has_workers = None, False

    def __init__(self, name, person, postmaster):
        self.name, self.person, self.postmaster = name, person, postmaster

    def run(self, options):
        person = self.person
        # As many connections as serve reads best; one transaction's latency is read from the log, since pgbench prints
        # no percentile.
        log = HERE.parent / ".lean-bench" / "pgbench"
        output = checked([
            str(self.postmaster.binaries / "pgbench"), "-n", "-M", "prepared", "-f", str(HERE / "rls.sql"),
            "-h", self.postmaster.sockets, "-p", self.postmaster.port, "-U", "authenticator", "-d", "postgres",
            "-c", str(4 * CORES), "-j", str(CORES), "-T", str(options.seconds),
            "-l", "--sampling-rate=0.1", f"--log-prefix={log}",
            "-D", f"claims={person.claims}", "-D", f"organization={person.organization}",
            "-D", f"session={person.session}", "-D", f"person={person.id}",
        ])
        latencies = sorted(self.latencies(log))
        return {
            "requests": int(re.search(r"actually processed: (\d+)", output).group(1)),
            "rps": float(re.search(r"tps = ([\d.]+)", output).group(1)),
            "p50": latencies[len(latencies) // 2] / 1000, "p99": latencies[len(latencies) * 99 // 100] / 1000,
            "faults": int(re.search(r"failed transactions: (\d+)", output).group(1)),
        }

    def latencies(self, prefix):
        """Microseconds, the third column of each log line; a log is removed when it is read."""
        for log in prefix.parent.glob(prefix.name + ".*"):
            for line in log.read_text().splitlines():
                yield int(line.split()[2])
            log.unlink()


def checked(command):
    """What the command printed. Its own words are shown when it fails; its arguments hold a token and are not."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed: {done.stdout}{done.stderr}")
    return done.stdout
