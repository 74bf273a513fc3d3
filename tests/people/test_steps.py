"""What must come first: a password for one use opens nothing but the page that replaces it; sessions of one's own."""

from datetime import timedelta

import pytest

from app import clock
from app.accounts import actions as accounts
from app.config import Settings
from app.errors import Invalid
from app.guard import declared
from app.people import actions
from app.people import session_store as sessions
from app.people import store as people
from app.people.devices import device_of
from app.people.passwords import PasswordRules
from app.permissions import Role
from tests import factories as make

GOOD = "柳树在湖边长得高"
RULES = PasswordRules()


@pytest.fixture
def slip(db):
    """A password for one use, just handed to the small world's officer."""
    officer = make.the_user(db, "officer")
    return accounts.reset_password(db, officer.id, by=make.the_user(db, "office"), rules=RULES, now=clock.now())


@pytest.fixture
def newcomer(app, slip):
    """Signed in with it."""
    client = app.test_client()
    response = client.post("/login", data={"username": slip.username, "password": slip.password})
    assert (response.status_code, response.location) == (303, "/")
    return client


def test_every_page_leads_to_the_new_password(app, newcomer):
    for url in ("/", "/visits/", "/issues/", "/firms/", "/me", "/notices/", "/reports/", "/office/accounts/"):
        answer = newcomer.get(url)
        assert (answer.status_code, answer.location) == (303, "/me/password"), url


def test_no_view_at_all_opens_before_it(app, newcomer):
    from tests.house.test_permissions import address, views

    opened = []
    for rule, method, endpoint, permission in views(app):
        if permission is None or "password" in getattr(app.view_functions[endpoint], "settles", ()):
            continue
        answer = newcomer.open(address(app, rule), method=method)
        is_sent_on = answer.status_code == 303 and answer.location == "/me/password"
        if not (answer.status_code == 403 or (method == "GET" and is_sent_on)):
            opened.append((method, endpoint, answer.status_code))
        assert declared(app.view_functions[endpoint])
    assert not opened


def test_a_phone_keeps_what_it_has(newcomer):
    key = "0192f0c1-2345-7000-8000-000000000001"
    answer = newcomer.put(f"/outbox/visits/{key}", json={"schema": 1})
    assert answer.status_code == 403
    assert answer.json["key"] == key and "新密码" in answer.json["message"]
    piece = newcomer.get("/issues/", headers={"HX-Request": "true"})
    assert (piece.status_code, piece.headers["HX-Redirect"], piece.data) == (403, "/me/password", b"")


def test_the_page_sets_it_and_work_goes_on(page, newcomer, slip, sign_in):
    here = page(newcomer)
    form = here.get("/me/password").one("main").all("form")[0]
    assert not form.has("input[name=current]"), "she has just typed it"
    sent = here.client.post("/me/first-password", data={"new": GOOD, "again": GOOD})
    assert (sent.status_code, sent.location) == (303, "/")
    assert "新密码已生效" in here.get("/").read
    assert here.client.get("/me/password").location == "/me"
    assert sign_in(slip.username, GOOD)
    gone = newcomer.application.test_client().post(
        "/login", data={"username": slip.username, "password": slip.password}
    )
    assert gone.status_code == 422


@pytest.mark.parametrize(
    ("new", "again", "says"),
    [
        (GOOD, GOOD + "x", "不一样"),
        ("短的", "短的", "至少 8 位"),
        ("password123", "password123", "太常见"),
        ("officer2026", "officer2026", "用户名"),
        ("", "", "请填写密码"),
    ],
)
def test_a_poor_one_is_refused_in_words(page, newcomer, new, again, says):
    answer = page(newcomer).post("/me/first-password", {"new": new, "again": again}, status=422)
    assert says in answer.read
    assert page(newcomer).client.get("/").status_code == 303


def test_the_one_time_password_again_is_no_new_one(page, newcomer, slip):
    data = {"new": slip.password, "again": slip.password}
    assert "不能与现在的相同" in page(newcomer).post("/me/first-password", data, status=422).read


