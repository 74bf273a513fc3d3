"""The office's accounts: found, made, changed, disabled, given passwords; every refusal; no password kept in plain."""

import csv
import io
import logging
import re
from datetime import timedelta

import pytest

from app import clock
from app.accounts import actions
from app.accounts.models import AccountInput
from app.audit import store as audit
from app.audit.models import Search
from app.errors import Conflict, Invalid, NotFound
from app.people import account_store as accounts
from app.people import actions as people
from app.people import guess_actions
from app.people import store as people_store
from app.people.models import NO_PASSWORD
from app.people.passwords import PasswordRules
from app.permissions import Role
from tests import factories as make

RULES = PasswordRules()
SLIP = re.compile(r'class="password">([a-z0-9]{10})<')


@pytest.fixture
def office(db):
    """Who keeps the accounts."""
    return make.the_user(db, "office")


def unissued(db, **more):
    """An account as a roster makes it: nobody can sign in yet."""
    user = make.make_user(db, more.pop("role", "officer"), **more)
    db.conn.execute("UPDATE users SET password_hash = ? WHERE id = ?", (NO_PASSWORD, user.id))
    return user


def typed(**more):
    values = {
        "username": "new.person", "name": "新来的", "role": "officer", "district_id": make.DISTRICT,
        "department_id": "",
        "unit": "市工信局", "title": "科员", "phone": "13800001234",
    }  # fmt: skip
    return {**values, **more}


def entries(db, action):
    return [(row["object"], row["detail"]) for row in audit.list_entries(db, Search(action=action))]


# ── Who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", ["officer", "handler", "dispatcher", "head", "auditor"])
def test_only_the_office(sign_in, db, role):
    client, other = sign_in(role), make.make_user(db, "officer")
    for url in ("", "new", "passwords", str(other.id)):
        assert client.get(f"/office/accounts/{url}").status_code == 403
    for url in (
        "",
        "passwords",
        *(f"{other.id}/{verb}" for verb in ("password", "disabling", "sign-out", "unlocking")),
    ):
        assert client.post(f"/office/accounts/{url}", data=typed()).status_code == 403
    assert people_store.get_user_by_username(db, other.username)


# ── Finding ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def names(answer):
    return [node.text for node in answer.all("tbody th")]


def test_searching(page, db):
    here = page("office")
    make.make_user(db, "officer", username="zhaoyun", name="赵某")
    db.conn.execute("UPDATE users SET phone = '13837509876', unit = '湛河区税务局' WHERE username = 'zhaoyun'")
    make.make_user(db, "handler", username="qian_li", name="钱某")
    for query, found in (
        ("赵", ["赵某"]),
        ("ZHAO", ["赵某"]),
        ("税务", ["赵某"]),
        ("9876", ["赵某"]),
        ("qian_", ["钱某"]),
        ("q%i", []),
    ):
        answer = (
            here.get("/office/accounts/", query_string={"q": query})
            if False
            else here.get(f"/office/accounts/?q={query.replace('%', '%25')}")
        )
        assert names(answer) == found, query
    shown = here.get("/office/accounts/?q=9876").read
    assert "138****9876" in shown and "13837509876" not in shown
    assert names(here.get(f"/office/accounts/?role=handler&department={make.DEPARTMENT}")) == ["钱某"]
    assert names(here.get(f"/office/accounts/?district={make.OTHER_DISTRICT}")) == []


def test_by_state(page, db, office):
    here = page("office")
    gone, never, locked = (
        make.make_user(db, "officer", username=name, name=name) for name in ("gone", "never", "locked")
    )
    people_store.update_signed_in(db, locked.id, now=clock.now())
    actions.disable_account(db, gone.id, by=office, now=clock.now())
    for _ in range(guess_actions.WRONG_PASSWORDS):
        with pytest.raises(Invalid):
            people.sign_in(db, username="locked", password="wrong", now=clock.now())
    for state, found in (("new", ["never"]), ("locked", ["locked"]), ("disabled", ["gone"])):
        assert names(here.get(f"/office/accounts/?state={state}")) == found, state
    assert never.username in here.get("/office/accounts/").read
    for nonsense in ("state=x", "role=king", "district=1", "district=x", "q=" + "x" * 60):
        here.get(f"/office/accounts/?{nonsense}", status=422)


def test_fifty_a_page(page, db):
    for nth in range(60):
        make.make_user(db, "officer", username=f"p{nth:02d}", name=f"p{nth:02d}")
    here = page("office")
    first = here.get("/office/accounts/?q=p&role=officer")
    second = here.get(first.link("下一页"))
    assert names(first) + names(second) == [f"p{nth:02d}" for nth in range(60)]
    assert names(here.get(second.link("上一页"))) == names(first)


