"""The first account of a city from the command line, and the way back in."""

import re

import pytest

from tests import factories


@pytest.fixture
def run(app):
    """run("chief"): what the command printed, and how it ended."""

    def command(*words):
        return app.test_cli_runner().invoke(args=["office-account", *words])

    return command


def password_of(outcome, username: str) -> str:
    assert outcome.exit_code == 0, outcome.output
    return re.match(rf"{username}  (\S+)  \(for one use", outcome.output)[1]


def can_sign_in(app, username: str, password: str) -> bool:
    return app.test_client().post("/login", data={"username": username, "password": password}).status_code == 303


def test_the_first_account(run, app, db):
    password = password_of(run("Chief", "--name", "市营商办值班"), "chief")
    client = app.test_client()
    assert client.post("/login", data={"username": "chief", "password": password}).status_code == 303
    assert client.post("/me/first-password", data={"new": "chosen for myself", "again": "chosen for myself"})
    assert client.get("/office/accounts/").status_code == 200
    assert not can_sign_in(app, "chief", password)
    rows = db.conn.execute("SELECT action, by_id FROM audit_log WHERE action LIKE '%ed%' ORDER BY id").fetchall()
    assert ("account_created", None) in [tuple(row) for row in rows]


def test_the_way_back_in(run, app, sign_in, db):
    held = sign_in("office")
    for _try in range(5):
        assert not can_sign_in(app, "office", "forgotten")
    password = password_of(run("office"), "office")
    assert held.get("/me").status_code == 302, "whoever was signed in as it is out"
    assert not can_sign_in(app, "office", factories.PASSWORD)
    assert can_sign_in(app, "office", password)


def test_other_peoples_accounts_and_disabled_ones_are_left_alone(run, app, db):
    factories.the_user(db, "officer")
    factories.make_user(db, "office", username="gone")
    db.conn.execute("UPDATE users SET is_active = 0 WHERE username = 'gone'")
    for username in ("officer", "gone", "a b", "x"):
        assert run(username).exit_code != 0
    assert can_sign_in(app, "officer", factories.PASSWORD)