def test_after_ten_minutes_it_asks_for_the_old_one(db, slip, now):
    moment = clock.now()
    user = actions.sign_in(db, username=slip.username, password=slip.password, now=moment)
    row = actions.resume_session(
        db, user.session_token, now=moment + timedelta(minutes=11), idle=dict.fromkeys(Role, timedelta(hours=1))
    )
    assert row.due == "password"
    with pytest.raises(Invalid) as refusal:
        actions.change_password(db, by=row, current=None, new=GOOD, rules=RULES, now=moment + timedelta(minutes=11))
    assert "current" in refusal.value.fields


def test_it_expires(db, slip):
    late = clock.now() + timedelta(days=RULES.one_time_days, minutes=1)
    with pytest.raises(Invalid, match="一次性密码已过期"):
        actions.sign_in(db, username=slip.username, password=slip.password, now=late)
    with pytest.raises(Invalid, match="不对"):
        actions.sign_in(db, username=slip.username, password="wrong", now=late)
    assert people.get_user_by_username(db, slip.username)


class TestWithATerm:
    """Where the city has passwords changed by the calendar."""

    @pytest.fixture
    def settings(self, instance):
        """Ninety days."""
        return Settings(instance=str(instance), secret_key="x", password_days=90)

    def test_an_old_password_must_be_changed(self, app, db, sign_in):
        make.make_user(db, "handler", username="old", now=clock.now() - timedelta(days=91))
        make.make_user(db, "handler", username="young", now=clock.now() - timedelta(days=89))
        assert sign_in("old").get("/issues/").location == "/me/password"
        assert sign_in("young").get("/issues/").status_code == 200


def test_ones_own_sessions(page, app, sign_in):
    here = page("officer")
    there = app.test_client()
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0"
    there.post("/login", data={"username": "officer", "password": "demo"}, headers={"User-Agent": agent})
    me = here.get("/me")
    rows = [row for row in me.all("ul.rows li") if row.has("form") or "本机" in row.text]
    assert [("本机" in row.text, "iPhone · WeChat" in row.text) for row in rows] == [(False, True), (True, False)]
    [ending] = [
        form
        for form in me.all("form")
        if (form.get("action") or "").startswith("/me/sessions/") and form.get("action") != "/me/sessions/ending"
    ]
    assert here.client.post(ending.get("action")).status_code == 303
    assert there.get("/me").status_code == 302 and here.client.get("/me").status_code == 200
    assert here.client.post(ending.get("action")).status_code == 404


def test_another_persons_session_is_nobodys_business(db, page, sign_in):
    sign_in("head")
    [row] = sessions.list_sessions(db, make.the_user(db, "head").id, seen_since=clock.now() - timedelta(hours=1))
    here = page("officer")
    assert here.client.post(f"/me/sessions/{row['id']}/ending").status_code == 404
    assert sessions.list_sessions(db, make.the_user(db, "head").id, seen_since=clock.now() - timedelta(hours=1))


def test_all_others_at_once(page, sign_in):
    here, others = page("officer"), [sign_in("officer") for _ in range(3)]
    assert here.client.post("/me/sessions/ending").status_code == 303
    assert here.client.get("/me").status_code == 200
    assert [each.get("/me").status_code for each in others] == [302] * 3


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/129.0 Safari/537.36 Edg/129.0",
            "Windows · Edge",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 Chrome/116.0 Mobile Safari/537.36",
            "Android · Chrome",
        ),
        ("Mozilla/5.0 (iPad; CPU OS 17_5) AppleWebKit/605.1.15 Version/17.5 Mobile Safari/604.1", "iPad · Safari"),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) AppleWebKit/537.36 HuaweiBrowser/5.0", "HarmonyOS · Huawei"),
        ("curl/8.5", ""),
        ("", ""),
    ],
)
def test_devices_in_words(agent, words):
    assert device_of(agent) == words


def test_one_machine_that_tries_every_name_is_stopped(app, db, monkeypatch):
    from app.people import guesses

    monkeypatch.setattr(guesses, "WRONG_EACH", 4)
    make.the_user(db, "office")
    client = app.test_client()
    codes = [client.post("/login", data={"username": f"user{n}", "password": "x"}).status_code for n in range(6)]
    assert codes == [422] * 4 + [429] * 2
    elsewhere = client.post(
        "/login", data={"username": "office", "password": "demo"}, environ_base={"REMOTE_ADDR": "10.0.0.9"}
    )
    assert elsewhere.status_code == 303