# ── Making ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_account_signs_in_and_sets_its_own(page, db, app):
    answer = page("office").post("/office/accounts/", typed(), status=200)
    [password] = SLIP.findall(answer.response.text)
    row = people_store.get_user_by_username(db, "new.person")
    assert (row.role, row.district_id, row.department_id) == (Role.OFFICER, make.DISTRICT, None)
    client = app.test_client()
    assert client.post("/login", data={"username": "new.person", "password": password}).status_code == 303
    assert client.get("/").location == "/me/password"
    assert entries(db, "account_created") == [(f"user:{row.id}", "officer")]
    assert entries(db, "password_handed_out") == [(f"user:{row.id}", "")]
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"username": "OFFICE"}, "已经有人用了"),
        ({"username": "x"}, "至少 2 位"),
        ({"username": "有空 格"}, "字母、数字"),
        ({"name": ""}, "请填写"),
        ({"name": "x" * 41}, "最多 40 字"),
        ({"role": "king"}, "请从列表中选择"),
        ({"district_id": ""}, "选一个区县"),
        ({"district_id": "1"}, "请从列表中选择"),
        ({"role": "handler"}, "选一个责任单位"),
        ({"phone": "call me"}, "电话号码"),
    ],
)
def test_what_cannot_be_taken_is_said(page, db, wrong, says):
    answer = page("office").post("/office/accounts/", typed(**wrong), status=422)
    assert says in answer.read
    assert not entries(db, "account_created")
    assert answer.one("#account-form").field("unit").get("value") == "市工信局"


def test_a_place_that_the_role_has_not_is_left_out(page, db):
    page("office").post("/office/accounts/", typed(role="handler", department_id=make.DEPARTMENT), status=200)
    page("office").post("/office/accounts/", typed(username="second", role="auditor"), status=200)
    for name, place in (("new.person", (None, make.DEPARTMENT)), ("second", (None, None))):
        user = people_store.get_user_by_username(db, name)
        assert (user.district_id, user.department_id) == place


# ── Changing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_changing_and_a_stale_screen(page, db):
    here, other = page("office"), make.make_user(db, "officer", name="原名")
    url = f"/office/accounts/{other.id}"
    form = here.get(url).one("#account-form")
    assert form.field("name").get("value") == "原名"
    assert here.client.post(url, data={**form.values, "name": "新名", "phone": "0375-1234567"}).status_code == 303
    assert here.get(url).one("h1").text == "新名"
    assert entries(db, "account_changed") == [(f"user:{other.id}", "name, phone")]
    stale = here.post(url, {**form.values, "name": "晚到"}, status=409)
    assert "别人刚改过" in stale.read and stale.one("h1").text == "新名"
    fresh = here.get(url).one("#account-form")
    assert here.client.post(url, data=fresh.values).status_code == 303
    assert len(entries(db, "account_changed")) == 1, "nothing changed, nothing written"


def test_another_role_signs_her_out(page, db, sign_in):
    other = make.make_user(db, "officer")
    hers, here = sign_in(other), page("office")
    form = here.get(f"/office/accounts/{other.id}").one("#account-form")
    sent = here.client.post(
        f"/office/accounts/{other.id}", data={**form.values, "role": "handler", "department_id": make.DEPARTMENT}
    )
    assert sent.status_code == 303
    assert hers.get("/issues/").status_code == 302
    assert entries(db, "account_changed") == [(f"user:{other.id}", "officer → handler")]
    user = people_store.get_user(db, other.id)
    assert (user.role, user.district_id, user.department_id) == (Role.HANDLER, None, make.DEPARTMENT)


def test_nobody_changes_her_own_role_or_shuts_herself_out(page, db, office):
    make.make_user(db, "office")
    here, url = page("office"), f"/office/accounts/{office.id}"
    shown = here.get(url)
    assert not shown.has(f"form[action={url}/disabling]") and not shown.has(f"form[action={url}/password]")
    form = shown.one("#account-form")
    assert "不能改自己的角色" in here.post(url, {**form.values, "role": "auditor"}, status=409).read
    for verb in ("disabling", "password"):
        assert here.post(f"{url}/{verb}", {}, status=409).one("h1").text == office.name
    assert people_store.get_user(db, office.id).role is Role.OFFICE


def test_the_last_office_account_stays(db, office, now):
    second = make.make_user(db, "office")
    actions.disable_account(db, second.id, by=office, now=now)
    for act in (
        lambda: actions.disable_account(db, office.id, by=second, now=now),
        lambda: actions.change_account(
            db,
            office.id,
            AccountInput("office", "x", Role.AUDITOR, None, None, "", "", ""),
            version=1,
            by=second,
            now=now,
        ),
    ):
        with pytest.raises(Conflict, match="最后一个"):
            act()
    unissued(db, role="office")
    with pytest.raises(Conflict, match="最后一个"):
        actions.disable_account(db, office.id, by=second, now=now)


