"""The second step at sign-in: set up, asked for, used once, lost, required."""

import re
import threading
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from app import clock
from app.accounts import actions as accounts
from app.audit import store as audit
from app.audit.models import Search
from app.config import Settings
from app.db import close_all, connect, fetch_all
from app.errors import Conflict, Invalid, TooMany
from app.people import actions, code_actions, code_store, codes
from app.people.passwords import PasswordRules
from app.permissions import Role
from tests import factories as make

SECRET = "test-key-of-no-worth"
RULES = PasswordRules()
IDLE = dict.fromkeys(Role, timedelta(hours=1))
RECOVERY = re.compile(r'class="password num">([a-z0-9-]{14})<')


def app_of(db, user) -> pyotp.TOTP:
    """What this person's phone shows."""
    return pyotp.TOTP(codes.key_of(SECRET, user.id, code_store.get_authenticator(db, user.id)["salt"]))


def set_up(db, user, *, now) -> list[str]:
    """A finished set-up, an hour ago; the recovery codes."""
    before = now - timedelta(hours=1)
    code_actions.begin(db, by=user)
    return code_actions.finish(db, app_of(db, user).at(before), by=user, secret_key=SECRET, now=before)


def halfway(db, user, *, now):
    """Signed in by password, the code still due."""
    half = actions.sign_in(db, username=user.username, password=make.PASSWORD, now=now)
    assert half.due == "code"
    return half


def give(db, half, code, *, now):
    return code_actions.give(db, code, by=half, secret_key=SECRET, now=now)


def actions_of(db, user) -> list[str]:
    return [row["action"] for row in audit.list_entries(db, Search(people=(user.id,)))]


@pytest.fixture(autouse=True)
def _cheap(monkeypatch):
    """Ten hashes a set-up cost half a second on purpose; not here."""
    monkeypatch.setattr(codes, "_SCRYPT", {"n": 2, "r": 1, "p": 1, "dklen": 32})


@pytest.fixture
def head(db):
    return make.the_user(db, "head")


# ── The arithmetic ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("second", "code"), [(59, "287082"), (1111111109, "081804"), (2000000000, "279037")])
def test_the_codes_are_those_of_rfc_6238(second, code):
    """Appendix B, SHA-1, the last six of its eight figures."""
    key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert codes.step_of(key, code, now=datetime.fromtimestamp(second, UTC)) == second // 30


def test_a_phone_may_be_half_a_minute_wrong_and_no_more(now):
    key = codes.key_of(SECRET, 1, codes.new_salt())
    shown = pyotp.TOTP(key).at(now)
    assert [codes.step_of(key, shown, now=now + timedelta(seconds=30 * n)) is not None for n in range(-2, 3)] == [
        False, True, True, True, False,
    ]  # fmt: skip


def test_the_key_needs_both_the_database_and_the_secret_key():
    salt = codes.new_salt()
    keys = {
        codes.key_of("a", 1, salt),
        codes.key_of("b", 1, salt),
        codes.key_of("a", 2, salt),
        codes.key_of("a", 1, codes.new_salt()),
    }
    assert len(keys) == 4 and {len(key) for key in keys} == {32}


@pytest.mark.parametrize("typed", ["123456", " 123 456 ", "１２３４５６", "123-456"])
def test_codes_as_people_type_them(typed):
    assert codes.plain(typed) == "123456"


# ── Signing in ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_set_up_and_sign_in_through_the_pages(page, app, db, head):
    here = page("head")
    assert "开始设置" in here.get("/me/code").read
    assert here.client.post("/me/code").location == "/me/code"
    shown = here.get("/me/code")
    assert shown.has("figure svg") and codes.key_of(
        SECRET, head.id, code_store.get_authenticator(db, head.id)["salt"]
    ) in shown.text.replace(" ", "")
    wrong = here.post("/me/code/confirmation", {"code": "000000"}, status=422)
    assert "验证码不对" in wrong.read
    told = here.post(
        "/me/code/confirmation", {"code": app_of(db, head).at(clock.now() - timedelta(seconds=30))}, status=200
    )
    recovery = RECOVERY.findall(told.response.text)
    assert len(recovery) == 10
    assert recovery[0] not in here.get("/me/code").response.text, "told once"

    client = app.test_client()
    sent = client.post("/login", data={"username": "head", "password": "demo", "next": "/issues/?status=open"})
    assert sent.location == "/login/code?next=/issues/?status%3Dopen"
    for url in ("/", "/issues/", "/me", "/me/code", "/me/password"):
        answer = client.get(url)
        assert (answer.status_code, answer.location) == (303, "/login/code"), url
    there = page(client)
    assert there.get(sent.location).one("form[action=/login/code]").field("next").get("value") == "/issues/?status=open"
    assert "验证码不对" in there.post("/login/code", {"code": "12345"}, status=422).read
    before = [cookie.value for cookie in client._cookies.values()]
    done = client.post("/login/code", data={"code": app_of(db, head).now(), "next": "/issues/?status=open"})
    assert (done.status_code, done.location) == (303, "/issues/?status=open")
    assert [cookie.value for cookie in client._cookies.values()] != before
    assert client.get("/issues/").status_code == 200
    assert client.get("/login/code").location == "/"


