"""The unmodified `supabase` client of PyPI against a running server: URL and anon key are the arguments.

Each check is a function whose name is the sentence that it proves. All run; the last line counts them.
"""

import asyncio
import json
import secrets
import sys
import traceback

from supabase import acreate_client, create_client
from supabase_auth.errors import AuthApiError, AuthWeakPasswordError
from supabase_functions.errors import FunctionsHttpError

URL, ANON_KEY, SERVICE_KEY = sys.argv[1:4]
PASSWORD = "correct horse battery"


def new_client():
    return create_client(URL, ANON_KEY)


def new_server():
    """A client of the product's own servers."""
    return create_client(URL, SERVICE_KEY)


def address(name="ada"):
    return f"{name}-{secrets.token_hex(6)}@example.com"


def person(name="ada"):
    """A client of somebody who has just signed up, and their address."""
    client, email = new_client(), address(name)
    client.auth.sign_up({"email": email, "password": PASSWORD})
    return client, email


def again(email):
    """Another session of the same person."""
    client = new_client()
    client.auth.sign_in_with_password({"email": email, "password": PASSWORD})
    return client


def invoke(client, name, method="GET", body=None, headers=None):
    options = {"method": method, "headers": headers or {}}
    if body is not None:
        options["body"] = body
    return json.loads(client.functions.invoke(name, options) or "null")


def write(client, title):
    return invoke(client, "notes_write", "POST", {"title": title, "body": "said " + title})


def refused(status, call):
    """Whether the function call is refused with the status."""
    try:
        call()
    except FunctionsHttpError as error:
        assert error.status == status, f"{error.status} in place of {status}: {error}"
        return True
    raise AssertionError(f"it was answered, not refused with {status}")


def auth_error(code, call):
    try:
        call()
    except AuthApiError as error:
        assert error.code == code, f"{error.code} in place of {code}"
        return error
    raise AssertionError(f"it succeeded, in place of {code}")


def is_in(client, token):
    """Whether the access token still opens notes."""
    try:
        invoke(client, "notes_list", headers={"Authorization": f"Bearer {token}"})
        return True
    except FunctionsHttpError as error:
        assert error.status == 401, error.status
        return False


def signing_up_gives_a_session_and_the_person():
    client, email = new_client(), address()
    answer = client.auth.sign_up({"email": email, "password": PASSWORD, "options": {"data": {"name": "Ada"}}})
    assert answer.session.access_token and answer.session.refresh_token
    assert answer.user.email == email and answer.user.user_metadata["name"] == "Ada"
    assert answer.user.identities[0].provider == "email"
    assert client.auth.get_session().access_token == answer.session.access_token


def signing_up_twice_is_refused():
    _, email = person()
    auth_error("user_already_exists", lambda: new_client().auth.sign_up({"email": email, "password": PASSWORD}))


def a_weak_password_says_why():
    try:
        new_client().auth.sign_up({"email": address(), "password": "short"})
    except AuthWeakPasswordError as error:
        assert error.reasons == ["length"], error.reasons
        return
    raise AssertionError("a weak password was taken")


def signing_in_with_the_password_gives_another_session():
    client, email = person()
    other = again(email)
    assert other.auth.get_user().user.email == email
    assert other.auth.get_session().access_token != client.auth.get_session().access_token


def a_wrong_password_is_refused():
    _, email = person()
    wrong = {"email": email, "password": "wrong password"}
    auth_error("invalid_credentials", lambda: new_client().auth.sign_in_with_password(wrong))


def get_user_names_the_person():
    client, email = person()
    user = client.auth.get_user().user
    assert user.email == email and user.role == "authenticated" and user.app_metadata["provider"] == "email"
    by_token = new_client().auth.get_user(client.auth.get_session().access_token).user
    assert by_token.id == user.id


def update_user_changes_metadata_address_and_password():
    client, email = person()
    user = client.auth.update_user({"data": {"color": "green"}}).user
    assert user.user_metadata["color"] == "green"
    assert client.auth.get_user().user.user_metadata["color"] == "green"
    changed = address("new")
    wishing = client.auth.update_user({"email": changed}).user
    assert wishing.email == email and wishing.new_email == changed
    client.auth.update_user({"password": "another password"})
    auth_error("invalid_credentials", lambda: again(email))
    new_client().auth.sign_in_with_password({"email": email, "password": "another password"})