def test_disabling_and_enabling(page, db, sign_in):
    other = make.make_user(db, "officer")
    make.make_firm(db, officer=other)
    hers, here, url = sign_in(other), page("office"), f"/office/accounts/{other.id}"
    assert "还有 1 家企业" in here.get(url).read
    assert here.client.post(f"{url}/disabling").status_code == 303
    assert hers.get("/").status_code == 302
    assert "已停用" in here.get(url).read
    assert (
        here.client.application.test_client()
        .post("/login", data={"username": other.username, "password": "demo"})
        .status_code
        == 422
    )
    here.post(f"{url}/password", {}, status=409)
    assert here.client.post(f"{url}/disabling").status_code == 303
    assert here.client.post(f"{url}/enabling").status_code == 303
    assert sign_in(other)
    assert [len(entries(db, each)) for each in ("account_disabled", "account_enabled")] == [1, 1]


def test_unlocking(page, db, app):
    other, client = make.make_user(db, "officer"), app.test_client()
    for _ in range(5):
        client.post("/login", data={"username": other.username, "password": "wrong"})
    login = {"username": other.username, "password": "demo"}
    assert client.post("/login", data=login).status_code == 429
    assert entries(db, "account_locked") == [(f"user:{other.id}", "")]
    here, url = page("office"), f"/office/accounts/{other.id}"
    assert "已锁定" in here.get(url).one("header.bar").text
    assert here.client.post(f"{url}/unlocking").status_code == 303
    assert "已锁定" not in here.get(url).one("header.bar").text
    assert client.post("/login", data=login).status_code == 303
    assert entries(db, "account_unlocked") == [(f"user:{other.id}", "")]


def test_signing_out_everywhere(page, db, sign_in):
    other = make.make_user(db, "officer")
    hers, here = [sign_in(other), sign_in(other)], page("office")
    assert here.client.post(f"/office/accounts/{other.id}/sign-out").status_code == 303
    assert [each.get("/").status_code for each in hers] == [302, 302]
    assert entries(db, "sessions_ended") == [(f"user:{other.id}", "2")]


def test_an_account_that_is_not_there(page, db, office, now):
    here = page("office")
    here.get("/office/accounts/999999", status=404)
    for verb in ("disabling", "enabling", "unlocking", "sign-out", "password"):
        here.post(f"/office/accounts/999999/{verb}", {}, status=404)
    with pytest.raises(NotFound):
        actions.unlock_account(db, 999999, by=office, now=now)


# ── Passwords for one use ───────────────────────────────────────────────────────────────────────────────────────────


def test_resetting(page, db, sign_in, app):
    other = make.make_user(db, "officer")
    hers, here = sign_in(other), page("office")
    answer = here.post(f"/office/accounts/{other.id}/password", {}, status=200)
    [password] = SLIP.findall(answer.response.text)
    assert hers.get("/").status_code == 302
    login = app.test_client()
    assert login.post("/login", data={"username": other.username, "password": "demo"}).status_code == 422
    assert login.post("/login", data={"username": other.username, "password": password}).status_code == 303
    assert password not in here.get(f"/office/accounts/{other.id}").response.text
    assert password not in str(here.client.get_cookie("qifang"))


@pytest.fixture
def stale(db, sign_in):
    """An office client that gave its password twenty minutes ago."""
    client = sign_in("office")
    db.conn.execute("UPDATE sessions SET confirmed_at = ?", (clock.to_text(clock.now() - timedelta(minutes=20)),))
    return client


def test_after_a_while_it_is_asked_who_sits_there(page, db, stale):
    other = make.make_user(db, "officer")
    here, url = page(stale), f"/office/accounts/{other.id}"
    assert here.get(url).one("section form[action$=/password]").has("input[name=confirmation]")
    assert "请输入您自己的登录密码" in here.post(f"{url}/password", {}, status=422).read
    assert "密码不对" in here.post(f"{url}/password", {"confirmation": "wrong"}, status=422).read
    form = here.get(url).one("#account-form")
    moved = {**form.values, "role": "handler", "department_id": make.DEPARTMENT}
    assert "请输入您自己的登录密码" in here.post(url, moved, status=422).read
    assert here.client.post(url, data={**form.values, "name": "改名不用"}).status_code == 303
    assert not entries(db, "password_handed_out")
    here.post(f"{url}/password", {"confirmation": "demo"}, status=200)
    here.post(f"{url}/password", {}, status=200)
    assert len(entries(db, "password_handed_out")) == 2