def test_what_the_session_was_called_before_the_code_opens_nothing_after_it(db, head, now):
    set_up(db, head, now=now)
    half = halfway(db, head, now=now)
    whole = give(db, half, app_of(db, head).at(now), now=now)
    assert actions.resume_session(db, half.session_token, now=now, idle=IDLE) is None
    assert actions.resume_session(db, whole.session_token, now=now, idle=IDLE).due == ""


def test_a_code_counts_once(db, head, now):
    set_up(db, head, now=now)
    code = app_of(db, head).at(now)
    give(db, halfway(db, head, now=now), code, now=now)
    again = halfway(db, head, now=now + timedelta(seconds=5))
    with pytest.raises(Invalid):
        give(db, again, code, now=now + timedelta(seconds=5))
    with pytest.raises(Invalid):
        give(db, again, app_of(db, head).at(now - timedelta(seconds=30)), now=now + timedelta(seconds=5))
    assert give(db, again, app_of(db, head).at(now + timedelta(seconds=30)), now=now + timedelta(seconds=30))


def test_the_code_that_finished_the_set_up_is_used_up(db, head, now):
    code_actions.begin(db, by=head)
    code = app_of(db, head).at(now)
    code_actions.finish(db, code, by=head, secret_key=SECRET, now=now)
    with pytest.raises(Invalid):
        give(db, halfway(db, head, now=now), code, now=now)


def test_of_two_who_send_one_code_at_once_one_is_let_in(instance, db, head, now):
    set_up(db, head, now=now)
    code = app_of(db, head).at(now)
    halves = [halfway(db, head, now=now) for _ in range(4)]
    gate, let_in = threading.Barrier(4), []

    def send(half) -> None:
        own = connect(instance / "qifang.db")
        gate.wait()
        try:
            let_in.append(give(own, half, code, now=now).id)
        except Invalid:
            pass
        finally:
            own.conn.close()
            close_all()

    threads = [threading.Thread(target=send, args=(half,)) for half in halves]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert let_in == [head.id]


def test_wrong_codes_lock_the_account_whatever_the_right_password_says(db, head, now):
    set_up(db, head, now=now)
    for _ in range(5):
        with pytest.raises(Invalid):
            give(db, halfway(db, head, now=now), "000000", now=now)
    with pytest.raises(TooMany):
        actions.sign_in(db, username="head", password=make.PASSWORD, now=now)
    assert actions_of(db, head).count("account_locked") == 1
    later = now + timedelta(minutes=10, seconds=30)
    assert give(db, halfway(db, head, now=later), app_of(db, head).at(later), now=later)


def test_a_locked_account_takes_no_code_either(db, head, now):
    set_up(db, head, now=now)
    half = halfway(db, head, now=now)
    for _ in range(5):
        with pytest.raises(Invalid):
            give(db, half, "000000", now=now)
    with pytest.raises(TooMany):
        give(db, half, app_of(db, head).at(now), now=now)


def test_the_second_step_must_follow_within_ten_minutes(db, head, now):
    set_up(db, head, now=now)
    half = halfway(db, head, now=now)
    assert actions.resume_session(db, half.session_token, now=now + timedelta(minutes=9), idle=IDLE).due == "code"
    assert actions.resume_session(db, half.session_token, now=now + timedelta(minutes=11), idle=IDLE) is None


def test_it_is_written_down_as_a_sign_in_only_when_it_is_one(db, head, now):
    set_up(db, head, now=now)
    half = halfway(db, head, now=now)
    assert "sign_in" not in actions_of(db, head)
    with pytest.raises(Invalid):
        give(db, half, "000000", now=now)
    give(db, half, app_of(db, head).at(now), now=now)
    assert actions_of(db, head)[:3] == ["sign_in", "sign_in_refused", "code_set_up"]


# ── Recovery, switching off, the office ─────────────────────────────────────────────────────────────────────────────


def test_a_recovery_code_counts_once_and_is_kept_as_a_hash(db, head, now):
    recovery = set_up(db, head, now=now)
    kept = [row["code_hash"] for row in fetch_all(db, "SELECT code_hash FROM recovery_codes")]
    assert len(kept) == 10 and not any(code in each or codes.plain(code) in each for code in recovery for each in kept)
    assert give(db, halfway(db, head, now=now), recovery[3].upper().replace("-", " "), now=now)
    assert code_store.count_recovery_codes(db, head.id) == 9
    with pytest.raises(Invalid):
        give(db, halfway(db, head, now=now), recovery[3], now=now)


