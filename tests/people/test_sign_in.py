# ruff: noqa: S608 (the names of tables are our own)
"""Signing in and out, as a browser sees it and as the actions do it."""

import threading
from datetime import timedelta

import pytest

from app.config import Settings
from app.db import close_all, connect
from app.errors import Invalid, TooMany
from app.people import actions
from app.people import store as people
from app.permissions import Role
from tests import factories

IDLE = {role: timedelta(minutes=30) for role in Role} | {Role.OFFICER: timedelta(minutes=600)}


def attempt(client, username="office", password=factories.PASSWORD, **more):
    """Send the sign-in form."""
    return client.post("/login", data={"username": username, "password": password, **more.pop("data", {})}, **more)


@pytest.fixture
def office(db):
    """The office's account."""
    return factories.the_user(db, Role.OFFICE)


def test_the_right_password_leads_home(client, office):
    response = attempt(client)
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    assert client.get("/login").status_code == 303


def test_and_back_to_where_one_was_going(client, office):
    asked = client.get("/issues/?status=open")
    assert asked.status_code == 302
    page = client.get(asked.headers["Location"])
    assert page.status_code == 200
    response = attempt(client, data={"next": "/issues/?status=open"})
    assert response.headers["Location"] == "/issues/?status=open"


@pytest.mark.parametrize(
    ("username", "password"),
    [("office", "wrong"), ("nobody", "demo"), ("", "demo"), ("office", ""), ("office", "x" * 201)],
)
def test_the_wrong_one_is_refused_with_the_form(page, office, username, password):
    answer = page.post("/login", {"username": username, "password": password}, status=422)
    form = answer.all("form[action=/login]")[0]
    assert form.field("username").get("value") == username
    assert not form.field("password").get("value")
    assert page.client.get("/issues/").status_code == 302


def test_an_unknown_name_gets_the_same_words(client, office):
    known = attempt(client, "office", "wrong")
    unknown = attempt(client, "offiec", "wrong")
    assert known.text.replace("office", "X") == unknown.text.replace("offiec", "X")
    assert known.status_code == unknown.status_code == 422


def test_an_unknown_name_locks_with_the_same_words(client, office):
    for name in ("office", "offiec"):
        for _ in range(5):
            attempt(client, name, "wrong")
    known, unknown = attempt(client, "office", "wrong"), attempt(client, "offiec", "wrong")
    assert known.status_code == unknown.status_code == 429
    assert known.text.replace("office", "X") == unknown.text.replace("offiec", "X")


def test_the_password_is_asked_even_of_nobody(db, now, monkeypatch):
    """Time must not tell which names exist: the hash is computed either way."""
    asked = []
    monkeypatch.setattr(actions, "check_password_hash", lambda hashed, password: asked.append(hashed) or False)
    with pytest.raises(Invalid):
        actions.sign_in(db, username="nobody", password="demo", now=now)
    assert len(asked) == 1 and asked[0].startswith("scrypt:")


def test_five_wrong_ones_lock_for_ten_minutes_only(db, office, now):
    for second in range(5):
        with pytest.raises(Invalid):
            actions.sign_in(db, username="office", password="wrong", now=now + timedelta(seconds=second))
    with pytest.raises(TooMany):
        actions.sign_in(db, username="office", password="demo", now=now + timedelta(seconds=5))
    with pytest.raises(TooMany):
        actions.sign_in(db, username="OFFICE", password="demo", now=now + timedelta(minutes=9, seconds=59))
    assert (
        actions.sign_in(db, username="office", password="demo", now=now + timedelta(minutes=10, seconds=1)).id
        == office.id
    )


def test_being_locked_is_not_prolonged_by_trying(db, office, now):
    for _ in range(5):
        with pytest.raises(Invalid):
            actions.sign_in(db, username="office", password="wrong", now=now)
    for minute in range(1, 10):
        with pytest.raises(TooMany):
            actions.sign_in(db, username="office", password="wrong", now=now + timedelta(minutes=minute))
    assert actions.sign_in(db, username="office", password="demo", now=now + timedelta(minutes=10, seconds=1))


def test_a_right_one_wipes_the_slate(db, office, now):
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(Invalid):
                actions.sign_in(db, username="office", password="wrong", now=now)
        assert actions.sign_in(db, username="office", password="demo", now=now)


def test_one_persons_lock_is_not_anothers(db, office, now):
    factories.the_user(db, Role.HEAD)
    for _ in range(5):
        with pytest.raises(Invalid):
            actions.sign_in(db, username="head", password="wrong", now=now)
    assert actions.sign_in(db, username="office", password="demo", now=now)


