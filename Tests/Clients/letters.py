"""The unmodified `supabase` client signs people in by letters, which a real mail server, aiosmtpd, has received over STARTTLS.

The argument is the program. Each check is a function whose name is the sentence that it proves; all run.
"""

import http.client
import os
import pathlib
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "Proofs"))

from supabase import ClientOptions, create_client
from supabase_auth.errors import AuthApiError

import mail_server
from servers import Server, home, until

PASSWORD = "correct horse battery"
FIRST = {"MAILER_AUTOCONFIRM": "false", "RATE_LIMIT_DISABLED": "true", "EMAIL_FROM": "hello@product.example",
         "EMAIL_FROM_NAME": "Größe & Söhne", "EXTERNAL_ANONYMOUS_USERS_ENABLED": "true"}


def address(name="ada"):
    return f"{name}-{secrets.token_hex(6)}@example.com"


def form(port, path, **fields):
    """What a button of a page sends, as a browser does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", path, urllib.parse.urlencode(fields), {
        "content-type": "application/x-www-form-urlencoded", "sec-fetch-site": "same-origin"})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def query(link):
    return {name: values[0] for name, values in urllib.parse.parse_qs(urllib.parse.urlsplit(link).query).items()}


class Letters:
    def __init__(self, server, mail, anon_key, service_key):
        self.server, self.mail = server, mail
        self.url, self.anon_key, self.service_key = f"http://127.0.0.1:{server.port}", anon_key, service_key

    def client(self, **options):
        return create_client(self.url, self.anon_key, ClientOptions(**options))

    def admin(self):
        return create_client(self.url, self.service_key).auth.admin

    def person(self, name="ada"):
        client, email = self.client(), address(name)
        client.auth.sign_up({"email": email, "password": PASSWORD})
        client.auth.verify_otp({"email": email, "token": self.mail.to(email).code, "type": "signup"})
        return client, email

    def a_sign_up_is_confirmed_by_the_code_of_the_letter(self):
        client, email = self.client(), address()
        answer = client.auth.sign_up({"email": email, "password": PASSWORD})
        assert answer.session is None and answer.user.email == email
        try:
            client.auth.sign_in_with_password({"email": email, "password": PASSWORD})
            raise AssertionError("signed in without confirming")
        except AuthApiError as error:
            assert error.code == "email_not_confirmed", error.code
        letter = self.mail.to(email)
        assert letter.was_secret, "the letter went in the clear"
        assert letter.sender == "hello@product.example" and letter.recipients == [email]
        assert letter.message["from"].addresses[0].display_name == "Größe & Söhne"
        assert letter.message["auto-submitted"] == "auto-generated" and letter.message["message-id"]
        assert letter.code in letter.html and "Größe &amp; Söhne" in letter.html
        session = client.auth.verify_otp({"email": email, "token": letter.code, "type": "signup"}).session
        assert session.user.email_confirmed_at
        assert client.auth.get_user().user.email == email
        until(30, lambda: len(self.mail.found(email, welcome=True)) == 1, "no welcome has come")

    def a_magic_link_signs_in_by_its_token_after_scanners_have_followed_it(self):
        client, email = self.client(), address("magic")
        client.auth.sign_in_with_otp({"email": email, "options": {"data": {"name": "Magic"}}})
        letter = self.mail.to(email)
        link = urllib.parse.urlsplit(letter.link)
        for _ in range(3):
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
            connection.request("GET", f"{link.path}?{link.query}")
            answer = connection.getresponse()
            assert answer.status == 200 and b"<form" in answer.read()
        answer = client.auth.verify_otp({"token_hash": query(letter.link)["token"], "type": "magiclink"})
        assert answer.session and answer.user.user_metadata["name"] == "Magic"

    def a_one_time_code_signs_in_once(self):
        _, email = self.person("code")
        client = self.client()
        client.auth.sign_in_with_otp({"email": email, "options": {"should_create_user": False}})
        code = self.mail.to(email, after=1).code
        assert client.auth.verify_otp({"email": email, "token": code, "type": "email"}).session
        try:
            client.auth.verify_otp({"email": email, "token": code, "type": "email"})
            raise AssertionError("a code worked twice")
        except AuthApiError as error:
            assert error.code == "otp_expired", error.code

    def a_forgotten_password_is_set_anew(self):
        _, email = self.person("forgetful")
        client = self.client()
        client.auth.reset_password_for_email(email)
        client.auth.verify_otp({"email": email, "token": self.mail.to(email, after=1).code, "type": "recovery"})
        client.auth.update_user({"password": "a whole new password"})
        assert self.client().auth.sign_in_with_password({"email": email, "password": "a whole new password"}).session
        assert self.mail.to(email, after=2).subject == "Your password was changed"

    def a_client_with_pkce_exchanges_the_code_of_its_link(self):
        client, email = self.client(flow_type="pkce"), address("pkce")
        client.auth.sign_in_with_otp({"email": email})
        fields = query(self.mail.to(email).link)
        assert fields["token"].startswith("pkce_")
        status, page = form(self.server.port, "/account/verify", **fields)
        assert status == 200 and "access_token" not in page
        code = page.split("?code=")[1].split('"')[0]
        try:
            self.client(flow_type="pkce").auth.exchange_code_for_session({"auth_code": code, "code_verifier": "x" * 43})
            raise AssertionError("a stranger exchanged the code")
        except AuthApiError as error:
            assert error.code == "bad_code_verifier", error.code
        # The wrong secret has cost the code: a new link.
        client.auth.sign_in_with_otp({"email": email})
        _, page = form(self.server.port, "/account/verify", **query(self.mail.to(email, after=1).link))
        code = page.split("?code=")[1].split('"')[0]
        assert client.auth.exchange_code_for_session({"auth_code": code}).session.user.email == email

    def an_address_changes_when_both_have_agreed(self):
        client, email = self.person("mover")
        new = address("moved")
        assert client.auth.update_user({"email": new}).user.email == email
        first = self.mail.to(new)
        second = self.mail.to(email, after=1)
        client.auth.verify_otp({"token_hash": query(first.link)["token"], "type": "email_change"})
        try:
            self.client().auth.sign_in_with_password({"email": new, "password": PASSWORD})
            raise AssertionError("one agreement was enough")
        except AuthApiError as error:
            assert error.code == "invalid_credentials", error.code
        client.auth.verify_otp({"token_hash": query(second.link)["token"], "type": "email_change"})
        assert self.client().auth.sign_in_with_password({"email": new, "password": PASSWORD}).user.email == new
        assert self.mail.to(email, after=2).subject == "Your address was changed"

    def an_anonymous_person_becomes_one_who_can_come_back_by_the_code_of_a_letter(self):
        client, email = self.client(), address("nobody")
        user = client.auth.sign_in_anonymously().user
        assert user.is_anonymous
        client.auth.update_user({"email": email})
        assert client.auth.get_user().user.is_anonymous, "nobody has confirmed the address yet"
        answer = client.auth.verify_otp({"email": email, "token": self.mail.to(email).code, "type": "email_change"})
        assert answer.user.id == user.id and answer.user.email == email and not answer.user.is_anonymous
        client.auth.update_user({"password": PASSWORD})
        again = self.client().auth.sign_in_with_password({"email": email, "password": PASSWORD}).user
        assert again.id == user.id and not again.is_anonymous

    def an_administrator_makes_links_and_invites(self):
        email = address("invited")
        self.admin().invite_user_by_email(email, {"data": {"team": "blue"}})
        letter = self.mail.to(email)
        session = self.client().auth.verify_otp(
            {"token_hash": query(letter.link)["token"], "type": "invite"}).session
        assert session.user.user_metadata["team"] == "blue"
        made = self.admin().generate_link({"type": "magiclink", "email": email})
        assert made.user.email == email and "/auth/v1/verify?token=" in made.properties.action_link
        assert self.client().auth.verify_otp(
            {"email": email, "token": made.properties.email_otp, "type": "magiclink"}).session
        made = self.admin().generate_link({"type": "signup", "email": address("made"), "password": PASSWORD})
        assert self.client().auth.verify_otp(
            {"token_hash": made.properties.hashed_token, "type": "signup"}).session
        assert self.mail.count(made.user.email) == 0, "a generated link was sent"

    def a_password_of_an_old_session_needs_the_code_of_a_letter(self):
        client, email = self.person("careful")
        self.server.psql(
            f"update auth.sessions set created_at = now() - interval '2 days' where user_id = "
            f"(select id from auth.users where email = '{email}')")
        try:
            client.auth.update_user({"password": "another password"})
            raise AssertionError("an old session set a password")
        except AuthApiError as error:
            assert error.code == "reauthentication_needed", error.code
        client.auth.reauthenticate()
        code = self.mail.to(email, after=1).code
        client.auth.update_user({"password": "another password", "nonce": code})

    def a_refused_mailbox_is_written_to_no_more(self):
        email = address("gone")
        self.mail.refused.add(email)
        self.client().auth.sign_in_with_otp({"email": email})
        until(30, lambda: self.server.psql(
            f"select count(*) from lean.mail_suppressions where address = '{email}'") == "1", "it is not suppressed")
        self.mail.refused.discard(email)
        self.client().auth.sign_in_with_otp({"email": email})
        until(30, lambda: self.server.psql(
            f"select count(*) from lean.mails where recipient = '{email}' and outcome = 'suppressed'") == "1",
            "it is not told")
        assert self.mail.count(email) == 0


def waiting(server):
    return server.psql("select kind || ' ' || state || ': ' || coalesce(last_error, '') from lean.jobs")


def trouble(program, folder, name, reason, **settings):
    """A letter that cannot be sent waits, with the reason, and requests go on."""
    with home() as own:
        os.environ.update(FIRST | settings)
        server = Server(program, own / "data").start()
        try:
            keys = keys_of(program, own)
            client = create_client(f"http://127.0.0.1:{server.port}", keys["anonKey"])
            for _ in range(8):
                client.auth.sign_in_with_otp({"email": address("waits")})
            until(30, lambda: reason in waiting(server), f"{name}: no such reason: {waiting(server)}")
        finally:
            server.stop()
    print(f"ok    {name}", flush=True)


def keys_of(program, folder):
    import json
    return json.loads(subprocess.run(
        [program, "keys", "--json", "--data", str(folder / "data")], check=True, capture_output=True, text=True).stdout)


def silent():
    """A server that takes connections and says nothing."""
    listener = socket.create_server(("127.0.0.1", 0))
    kept = []
    threading.Thread(target=lambda: [kept.append(listener.accept()) for _ in range(64)], daemon=True).start()
    return listener.getsockname()[1]


def main(program):
    failed = 0
    with home() as folder, tempfile.TemporaryDirectory() as keys:
        good, key = mail_server.certificate(keys, "good")
        bad, _ = mail_server.certificate(keys, "bad")
        mail = mail_server.MailServer(good, key).start()
        account = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(mail.port), "SMTP_USER": mail_server.USER,
                   "SMTP_PASS": mail_server.PASSWORD}
        os.environ.update(FIRST | account | {"SMTP_TLS_CA_FILE": good})
        server = Server(program, folder / "data").start()
        found = keys_of(program, folder)
        letters = Letters(server, mail, found["anonKey"], found["serviceRoleKey"])
        checks = [
            letters.a_sign_up_is_confirmed_by_the_code_of_the_letter,
            letters.a_magic_link_signs_in_by_its_token_after_scanners_have_followed_it,
            letters.a_one_time_code_signs_in_once, letters.a_forgotten_password_is_set_anew,
            letters.a_client_with_pkce_exchanges_the_code_of_its_link,
            letters.an_address_changes_when_both_have_agreed,
            letters.an_anonymous_person_becomes_one_who_can_come_back_by_the_code_of_a_letter,
            letters.an_administrator_makes_links_and_invites,
            letters.a_password_of_an_old_session_needs_the_code_of_a_letter,
            letters.a_refused_mailbox_is_written_to_no_more,
        ]
        try:
            for check in checks:
                name = check.__name__.replace("_", " ")
                try:
                    check()
                    print(f"ok    {name}", flush=True)
                except Exception:
                    failed += 1
                    print(f"FAIL  {name}\n{traceback.format_exc()}", flush=True)
        finally:
            server.stop()
        trouble(program, keys, "a certificate that nobody vouches for is refused", "curl 60",
                **account, SMTP_TLS_CA_FILE=bad)
        trouble(program, keys, "a wrong password is told", "curl 67", **account | {"SMTP_PASS": "wrong"},
                SMTP_TLS_CA_FILE=good)
        trouble(program, keys, "a server that hangs is left after its time", "curl 28",
                **account | {"SMTP_PORT": str(silent()), "SMTP_TIMEOUT": "1000"}, SMTP_TLS_CA_FILE=good)
        mail.stop()
    print(f"{len(checks) - failed + 3} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main(sys.argv[1])