def test_a_batch_for_one_district(page, db, app):
    here = page("office")
    waiting = [unissued(db, username=f"wait{nth}", name=f"等待{nth}") for nth in range(3)]
    unissued(db, username="elsewhere", district_id=make.OTHER_DISTRICT)
    gone = unissued(db, username="gone")
    db.conn.execute("UPDATE users SET is_active = 0 WHERE id = ?", (gone.id,))
    url = f"/office/accounts/passwords?role=officer&district={make.DISTRICT}"
    form = here.get(url).one("form[method=post][action$=/passwords]")
    answer = here.send(form, status=200)
    passwords = SLIP.findall(answer.response.text)
    assert len(set(passwords)) == 3
    client = app.test_client()
    assert client.post("/login", data={"username": "wait1", "password": passwords[1]}).status_code == 303
    assert sorted(entries(db, "password_handed_out")) == [(f"user:{user.id}", "") for user in waiting]
    assert "没有人在等待发放" in here.get(url).read
    again = here.get(f"{url}&with_valid=y")
    assert "这次发放 2 人" in again.read, "who signed in is no longer among them"


def test_a_batch_as_a_table(page, db, app):
    unissued(db, username="=cmd", name="=1+1")
    answer = page("office").client.post("/office/accounts/passwords", data={"kind": "csv"})
    assert answer.headers["Cache-Control"] == "no-store"
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[1][0] == "'=1+1" and re.fullmatch("[a-z0-9]{10}", rows[1][3])


def test_a_hundred_at_a_time(page, db, monkeypatch):
    from app.accounts import password_routes

    monkeypatch.setattr(password_routes, "MOST", 2)
    for nth in range(3):
        unissued(db, username=f"w{nth}")
    here = page("office")
    answer = here.post("/office/accounts/passwords", {}, status=200)
    assert len(SLIP.findall(answer.response.text)) == 2 and "还有 1 人" in answer.read
    assert len(SLIP.findall(here.post("/office/accounts/passwords", {}, status=200).response.text)) == 1
    here.post("/office/accounts/passwords", {}, status=409)


def test_whoever_signs_in_meanwhile_keeps_her_password(db, office):
    quick, slow = make.make_user(db, "officer"), make.make_user(db, "officer")
    people.sign_in(db, username=quick.username, password="demo", now=clock.now())
    slips = actions.hand_out(db, [quick.id, slow.id], by=office, rules=RULES, now=clock.now())
    assert [slip.user_id for slip in slips] == [slow.id]
    assert people.sign_in(db, username=quick.username, password="demo", now=clock.now())


def test_an_interrupted_batch_has_changed_nothing(db, office, monkeypatch):
    user = unissued(db, username="one")
    other = unissued(db, username="two")
    written = []

    def fail(*args, **more):
        written.append(1)
        if len(written) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(actions.audit, "add_entry", fail)
    with pytest.raises(KeyboardInterrupt):
        actions.hand_out(db, [user.id, other.id], by=office, rules=RULES, now=clock.now())
    assert all(accounts.get_account(db, each.id)["has_no_password"] for each in (user, other))


def test_no_password_is_kept_in_plain_anywhere(page, db, instance, caplog, app):
    """Neither database file, log nor audit entry holds a password that was handed out, chosen or tried."""
    caplog.set_level(logging.DEBUG)
    here = page("office")
    unissued(db, username="first")
    made = SLIP.findall(here.post("/office/accounts/", typed(), status=200).response.text)
    made += SLIP.findall(here.post("/office/accounts/passwords", {}, status=200).response.text)
    client = app.test_client()
    client.post("/login", data={"username": "first", "password": "tried-and-wrong"})
    client.post("/login", data={"username": "new.person", "password": made[0]})
    client.post("/me/first-password", data={"new": "chosen for myself", "again": "chosen for myself"})
    assert client.get("/").status_code == 200
    db.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    kept = b"".join(path.read_bytes() for path in instance.rglob("*") if path.is_file())
    for secret in (*made, "tried-and-wrong", "chosen for myself"):
        assert secret.encode() not in kept and secret not in caplog.text
    slip = actions.reset_password(
        db, people_store.get_user_id(db, "first"), by=make.the_user(db, "office"), rules=RULES, now=clock.now()
    )
    assert slip.password not in repr(slip)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_in_both_languages(page, db, language):
    here, other = page("office"), unissued(db, username="w")
    here.client.set_cookie("language", language)
    for url in ("", "new", "passwords", str(other.id)):
        answer = here.get(f"/office/accounts/{url}")
        if language == "en":
            left = re.findall(
                r"[\u3400-\u9fff]+", re.sub("测试|湛河区|国网|office|officer", "", answer.one("main").text)
            )
            assert not left or url, left
    here.post(f"/office/accounts/{other.id}/password", {}, status=200)