def refreshing_gives_new_tokens_and_the_same_child_again():
    client, email = person()
    first = client.auth.get_session()
    second = client.auth.refresh_session().session
    assert second.refresh_token != first.refresh_token and second.user.email == email
    lost = new_client().auth.refresh_session(first.refresh_token).session
    assert lost.refresh_token == second.refresh_token
    assert is_in(client, second.access_token)


def set_session_carries_a_session_over():
    client, email = person()
    session = client.auth.get_session()
    other = new_client()
    other.auth.set_session(session.access_token, session.refresh_token)
    assert other.auth.get_user().user.email == email


def signing_out_everywhere_ends_every_session():
    sessions = three_sessions()
    sessions[0][0].auth.sign_out()
    assert [is_in(*session) for session in sessions] == [False, False, False]


def signing_out_here_ends_this_session_alone():
    sessions = three_sessions()
    sessions[0][0].auth.sign_out({"scope": "local"})
    assert [is_in(*session) for session in sessions] == [False, True, True]


def signing_out_the_others_leaves_this_session():
    sessions = three_sessions()
    sessions[0][0].auth.sign_out({"scope": "others"})
    assert [is_in(*session) for session in sessions] == [True, False, False]


def three_sessions():
    client, email = person()
    clients = [client, again(email), again(email)]
    return [(client, client.auth.get_session().access_token) for client in clients]


def the_old_access_token_is_answered_401_on_the_very_next_request():
    client, _ = person()
    old = client.auth.get_session().access_token
    assert is_in(client, old)
    client.auth.sign_out()
    refused(401, lambda: invoke(client, "notes_list", headers={"Authorization": f"Bearer {old}"}))
    try:
        new_client().auth.get_user(old)
    except Exception as error:  # The client has a kind of its own for ended sessions.
        assert "session" in str(error).lower(), error
        return
    raise AssertionError("get_user still answers")


def an_administrator_makes_reads_changes_lists_and_deletes_accounts():
    admin, email = new_server().auth.admin, address("grace")
    made = admin.create_user(
        {"email": email, "password": PASSWORD, "email_confirm": True, "app_metadata": {"plan": "pro"}}
    ).user
    assert made.email == email and made.app_metadata["plan"] == "pro" and made.identities[0].provider == "email"
    again(email)
    auth_error("email_exists", lambda: admin.create_user({"email": email}))
    assert admin.get_user_by_id(made.id).user.email == email
    changed = admin.update_user_by_id(made.id, {"user_metadata": {"name": "Grace"}, "email": address("hopper")}).user
    assert changed.user_metadata["name"] == "Grace" and changed.email.startswith("hopper")
    assert made.id in [user.id for user in admin.list_users()]
    assert len(admin.list_users(page=1, per_page=1)) == 1
    admin.delete_user(made.id)
    auth_error("user_not_found", lambda: admin.get_user_by_id(made.id))


def a_ban_and_a_deletion_end_what_the_person_was_doing():
    admin = new_server().auth.admin
    client, email = person("banned")
    token, uid = client.auth.get_session().access_token, client.auth.get_session().user.id
    admin.update_user_by_id(uid, {"ban_duration": "24h"})
    assert not is_in(client, token)
    auth_error("user_banned", lambda: again(email))
    admin.update_user_by_id(uid, {"ban_duration": "none"})
    assert is_in(client, token)
    admin.delete_user(uid, should_soft_delete=True)
    assert not is_in(client, token)
    assert admin.get_user_by_id(uid).user.email == ""
    new_client().auth.sign_up({"email": email, "password": PASSWORD})


def an_anonymous_person_keeps_what_they_have_with_an_address():
    client, email = new_client(), address("anon")
    answer = client.auth.sign_in_anonymously({"options": {"data": {"color": "green"}}})
    assert answer.user.is_anonymous and answer.session and answer.user.user_metadata["color"] == "green"
    write(client, "from before")
    user = client.auth.update_user({"email": email, "password": PASSWORD}).user
    assert user.id == answer.user.id and not user.is_anonymous and user.identities[0].provider == "email"
    assert [note["title"] for note in invoke(again(email), "notes_list")["notes"]] == ["from before"]


def people_see_their_sessions_and_end_one():
    client, email = person()
    other = again(email)
    token = other.auth.get_session().access_token
    base = "auth_session-management/sessions"
    sessions = invoke(client, base)["sessions"]
    assert [session["isCurrent"] for session in sessions].count(True) == 1 and len(sessions) == 2, sessions
    assert all(session["deviceInfo"]["name"] and session["ipAddress"] == "127.0.0.1" for session in sessions), sessions
    ended = next(session["id"] for session in sessions if not session["isCurrent"])
    assert is_in(other, token)
    invoke(client, f"{base}/{ended}", "DELETE")
    assert not is_in(other, token)
    assert invoke(client, base)["count"] == 1


