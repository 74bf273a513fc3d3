"""The server's clock set forward and back while people work: a bad battery, a wrong hand, a first contact with NTP."""

import json
import time
from urllib.parse import urlencode

from app.db import connect
from tests import factories
from tests.faults.conftest import assert_all_is_there, assert_is_sound
from tests.phones import Phones
from tests.serving import ask, sign_in

DAY_S = 24 * 3600


def test_set_forward_and_back(served, machine):
    server, firm_id = served
    server.start()
    with Phones(server, firm_id) as phones:
        phones.wait_for(3)
        for seconds in (DAY_S, -DAY_S, 400 * DAY_S, -30 * DAY_S):
            machine.begin("clock", seconds)
            phones.wait_for(3)
        machine.end("clock")
        phones.wait_for(3)
    # An idle session ends when the clock leaps forward, and waitress may close (0) a connection whose request it has
    # not read yet, since by the clock it was idle for days; nothing else is refused.
    assert set(phones.refusals) <= {401, 0}, phones.refusals
    assert_all_is_there(server, phones)


def test_moves_on_a_clock_set_back(served, machine):
    """An issue reported before goes on; its history stays a chain, its clocks can be reckoned."""
    server, _firm_id = served
    db = connect(server.folder / "qifang.db")
    officer = factories.the_user(db, "officer")
    factories.the_user(db, "dispatcher")
    issue = factories.make_issue(db, status="submitted", officer=officer)
    db.conn.close()
    machine.begin("clock", -2 * DAY_S)
    server.start()
    cookie = sign_in(server.port, "dispatcher")
    form = {"version": issue.version, "department_id": factories.DEPARTMENT, "urgency": "normal"}
    moved = ask(
        server.port,
        "POST",
        f"/issues/{issue.id}/dispatch",
        urlencode(form).encode(),
        Cookie=cookie,
        Content_Type="application/x-www-form-urlencoded",
    )
    assert moved[0] == 303, moved
    assert ask(server.port, "GET", f"/issues/{issue.id}", Cookie=cookie)[0] == 200
    machine.end("clock")
    cookie = sign_in(server.port, "dispatcher")  # two days idle, by the clock
    assert ask(server.port, "GET", f"/issues/{issue.id}", Cookie=cookie)[0] == 200
    server.kill()
    assert_is_sound(server)


def test_the_minutes_work_goes_on_after_the_clock_was_set_back(served, machine):
    """A lease until tomorrow by a wrong clock holds nobody up today."""
    server, _firm_id = served
    machine.begin("clock", DAY_S)
    server.start()
    until = _lease(server.folder)
    server.kill()
    machine.end("clock")
    server.start()
    end = time.monotonic() + 15
    while (now := _lease(server.folder)) == until:
        assert time.monotonic() < end, f"nobody ticks until {until}"
        time.sleep(0.2)
    assert now < until
    assert json.loads(ask(server.port, "GET", "/healthz")[2])["waiting"]["tick_late_s"] == 0


def _lease(folder) -> str:
    """Until when the ticker has its turn, once it has had one."""
    db = connect(folder / "qifang.db")
    end = time.monotonic() + 15
    while True:
        row = db.conn.execute("SELECT until FROM leases WHERE name = 'ticker'").fetchone()
        if row:
            db.conn.close()
            return row[0]
        assert time.monotonic() < end, "it never ticked"
        time.sleep(0.2)
