"""Clients that show what a connection does: they never retry and hide nothing. And a certificate for them."""

import collections
import http.client
import pathlib
import socket
import ssl
import subprocess
import sys

Files = collections.namedtuple("Files", "certificate key")

TOOLS = pathlib.Path(__file__).parents[2] / ".venv-proofs"


def tools():
    """Makes the packages of scripts/setup --proofs importable."""
    sys.path += [str(path) for path in TOOLS.glob("lib/python*/site-packages")]


def certificate(folder, name="tls", subject="localhost"):
    """A new self-signed certificate for localhost, and its key."""
    files = Files(str(folder / f"{name}.pem"), str(folder / f"{name}.key"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={subject}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", files.key, "-out", files.certificate],
        check=True, capture_output=True)
    return files


class HTTP1:
    """One keep-alive connection."""

    def __init__(self, host, port, trust=None):
        kind = http.client.HTTPSConnection if trust else http.client.HTTPConnection
        options = {"context": trust} if trust else {}
        self.connection = kind(host, port, timeout=20, **options)
        self.connection.connect()
        # Never connects by itself again: a connection that is gone is a failure to be seen.
        self.connection.auto_open = 0

    def get(self, path, headers=None):
        """The status, and whether the server says that the answer is the connection's last."""
        self.connection.request("GET", path, headers=headers or {})
        answer = self.connection.getresponse()
        answer.read()
        return answer.status, answer.getheader("connection", "").lower() == "close"

    def close(self):
        self.connection.close()


class HTTP2:
    """One connection with one stream at a time, on the sans-I/O library h2."""

    def __init__(self, host, port, trust):
        tools()
        import h2.connection
        # h2 counts a connection as closed at GOAWAY; RFC 9113, 6.8, lets what runs finish.
        machine = h2.connection.H2ConnectionStateMachine
        open_state, goaway = h2.connection.ConnectionState.CLIENT_OPEN, h2.connection.ConnectionInputs.RECV_GOAWAY
        machine._transitions[(open_state, goaway)] = (None, open_state)
        trust = ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(trust.get_ca_certs(binary_form=True)[0]))
        trust.set_alpn_protocols(["h2"])
        plain = socket.create_connection((host, port), timeout=20)
        self.socket = trust.wrap_socket(plain, server_hostname=host)
        assert self.socket.selected_alpn_protocol() == "h2"
        self.connection = h2.connection.H2Connection()
        self.connection.initiate_connection()
        self.host, self.is_ending = host, False
        self.flush()

    def flush(self):
        self.socket.sendall(self.connection.data_to_send())

    def get(self, path):
        """The status, and whether the server has said GOAWAY. A stream that it begins after that is refused by h2 itself."""
        import h2.events
        stream = self.connection.get_next_available_stream_id()
        self.connection.send_headers(
            stream, [(":method", "GET"), (":path", path), (":scheme", "https"), (":authority", self.host)],
            end_stream=True)
        self.flush()
        status, has_ended = None, False
        while not has_ended:
            data = self.socket.recv(65_536)
            if not data:
                raise ConnectionError("closed with a stream unanswered")
            for event in self.connection.receive_data(data):
                if isinstance(event, h2.events.ResponseReceived):
                    status = int(dict(event.headers)[b":status"])
                elif isinstance(event, h2.events.DataReceived):
                    self.connection.acknowledge_received_data(event.flow_controlled_length, stream)
                elif isinstance(event, h2.events.ConnectionTerminated):
                    self.is_ending = True
                elif isinstance(event, h2.events.StreamReset):
                    raise ConnectionError(f"stream reset: {event.error_code}")
                elif isinstance(event, h2.events.StreamEnded):
                    # A GOAWAY may stand behind it in what was read, and its PING is about to be acknowledged.
                    has_ended = True
            self.flush()
        return status, self.is_ending

    def close(self):
        self.socket.close()
