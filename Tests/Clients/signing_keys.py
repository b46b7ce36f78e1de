"""get_claims of the unmodified client verifies a token by the published keys, before and after a rotation."""

import subprocess
import sys

from supabase import create_client

url, key, program, data = sys.argv[1:]


def rotate(algorithm):
    subprocess.run([program, "keys", "rotate", "--data", data, "--algorithm", algorithm], check=True, capture_output=True)


def claims_of(email):
    client = create_client(url, key)
    client.auth.sign_up({"email": email, "password": "correct horse battery"})
    answer = client.auth.get_claims()
    return client, answer


rotate("ES256")
client, first = claims_of("claims-1@example.com")
assert first["headers"]["alg"] == "ES256" and first["headers"]["kid"], first
assert first["claims"]["email"] == "claims-1@example.com", first
rotate("RS256")
again, second = claims_of("claims-2@example.com")
assert second["headers"]["alg"] == "RS256" and second["headers"]["kid"] != first["headers"]["kid"], second
assert client.auth.get_user().user.email == "claims-1@example.com"
client.auth.refresh_session()
assert client.auth.get_claims()["headers"]["alg"] == "RS256"
print("5 passed, 0 failed")