def test_new_recovery_codes_make_the_old_ones_worthless(db, head, now):
    old = set_up(db, head, now=now)
    new = code_actions.renew_recovery_codes(db, by=head, now=now)
    with pytest.raises(Invalid):
        give(db, halfway(db, head, now=now), old[0], now=now)
    assert give(db, halfway(db, head, now=now), new[0], now=now)


def test_sessions_opened_without_a_code_end_with_the_set_up(page, db, head):
    here = page("head")
    set_up(db, head, now=clock.now())
    assert here.client.get("/me/code").status_code == 302


def test_switching_off(page, db, head):
    set_up(db, head, now=clock.now())
    client = page.client
    client.post("/login", data={"username": "head", "password": "demo"})
    client.post("/login/code", data={"code": app_of(db, head).now()})
    db.conn.execute("UPDATE sessions SET confirmed_at = '2020-01-01T00:00:00Z'")
    here = page(client)
    assert "请输入您自己的登录密码" in here.post("/me/code/ending", {}, status=422).read
    assert "密码不对" in here.post("/me/code/ending", {"confirmation": "x"}, status=422).read
    assert here.client.post("/me/code/ending", data={"confirmation": "demo"}).location == "/me/code"
    assert actions.sign_in(db, username="head", password="demo", now=clock.now()).due == ""
    assert code_store.count_recovery_codes(db, head.id) == 0
    assert actions_of(db, head).count("code_switched_off") == 1


def test_the_office_resets_it_for_another(page, db, head):
    office = make.the_user(db, "office")
    set_up(db, head, now=clock.now())
    half = halfway(db, head, now=clock.now())
    here = page("office")
    assert "重置动态验证码" in here.get(f"/office/accounts/{head.id}").read
    assert here.client.post(f"/office/accounts/{head.id}/code-reset").status_code == 303
    assert actions.resume_session(db, half.session_token, now=clock.now(), idle=IDLE) is None
    assert actions.sign_in(db, username="head", password="demo", now=clock.now()).due == ""
    assert actions_of(db, head)[1] == "code_reset"
    for user in (head, office):
        with pytest.raises(Conflict):
            accounts.reset_code(db, user.id, by=office, now=clock.now())
    assert page("head").client.post(f"/office/accounts/{office.id}/code-reset").status_code == 403


def test_the_way_back_in_from_the_command_line(app, db):
    office = make.the_user(db, "office")
    set_up(db, office, now=clock.now())
    said = app.test_cli_runner().invoke(args=["office-account", "office"])
    assert said.exit_code == 0
    password = said.output.split()[1]
    assert actions.sign_in(db, username="office", password=password, now=clock.now()).due == ""
    assert "code_reset" in actions_of(db, office)


# ── Who, and where it is required ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", list(Role))
def test_offices_heads_and_auditors_may(page, role):
    may = role in (Role.OFFICE, Role.HEAD, Role.AUDITOR)
    here = page(role.value)
    assert here.client.get("/me/code").status_code == (200 if may else 403)
    assert ("动态验证码" in here.get("/me").read) is may


def test_whoever_becomes_an_officer_is_asked_for_none(db, head, now):
    set_up(db, head, now=now)
    db.conn.execute("UPDATE users SET role = 'officer' WHERE id = ?", (head.id,))
    assert actions.sign_in(db, username="head", password="demo", now=now).due == ""


class TestWhereItIsRequired:
    """A city that asks its offices, heads and auditors for it."""

    @pytest.fixture
    def settings(self, instance):
        return Settings(instance=str(instance), secret_key=SECRET, code_required=True)

    def test_nothing_opens_before_it_is_set_up(self, page, sign_in, db, head):
        here = page("head")
        assert here.client.get("/").location == "/me/code"
        here.client.post("/me/code")
        here.post("/me/code/confirmation", {"code": app_of(db, head).now()}, status=200)
        assert here.client.get("/issues/").status_code == 200
        refused = here.post("/me/code/ending", {}, status=409)
        assert "不能停用" in refused.read
        assert sign_in("officer").get("/issues/").status_code == 200

    def test_the_one_time_password_comes_first(self, app, db, head):
        slip = accounts.reset_password(db, head.id, by=make.the_user(db, "office"), rules=RULES, now=clock.now())
        client = app.test_client()
        client.post("/login", data={"username": "head", "password": slip.password})
        assert client.get("/").location == "/me/password"
        new = "柳树在湖边长得很高大"
        client.post("/me/first-password", data={"new": new, "again": new})
        assert client.get("/").location == "/me/code"