def test_twenty_guesses_at_one_instant_are_five(instance, db, office, now):
    """The count is exact however many ask at once: five are checked, fifteen meet the lock."""
    refused, locked, other = [], [], []
    gate = threading.Barrier(20)

    def guess() -> None:
        own = connect(instance / "qifang.db")
        gate.wait()
        try:
            actions.sign_in(own, username="office", password="wrong", now=now)
        except Invalid:
            refused.append(1)
        except TooMany:
            locked.append(1)
        except Exception as error:
            other.append(error)
        finally:
            own.conn.close()
            close_all()

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(refused), len(locked), other) == (5, 15, [])


def test_signing_out_ends_the_session_on_the_server(app, sign_in):
    client = sign_in("office")
    cookie = client.get_cookie("qifang").value
    assert client.post("/logout").status_code == 303
    assert client.get("/issues/").status_code == 302
    thief = app.test_client()
    thief.set_cookie("qifang", cookie)
    assert thief.get("/issues/").status_code == 302


def test_signing_in_gives_a_new_cookie_each_time(sign_in):
    assert sign_in("office").get_cookie("qifang").value != sign_in("office").get_cookie("qifang").value


@pytest.mark.parametrize(("role", "minutes"), [("office", 30), ("handler", 30), ("officer", 600)])
def test_idle_sessions_end(db, now, role, minutes):
    factories.the_user(db, role)
    token = actions.sign_in(db, username=role, password="demo", now=now).session_token
    at = now + timedelta(minutes=minutes)
    assert actions.resume_session(db, token, now=at, idle=IDLE)
    assert actions.resume_session(db, token, now=at + timedelta(minutes=minutes, seconds=1), idle=IDLE) is None
    assert actions.resume_session(db, token, now=at, idle=IDLE) is None, "an ended session stays ended"


def test_using_it_keeps_it(db, office, now):
    token = actions.sign_in(db, username="office", password="demo", now=now).session_token
    for quarter in range(1, 9):
        assert actions.resume_session(db, token, now=now + timedelta(minutes=15 * quarter), idle=IDLE)


def test_it_ends_one_day_however_busy_it_is_kept(db, office, now):
    token = actions.sign_in(db, username="office", password="demo", now=now).session_token
    for minutes in range(20, 24 * 60, 20):
        at = now + timedelta(minutes=minutes)
        assert actions.resume_session(db, token, now=at, idle=IDLE, longest=timedelta(days=1))
    at = now + timedelta(days=1, seconds=1)
    assert actions.resume_session(db, token, now=at, idle=IDLE, longest=timedelta(days=1)) is None
    assert actions.resume_session(db, token, now=at, idle=IDLE) is None, "an ended session stays ended"


def test_a_clock_set_back_neither_locks_nor_keeps_a_session_longer(db, office, now):
    wrong_clock = now + timedelta(days=1)
    token = actions.sign_in(db, username="office", password=factories.PASSWORD, now=wrong_clock).session_token
    for _try in range(5):
        with pytest.raises(Invalid):
            actions.sign_in(db, username="office", password="wrong", now=wrong_clock)
    actions.sign_in(db, username="office", password=factories.PASSWORD, now=now)
    assert actions.resume_session(db, token, now=now, idle=IDLE)
    assert actions.resume_session(db, token, now=now + timedelta(hours=12), idle=IDLE) is None


def test_a_disabled_account_is_out_at_once(db, sign_in):
    client = sign_in("office")
    assert client.get("/login").status_code == 303
    db.conn.execute("UPDATE users SET is_active = 0 WHERE username = 'office'")
    assert client.get("/issues/").status_code == 302
    assert attempt(client).status_code == 422


def test_a_cookie_made_up_or_altered_is_nobodys(app, sign_in):
    value = sign_in("office").get_cookie("qifang").value
    content, stamp, signature = value.rsplit(".", 2)
    other = ("B" if signature[0] == "A" else "A") + signature[1:]
    for cookie in (
        "x",
        "a.b.c",
        f"{content}.{stamp}.{other}",
        f"{content}x.{stamp}.{signature}",
        value + "x",
        "é" * 40,
    ):
        client = app.test_client()
        client.set_cookie("qifang", cookie)
        assert client.get("/issues/").status_code == 302