def a_login_of_the_guide_gives_tokens_that_the_client_takes_over():
    _, email = person()
    body = {"email": email, "password": PASSWORD, "rememberMe": True, "deviceInfo": {"name": "a test"}}
    session = invoke(new_client(), "auth_session-management/login", "POST", body)["session"]
    client = new_client()
    client.auth.set_session(session["accessToken"], session["refreshToken"])
    assert client.auth.get_user().user.email == email
    assert invoke(client, "auth_session-management/sessions")["sessions"][0]["deviceInfo"]["name"] == "a test"
    invoke(client, "auth_session-management/logout", "DELETE")
    assert not is_in(client, session["accessToken"])


def nobody_else_administers_accounts():
    client, _ = person("mallory")
    token = client.auth.get_session().access_token
    mallory = create_client(URL, ANON_KEY)
    mallory.auth.admin._headers["Authorization"] = f"Bearer {token}"
    auth_error("not_admin", lambda: mallory.auth.admin.list_users())
    auth_error("no_authorization", lambda: new_client().auth.admin.list_users())


def notes_are_written_read_changed_and_deleted():
    client, _ = person()
    note = write(client, "first")
    assert note["title"] == "first" and note["body"] == "said first"
    write(client, "second")
    assert [item["title"] for item in invoke(client, "notes_list")["notes"]] == ["second", "first"]
    assert invoke(client, f"notes_read?id={note['id']}")["id"] == note["id"]
    changed = invoke(client, "notes_change", "PUT", {"id": note["id"], "title": "changed"})
    assert changed["title"] == "changed" and changed["body"] == "said first"
    invoke(client, f"notes_delete?id={note['id']}", "DELETE")
    refused(404, lambda: invoke(client, f"notes_read?id={note['id']}"))


def a_second_person_sees_nothing_of_the_first():
    ada, _ = person("ada")
    bob, _ = person("bob")
    note = write(ada, "hers")["id"]
    assert invoke(bob, "notes_list")["notes"] == []
    refused(404, lambda: invoke(bob, f"notes_read?id={note}"))
    refused(404, lambda: invoke(bob, "notes_change", "PUT", {"id": note, "title": "his"}))
    refused(404, lambda: invoke(bob, f"notes_delete?id={note}", "DELETE"))
    assert invoke(ada, f"notes_read?id={note}")["title"] == "hers"


def without_a_session_notes_are_closed():
    refused(401, lambda: invoke(new_client(), "notes_list"))


def the_asynchronous_client_does_the_same():
    async def story():
        client, email = await acreate_client(URL, ANON_KEY), address()
        await client.auth.sign_up({"email": email, "password": PASSWORD})
        answer = await client.functions.invoke("notes_write", {"body": {"title": "from afar"}})
        assert json.loads(answer)["title"] == "from afar"
        assert (await client.auth.get_user()).user.email == email
        await client.auth.sign_out()

    asyncio.run(story())


CHECKS = [
    signing_up_gives_a_session_and_the_person,
    signing_up_twice_is_refused,
    a_weak_password_says_why,
    signing_in_with_the_password_gives_another_session,
    a_wrong_password_is_refused,
    get_user_names_the_person,
    update_user_changes_metadata_address_and_password,
    refreshing_gives_new_tokens_and_the_same_child_again,
    set_session_carries_a_session_over,
    signing_out_everywhere_ends_every_session,
    signing_out_here_ends_this_session_alone,
    signing_out_the_others_leaves_this_session,
    the_old_access_token_is_answered_401_on_the_very_next_request,
    an_administrator_makes_reads_changes_lists_and_deletes_accounts,
    a_ban_and_a_deletion_end_what_the_person_was_doing,
    nobody_else_administers_accounts,
    an_anonymous_person_keeps_what_they_have_with_an_address,
    people_see_their_sessions_and_end_one,
    a_login_of_the_guide_gives_tokens_that_the_client_takes_over,
    notes_are_written_read_changed_and_deleted,
    a_second_person_sees_nothing_of_the_first,
    without_a_session_notes_are_closed,
    the_asynchronous_client_does_the_same,
]


def main():
    failed = 0
    for check in CHECKS:
        name = check.__name__.replace("_", " ")
        try:
            check()
            print(f"ok    {name}", flush=True)
        except Exception:
            failed += 1
            print(f"FAIL  {name}\n{traceback.format_exc()}", flush=True)
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
