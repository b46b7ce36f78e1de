"""Signing in, and what bcrypt alone would allow on this machine."""

import ctypes
import ctypes.util
import http.client
import json
import threading
import time
import urllib.parse

CLIENTS = 8
COST = 10
# Larger than libxcrypt's struct crypt_data.
STATE_BYTES = 65_536


def bcrypt_rate(threads, seconds):
    """Passwords a second that so many threads hash, with the library that the server hashes with, and nothing else."""
    library = ctypes.CDLL(ctypes.util.find_library("crypt"))
    library.crypt_rn.restype = ctypes.c_char_p
    setting = f"$2b${COST}$".encode() + b"abcdefghijklmnopqrstuu"

    def hashes(counts, index, end):
        state = ctypes.create_string_buffer(STATE_BYTES)
        while time.monotonic() < end:
            assert library.crypt_rn(b"correct horse battery", setting, state, STATE_BYTES)
            counts[index] += 1

    counts = [0] * threads
    begun = time.monotonic()
    together(lambda index: hashes(counts, index, begun + seconds), threads)
    return sum(counts) / (time.monotonic() - begun)


def sign_in_rate(url, headers, email, password, seconds):
    """Sign-ins a second of a few clients, each on a connection of its own."""
    parts = urllib.parse.urlsplit(url)
    body = json.dumps({"email": email, "password": password})
    latencies, faults = [], []
    end = time.monotonic() + seconds

    def client(_):
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        while time.monotonic() < end:
            begun = time.monotonic()
            connection.request(
                "POST", "/auth/v1/token?grant_type=password", body, headers | {"content-type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            latencies.append(time.monotonic() - begun)
            if answer.status != 200:
                faults.append(answer.status)
        connection.close()

    begun = time.monotonic()
    together(client, CLIENTS)
    ordered = sorted(latencies)
    return {
        "requests": len(ordered), "rps": len(ordered) / (time.monotonic() - begun),
        "p50": 1000 * ordered[len(ordered) // 2], "p99": 1000 * ordered[len(ordered) * 99 // 100], "faults": len(faults),
    }


def together(work, count):
    threads = [threading.Thread(target=work, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
