"""PostgreSQL servers of a proof's own, a standby among them, and the program in front of them."""

import contextlib
import os
import pathlib
import pwd
import secrets
import signal
import subprocess

from servers import Client, free_port, until

AS_ROOT = os.geteuid() == 0
OWNER = pwd.getpwnam("postgres") if AS_ROOT else pwd.getpwuid(os.geteuid())
AS_OWNER = {"user": OWNER.pw_uid, "group": OWNER.pw_gid, "extra_groups": []} if AS_ROOT else {}
BINARIES = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))[-1]


class Postgres:
    """A PostgreSQL of its own: files and socket in one folder, which names the host."""

    def __init__(self, folder):
        self.folder, self.data, self.process = folder, folder / "data", None
        folder.mkdir()
        os.chown(folder, OWNER.pw_uid, OWNER.pw_gid)

    def tool(self, name, *arguments):
        subprocess.run([BINARIES / name, *arguments], check=True, cwd="/", capture_output=True, **AS_OWNER)

    def make(self):
        self.tool("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-k", "-E", "UTF8", "--locale=C.UTF-8")
        return self

    def copy(self, primary, slot="standby"):
        self.tool(
            "pg_basebackup", "-R", "-X", "stream", "-C", "-S", slot, "-c", "fast", "-U", "postgres",
            "-h", primary.folder, "-D", self.data)
        return self

    def replayed(self):
        return self.psql("select pg_last_wal_replay_lsn()")

    def start(self):
        self.process = subprocess.Popen(
            [BINARIES / "postgres", "-D", self.data, "-c", "listen_addresses=", "-c",
             f"unix_socket_directories={self.folder}"],
            cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, **AS_OWNER)
        until(30, self.answers, "PostgreSQL does not start")
        return self

    def answers(self):
        return subprocess.run(
            ["psql", "-h", self.folder, "-U", "postgres", "-c", "select 1"], capture_output=True).returncode == 0

    def psql(self, statement):
        return subprocess.run(
            ["psql", "-h", self.folder, "-U", "postgres", "-Atqc", statement],
            check=True, capture_output=True, text=True).stdout.strip()

    def kill(self):
        """All of its processes at once, as if the machine were gone."""
        path = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for victim in [self.process.pid, *map(int, path.read_text().split())]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=30)


class Serving:
    """`leansaas serve` on whichever of the hosts takes writes."""

    def __init__(self, program, folder, hosts, **settings):
        where = ",".join(str(host.folder) for host in hosts)
        self.port = free_port()
        self.url = f"/postgres?host={where}&target_session_attrs=read-write"
        self.environment = os.environ | {
            "NODE_ENV": "test", "HOST": "127.0.0.1", "PORT": str(self.port), "JWT_SECRET": secrets.token_hex(32),
            "DATABASE_URL": f"postgresql://authenticator@{self.url}",
            "DATABASE_MIGRATION_URL": f"postgresql://lean_owner@{self.url}", "RATE_LIMIT_DISABLED": "true", **settings,
        }
        self.program, self.folder, self.process = program, folder, None

    def run(self, *arguments):
        subprocess.run([self.program, *arguments], check=True, cwd=self.folder, env=self.environment, capture_output=True)

    def start(self):
        self.run("migrate", "bootstrap", "--url", f"postgresql://postgres@{self.url}")
        log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(
            [self.program, "serve"], cwd=self.folder, env=self.environment, stdout=log, stderr=log)
        until(60, lambda: Client(self.port).status("GET", "/readyz") == 200, "the server is not ready")
        return self

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)