class TestOverTls:
    """With https set."""

    @pytest.fixture
    def settings(self, instance):
        """Served over TLS."""
        return Settings(instance=str(instance), secret_key="test-key", https=True)

    def test_the_cookie_says_so(self, app, office):
        response = attempt(app.test_client(), base_url="https://localhost")
        (cookie,) = [each for each in response.headers.getlist("Set-Cookie") if each.startswith("__Host-qifang=")]
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
        assert not any(part.startswith(("domain", "expires", "max-age")) for part in parts)

    def test_browsers_are_told_to_stay(self, app):
        answer = app.test_client().get("/login", base_url="https://localhost")
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_the_cookie_without_tls(client, office):
    (cookie,) = [each for each in attempt(client).headers.getlist("Set-Cookie") if each.startswith("qifang=")]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax"} <= parts and "secure" not in parts


@pytest.mark.parametrize(
    "door",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "/\t/evil.example",
        "\x00//evil.example",
        " //evil.example",
        "/ok\r\nSet-Cookie: a=b",
        "evil.example",
        "",
    ],
)
def test_next_is_no_door_to_elsewhere(client, office, door):
    response = attempt(client, data={"next": door})
    assert (response.status_code, response.headers["Location"]) == (303, "/")
    assert "\n" not in response.headers["Location"]


def test_next_in_the_address_is_no_door_either(page):
    form = page.get("/login?next=//evil.example").all("form[action=/login]")[0]
    assert form.values["next"] == ""


def test_a_new_password_ends_the_other_sessions(sign_in, app):
    here, there = sign_in("office"), sign_in("office")
    typed = {"current": "demo", "new": "a better one"}
    assert here.post("/me/password", data=typed).status_code == 303
    assert here.get("/login").status_code == 303, "this one goes on"
    assert there.get("/issues/").status_code == 302
    assert attempt(app.test_client()).status_code == 422
    assert attempt(app.test_client(), password="a better one").status_code == 303


@pytest.mark.parametrize(
    ("current", "new", "field"),
    [
        ("wrong", "a better one", "current"),
        ("demo", "short", "new"),
        ("demo", "office", "new"),
        ("", "a better one", "current"),
    ],
)
def test_a_poor_password_is_refused(page, sign_in, current, new, field):
    client = sign_in("office")
    page(client).post("/me/password", {"current": current, "new": new}, status=422)
    assert attempt(client.application.test_client()).status_code == 303


def test_guessing_the_current_password_is_limited(sign_in):
    """A phone left lying open must not give its owner's password away one guess at a time."""
    client = sign_in("office")
    codes = {
        client.post("/me/password", data={"current": f"guess{n}", "new": "a better one"}).status_code for n in range(8)
    }
    assert 429 in codes


def test_no_password_is_kept_or_shown(db, sign_in, client):
    sign_in("office")
    attempt(client, "office", "my secret words")
    for table in ("users", "sessions", "sign_in_attempts", "audit_log"):
        for row in db.conn.execute(f"SELECT * FROM {table}").fetchall():
            assert "my secret words" not in str(tuple(row))
    hashes = [row[0] for row in db.conn.execute("SELECT token_hash FROM sessions")]
    assert all(len(each) == 64 for each in hashes)


def test_signing_in_is_in_the_audit_log(db, client, office):
    attempt(client, "office", "wrong")
    attempt(client)
    client.post("/logout")
    rows = db.conn.execute("SELECT action, by_id FROM audit_log ORDER BY id").fetchall()
    assert [tuple(row) for row in rows] == [("sign_in_refused", None), ("sign_in", office.id), ("sign_out", office.id)]


def test_names_are_not_case_sensitive_and_trimmed(client, office):
    assert attempt(client, " OFFICE ").status_code == 303


@pytest.mark.parametrize("name", ["language", "theme", "text_size"])
def test_looks_are_remembered_before_signing_in(client, name):
    value = {"language": "en", "theme": "dark", "text_size": "large"}[name]
    response = client.post("/settings", data={"name": name, "value": value, "next": "/login"})
    assert (response.status_code, response.headers["Location"]) == (303, "/login")
    assert client.get_cookie(name).value == value
    assert client.post("/settings", data={"name": name, "value": "nonsense"}).status_code == 422


def test_a_user_is_read_back(db, office):
    assert people.get_user(db, office.id) == office
    assert people.get_user(db, 10**9) is None


def test_an_officers_cookie_outlives_the_browser_and_a_desks_does_not(sign_in):
    assert sign_in("officer").get_cookie("qifang").expires is not None
    assert sign_in("handler").get_cookie("qifang").expires is None


def test_signing_in_as_another_ends_the_session_before(app, db, sign_in):
    client = sign_in("officer")
    before = client.get_cookie("qifang").value
    sign_in("head")
    assert client.post("/login", data={"username": "head", "password": factories.PASSWORD}).status_code == 303
    thief = app.test_client()
    thief.set_cookie("qifang", before)
    assert thief.get("/me").status_code == 302
