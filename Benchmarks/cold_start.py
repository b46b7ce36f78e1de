"""How long `leansaas serve` takes from its start to its first answer, on a database that is migrated."""

import http.client
import os
import subprocess
import tempfile
import time

from processes import free_port

DEADLINE_SECONDS = 30


def first_answer(program, environment):
    """Milliseconds from the start of the process to the first 200 of /livez."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        process = subprocess.Popen(
            [program, "serve", "--port", str(port)], cwd=folder, env=os.environ | environment, stdout=subprocess.DEVNULL)
        try:
            while not answers(port):
                if process.poll() is not None or time.monotonic() - begun > DEADLINE_SECONDS:
                    raise SystemExit("serve does not start")
                time.sleep(0.001)
            return (time.monotonic() - begun) * 1000
        finally:
            process.terminate()
            process.wait(DEADLINE_SECONDS)


def answers(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/livez")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
