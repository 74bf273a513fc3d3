"""What is written about requests and failures: enough to find the fault, and nothing of the people."""

import io
import json
import logging
import re
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from app import logs
from app.db import close_all, connect, fetch_all
from tests import factories
from tests.serving import Record, ask, sign_in


@pytest.fixture
def written():
    """What is logged from now on: call it for the lines."""
    stream = io.StringIO()
    handler, log = logs.handler_of("json", stream), logging.getLogger("qifang")
    log.addHandler(handler)
    level, log.level = log.level, logging.INFO
    logging.getLogger("qifang.access").setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    log.removeHandler(handler)
    log.setLevel(level)


def test_a_line_names_the_endpoint_the_role_and_the_cost(sign_in, db, written):
    firm = factories.make_firm(db)
    sign_in("officer").get(f"/firms/{firm.id}?from=13837501234")
    line = written()[-1]
    assert (line["endpoint"], line["method"], line["status"], line["role"]) == ("firms.show", "GET", 200, "officer")
    assert line["queries"] > 0 and line["ms"] >= line["db_ms"] >= 0
    assert re.fullmatch(r"[0-9a-f]{12}", line["request"])
    assert "13837501234" not in json.dumps(line)


def test_the_error_page_shows_the_number_that_the_log_has(app, client, written):
    @app.get("/failing")
    def failing():
        raise ValueError("王经理 at 13837501234 said 'no' to https://example.cn/c/secret")

    failing.permission = None
    page = client.get("/failing")
    assert page.status_code == 500
    failure, request = written()
    assert failure["request"] == request["request"]
    assert failure["request"] in page.text
    assert failure["level"] == "error" and "ValueError: … at … said … to …" in failure["exception"]
    assert "test_logs.py" in failure["exception"] and "failing" in failure["exception"]
    assert "secret" not in json.dumps(failure) and "13837501234" not in json.dumps(failure)


def test_a_piece_of_a_page_and_a_phones_answer_show_the_number_too(app, client, written):
    @app.get("/failing")
    @app.get("/outbox/failing")
    def failing():
        raise ValueError("no")

    failing.permission = None
    piece = client.get("/failing", headers={"HX-Request": "true"})
    answer = client.get("/outbox/failing")
    numbers = [line["request"] for line in written() if line["logger"] == "qifang.access"]
    assert numbers[0] in piece.text and answer.json["request"] == numbers[1]


def test_words_even_when_the_database_is_no_database(app, sign_in, settings, written):
    officer = sign_in("officer")
    close_all()
    for name in ("qifang.db-wal", "qifang.db-shm"):
        (Path(settings.instance) / name).unlink(missing_ok=True)
    Path(settings.database).write_bytes(b"no database at all" * 1000)
    page = officer.get("/firms/")
    assert page.status_code == 500 and "系统出了问题" in page.text
    assert written()[-1]["request"] in page.text
    assert officer.get("/healthz").json["parts"]["database"] == "damaged"


def test_the_cause_is_told_too(written):
    try:
        try:
            int("13837501234 王")
        except ValueError as cause:
            raise RuntimeError("the 3rd step failed") from cause
    except RuntimeError:
        logging.getLogger("qifang").exception("a step by %s", "Wang <wang@example.cn>")
    [line] = written()
    assert (
        "RuntimeError: the 3rd step failed" in line["exception"] and "ValueError: invalid literal" in line["exception"]
    )
    assert "13837501234" not in json.dumps(line) and "wang@" not in json.dumps(line)


def test_a_slow_statement_is_told_without_its_values(app, db, written, monkeypatch):
    monkeypatch.setattr("app.db._watchers", [logs.watcher(0)])
    fetch_all(db, "SELECT id FROM firms\n WHERE contact_phone = :phone", {"phone": "13837501234"})
    [line] = written()
    assert line["sql"] == "SELECT id FROM firms WHERE contact_phone = :phone" and line["ms"] >= 0
    assert "13837501234" not in json.dumps(line)


def test_text_to_read(written):
    stream = io.StringIO()
    handler, log = logs.handler_of("text", stream), logging.getLogger("qifang.told")
    log.addHandler(handler)
    log.warning("disk nearly full", extra={"free": 5})
    log.removeHandler(handler)
    assert "disk nearly full" in stream.getvalue() and "free=5" in stream.getvalue()


