"""What a request costs with a hundred thousand customers beside what it costs with one: milliseconds of each, one at a time, in one
server before and after its tables are filled. What asks for few rows should not notice the others."""

import contextlib
import http.client
import json
import statistics
import subprocess
import time
import uuid

import variants
from subjects import Person

CUSTOMERS, TRIES = 100_000, 25
# Of each customer three sessions, nine refresh tokens, ten rows of the audit log, and a job that waits; and an organization that did
# two hundred thousand things.
FILL = """
set session_replication_role = 'replica';
set synchronous_commit = off;
create temporary table person as select gen_random_uuid() as id, n from generate_series(1, {customers}) n;
insert into auth.users (id, aud, role, email, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
    select id, 'authenticated', 'authenticated', 'p' || n || '@example.com', now(), '{{}}', '{{}}',
        now() - n * interval '1 minute', now()
    from person;
insert into auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)
    select id::text, id, '{{}}', 'email', now(), now() from person;
insert into public.organizations (id, name, is_personal, created_by) select id, 'p' || n, true, id from person;
insert into public.organization_members (organization_id, user_id, role) select id, id, 'owner' from person;
create temporary table opened as select gen_random_uuid() as id, id as person from person, generate_series(1, 3);
insert into auth.sessions (id, user_id, created_at, updated_at, aal) select id, person, now(), now(), 'aal1' from opened;
insert into auth.refresh_tokens (id, token, user_id, revoked, created_at, updated_at, session_id)
    select nextval('auth.refresh_tokens_id_seq'), md5(random()::text), person, n < 3, now(), now(), id
    from opened, generate_series(1, 3) n;
insert into public.audit_logs (event_type, event_action, event_category, actor_type, actor_id, organization_id, created_at)
    select 'sign_in.succeeded', 'succeeded', 'auth', 'person', id, id, now() - random() * interval '30 days'
    from person, generate_series(1, 10);
insert into public.audit_logs (event_type, event_action, event_category, actor_type, organization_id, created_at)
    select 'notes.written', 'written', 'api', 'person', '{organization}', now() - random() * interval '30 days'
    from generate_series(1, {customers} * 2);
insert into public.notes (organization_id, title, body) select id, 'A note', 'A line of text.' from person;
insert into lean.jobs (kind, input, run_at) select 'mailing.deliver', '{{}}', now() - interval '1 hour' from person;
insert into lean.mails (id, kind, recipient, outcome, transport, at)
    select gen_random_uuid(), 'welcome', 'p' || n || '@example.com', 'sent', 'smtp', now() from person;
set session_replication_role = 'origin';
analyze;
"""


class Client:
    """One connection that stays."""

    def __init__(self, port, headers):
        self.connection, self.headers = http.client.HTTPConnection("127.0.0.1", port, timeout=60), headers

    def send(self, method, path, body=None):
        headers = self.headers | ({"content-type": "application/json"} if body is not None else {})
        self.connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {path}: {answer.status} {data[:300]}")
        return json.loads(data) if data and "json" in answer.getheader("content-type", "") else None


def milliseconds(action):
    times = []
    for _ in range(TRIES):
        begun = time.monotonic()
        action()
        times.append(1000 * (time.monotonic() - begun))
    return statistics.median(times)


class Refreshing:
    """A session that is refreshed again and again."""

    def __init__(self, client, person):
        self.client = client
        self.token = client.send("POST", "/auth/v1/token?grant_type=password", {
            "email": person.email, "password": person.password})["refresh_token"]

    def __call__(self):
        self.token = self.client.send(
            "POST", "/auth/v1/token?grant_type=refresh_token", {"refresh_token": self.token})["refresh_token"]


class Deleting:
    """Accounts that were made for it."""

    def __init__(self, operator):
        self.operator = operator
        self.people = [self.made() for _ in range(TRIES)]

    def made(self):
        return self.operator.send("POST", "/auth/v1/admin/users", {
            "email": f"{uuid.uuid4().hex}@example.com", "email_confirm": True})["id"]

    def __call__(self):
        self.operator.send("DELETE", f"/auth/v1/admin/users/{self.people.pop()}", {})


def measured(port, person, keys, session):
    own, visitor = Client(port, person.headers), Client(port, {"apikey": keys["anonKey"]})
    operator = Client(port, {"apikey": keys["serviceRoleKey"], "authorization": "Bearer " + keys["serviceRoleKey"]})
    people = int(session.ask("select count(*) from auth.users"))
    requests = {
        "a page of notes": lambda: own.send("GET", "/functions/v1/notes_list"),
        "a refreshed session": Refreshing(visitor, person),
        "one's sessions": lambda: own.send("GET", "/functions/v1/auth_session-management/sessions"),
        "one's sessions, by the view": lambda: session.ask(
            "set role authenticated; set request.jwt.claims = '" + person.claims + "'; "
            "select count(*) from public.active_user_sessions; reset role"),
        "an organization's audit log": lambda: own.send("GET", "/functions/v1/audit_list"),
        "its thousandth entry": lambda: own.send("GET", "/functions/v1/audit_list?offset=1000"),
        "an account deleted": Deleting(operator),
        "the first page of accounts": lambda: operator.send("GET", "/auth/v1/admin/users"),
        "the last page of accounts": lambda: operator.send("GET", f"/auth/v1/admin/users?page={max(1, people // 50)}"),
        "the first page of all that happened": lambda: operator.send("GET", "/auth/v1/admin/audit"),
        "what one person did, by address": lambda: operator.send("GET", f"/auth/v1/admin/audit?query=author:{person.email}"),
        "the next four jobs": lambda: session.ask(
            "begin; select count(*) from lean.take_jobs(4, '{mailing.deliver}', 'bench', now(), now()); rollback"),
        "readiness": lambda: own.send("GET", "/readyz"),
        "figures": lambda: own.send("GET", "/metrics"),
    }
    return {name: milliseconds(action) for name, action in requests.items()}


def main():
    options = variants.parser(__doc__).parse_args()
    with contextlib.ExitStack() as stack:
        folder = variants.folder(stack)
        data = folder / "data"
        port, _ = variants.launch(stack, options, folder, {"RATE_LIMIT_DISABLED": "true", "JOBS_CONCURRENCY": "0"})
        keys = json.loads(subprocess.run(
            [options.server, "keys", "--json", "--data", str(data)], check=True, capture_output=True, text=True).stdout)
        person = Person(f"http://127.0.0.1:{port}", json.dumps(keys))
        person.write_notes(20)
        session = variants.Session(stack, data)
        few = measured(port, person, keys, session)
        print(session.ask(FILL.format(customers=CUSTOMERS, organization=person.organization) + "select 'filled'"))
        many = measured(port, person, keys, session)
        print(f"| ms, median of {TRIES} | one customer | {CUSTOMERS:,} | times |\n|---|---|---|---|")
        for name, before in few.items():
            print(f"| {name} | {before:.2f} | {many[name]:.2f} | {many[name] / before:.1f} |")


if __name__ == "__main__":
    main()
