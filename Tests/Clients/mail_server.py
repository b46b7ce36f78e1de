"""A mail server that we did not write, aiosmtpd, which takes letters over STARTTLS alone and keeps them."""

import datetime
import email
import email.policy
import ipaddress
import logging
import pathlib
import ssl
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from servers import free_port

# Handshakes that fail on purpose are no news.
logging.getLogger("mail.log").setLevel(logging.CRITICAL)
USER, PASSWORD = "lean", "the mail server's password"


def certificate(folder, name):
    """A certificate of 127.0.0.1 that signs itself, and its key, as PEM files."""
    folder = pathlib.Path(folder)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.timezone.utc)
    cert = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256()))
    cert_file, key_file = folder / f"{name}.crt", folder / f"{name}.key"
    cert_file.write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return str(cert_file), str(key_file)


class Letter:
    def __init__(self, envelope, session):
        self.sender, self.recipients = envelope.mail_from, envelope.rcpt_tos
        self.message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.was_secret = session.ssl is not None
        self.subject = self.message["subject"]
        self.text = self.message.get_body(("plain",)).get_content()
        self.html = self.message.get_body(("html",)).get_content()
        lines = [line.strip() for line in self.text.splitlines()]
        self.code = next((line for line in lines if len(line) == 6 and line.isdigit()), None)
        self.link = next((line for line in lines if line.startswith("http")), None)


class MailServer:
    """Letters by recipient, in the order in which they came."""

    def __init__(self, cert_file, key_file):
        self.letters, self.lock, self.refused = {}, threading.Lock(), set()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert_file, key_file)
        self.controller = Controller(
            self, hostname="127.0.0.1", port=free_port(), tls_context=context, require_starttls=True, auth_required=True,
            auth_require_tls=True, authenticator=self.authenticate)

    def start(self):
        self.controller.start()
        self.port = self.controller.port
        return self

    def stop(self):
        self.controller.stop()

    @staticmethod
    def authenticate(server, session, envelope, mechanism, data):
        is_right = data.login == USER.encode() and data.password == PASSWORD.encode()
        return AuthResult(success=is_right, handled=False)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return "550 5.1.1 there is no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        letter = Letter(envelope, session)
        with self.lock:
            for recipient in envelope.rcpt_tos:
                self.letters.setdefault(recipient, []).append(letter)
        return "250 OK"

    def to(self, recipient, after=0, seconds=30):
        """The letter to the address that comes after so many others, the welcome not counted, which comes beside them."""
        deadline = time.monotonic() + seconds
        while True:
            found = self.found(recipient)
            if len(found) > after:
                return found[after]
            assert time.monotonic() < deadline, f"no letter to {recipient}"
            time.sleep(0.005)

    def found(self, recipient, welcome=False):
        with self.lock:
            letters = self.letters.get(recipient, [])
            return [letter for letter in letters if letter.subject.startswith("Welcome to ") == welcome]

    def count(self, recipient):
        return len(self.found(recipient))