@pytest.mark.parametrize("kind", ["json", "text"])
def test_no_line_is_forged(app, kind):
    """Whatever is sent, a request is one line of the log, and nothing in it can pass for another line or a command."""
    stream, log = io.StringIO(), logging.getLogger("qifang.access")
    handler, level, client = logs.handler_of(kind, stream), log.level, app.test_client()
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    forged = '\r\n{"event": "request", "endpoint": "people.logout"}\r\n\x1b[31mroot\x1b[0m'
    client.get("/login", query_string={"next": forged, "x": forged})
    client.get(f"/issues/{quote(forged)}")
    client.post("/login", data={"username": forged, "password": forged})
    client.open("/login", method="GE%0d%0aT", headers={"User-Agent": "x\x1b[31m", "X-Request-Id": "x"})
    log.removeHandler(handler)
    log.setLevel(level)
    text = stream.getvalue()
    assert len(text.splitlines()) == 4 and "people.logout" not in text and "root" not in text and "\x1b" not in text


def test_a_day_in_the_city_leaves_nothing_personal(served):
    """The server in earnest: signing in, failing to, a visit, a contact tapped open, a firm's link, broken requests."""
    server, firm_id = served
    secret = {
        "phone": "13937512345",
        "name": "秦经理特征",
        "notes": "锅炉房漏水特征",
        "password": "hunter2-特征",
        "username": "wang.officer.13900001111",
    }
    db = connect(server.folder / "qifang.db")
    db.conn.execute(
        "UPDATE firms SET contact_name = ?, contact_phone = ? WHERE id = ?", [secret["name"], secret["phone"], firm_id]
    )
    officer = factories.the_user(db, "officer")
    firm = factories.make_firm(db, officer=officer, contact_phone=secret["phone"])
    issue = factories.make_issue(db, status="callback", officer=officer, firm=firm)
    db.conn.close()
    server.environment["QIFANG_SLOW_MS"] = "0"  # every statement is told
    server.start()
    port, form = server.port, {"Content_Type": "application/x-www-form-urlencoded"}

    wrong = urlencode({"username": secret["username"], "password": secret["password"]}).encode()
    assert ask(port, "POST", "/login", wrong, **form)[0] in (401, 422)
    cookie = sign_in(port)
    record = Record(firm_id, notes=secret["notes"])
    assert record.send(port, cookie) == 200
    shown = ask(port, "POST", f"/firms/{firm_id}/contact", b"", Cookie=cookie, **form)
    assert shown[0] == 200 and secret["phone"] in shown[2].decode()
    assert ask(port, "GET", f"/firms/?q={quote(secret['name'])}", Cookie=cookie)[0] == 200
    assert ask(port, "POST", f"/issues/{issue.id}/firm-link", b"", Cookie=cookie, **form)[0] == 303
    page = ask(port, "GET", f"/issues/{issue.id}/firm-link", Cookie=cookie)[2].decode()
    token = re.search(r"/c/([\w.~-]+)", page)[1]
    assert ask(port, "GET", f"/c/{token}")[0] == 200
    assert ask(port, "GET", f"/c/{token}x")[0] == 404
    answer = urlencode({"solved": "yes", "satisfied": "yes", "comment": secret["notes"]}).encode()
    ask(port, "POST", f"/c/{token}", answer, **form)
    for path in (f"/nowhere/{secret['phone']}", f"/firms/{secret['phone']}", f"/{'x' * 9000}?{secret['phone']}"):
        assert 400 <= ask(port, "GET", path, Cookie=cookie)[0] < 500
    figures = ask(port, "GET", "/metrics")[2].decode()
    server.kill()

    log = server.log.read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    told = {line["endpoint"] for line in lines if line.get("logger") == "qifang.access"}
    assert {"people.create_session", "outbox.store_visit", "firms.reveal_contact", "firm.show"} <= told, told
    assert any(line.get("logger") == "qifang.slow" for line in lines)
    session = cookie.split("=", 1)[1]
    for what, text in {**secret, "token": token, "session": session, "key": record.key}.items():
        for form_of_it in (text, quote(text), json.dumps(text)[1:-1]):
            assert form_of_it not in log, f"the log holds the {what}"
            assert form_of_it not in figures, f"the figures hold the {what}"
    assert 'endpoint="firm.show"' in figures
