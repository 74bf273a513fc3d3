"""What falls due happens once, however often and in how many processes the tick runs; the server ticks by itself."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app import clock, create_app
from app.clock import LOCAL
from app.db import connect, transaction
from app.notices import actions, store, ticker
from app.notices.models import Channel
from tests import factories as make
from tests.notices import servers

TUESDAY = datetime(2026, 11, 24, 8, 30, tzinfo=LOCAL).astimezone(UTC)


@pytest.fixture
def robot():
    with servers.robot() as held:
        yield held


@pytest.fixture
def with_robot(settings, robot):
    """The settings with a group robot on this machine."""
    return replace(settings, wecom_webhook=robot.url, site_url="https://qifang.test/")


def tick(app, settings, at):
    """One tick at that moment."""
    with app.app_context():
        return ticker.tick(settings, at=at)


def digests(db):
    return db.conn.execute("SELECT * FROM deliveries WHERE is_digest = 1 ORDER BY id").fetchall()


def test_it_resumes_on_the_review_day(app, db, settings):
    made = clock.now() - timedelta(hours=1)
    issue = make.make_issue(db, status="suspended", at=made)
    day = datetime.combine(issue.review_on, datetime.min.time(), LOCAL).astimezone(UTC)
    assert tick(app, settings, day - timedelta(seconds=1))["resumed"] == 0
    assert tick(app, settings, day)["resumed"] == 1
    assert tick(app, settings, day)["resumed"] == 0
    event = db.conn.execute("SELECT * FROM issue_events WHERE action = 'resume'").fetchall()
    assert [(row["actor"], row["by_id"]) for row in event] == [("system", None)]
    told = db.conn.execute("SELECT user_id FROM notices WHERE kind = 'resumed'").fetchall()
    assert [row["user_id"] for row in told] == [make.the_user(db, "handler").id]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (TUESDAY - timedelta(seconds=1), 0),
        (TUESDAY, 1),
        (TUESDAY + timedelta(hours=2), 1),
        (TUESDAY + timedelta(hours=4), 0),
        (TUESDAY + timedelta(days=4), 0),  # a Saturday
        (datetime(2026, 10, 1, 0, 30, tzinfo=UTC), 0),  # the National Day, a Thursday
    ],
)
def test_a_digest_on_working_days(app, db, with_robot, robot, at, expected):
    tick(app, with_robot, at)
    assert len(digests(db)) == len(robot.seen) == expected


def test_one_digest_a_day(app, db, with_robot, robot):
    late = make.make_issue(db, status="in_progress", at=TUESDAY - timedelta(days=30))
    make.make_issue(db, at=TUESDAY - timedelta(minutes=30))
    for minutes in range(0, 180, 20):
        tick(app, with_robot, TUESDAY + timedelta(minutes=minutes))
    tick(app, with_robot, TUESDAY + timedelta(days=1))
    assert [row["dedupe_key"] for row in digests(db)] == ["digest:2026-11-24:wecom", "digest:2026-11-25:wecom"]
    [text, _next] = [text for text in robot.texts if "待办提醒" in text]
    assert text.splitlines() == [
        "11月24日 待办提醒",
        "全市未办结 2 件，将到期 0 件，已超期 1 件",
        "责任单位",
        "· 供电公司：待签收 0，办理中 1，超期 1",
        "区县营商办",
        "· 湛河区：待受理 1，退回 0，待指定 0",
        "https://qifang.test",
    ]
    overdue = [line for each in robot.texts for line in each.splitlines() if late.number in line]
    assert overdue == [f"{late.number} 办理已超期，请尽快办理 · 供电公司 https://qifang.test/issues/{late.id}"]


def test_a_digest_of_an_idle_city(app, db, with_robot, robot):
    tick(app, with_robot, TUESDAY)
    assert robot.texts == ["11月24日 待办提醒\n全市未办结 0 件，将到期 0 件，已超期 0 件\nhttps://qifang.test"]


def test_nothing_leaves_unless_configured(app, db, settings):
    make.make_issue(db, status="in_progress", at=TUESDAY - timedelta(days=30))
    outcome = tick(app, settings, TUESDAY)
    assert outcome["reminded"] == 1
    assert db.conn.execute("SELECT count(*) FROM deliveries").fetchone()[0] == 0


def test_a_step_that_fails_keeps_no_other_from_its_turn(app, db, settings, monkeypatch, caplog):
    make.the_user(db, "handler")
    make.make_issue(db, status="dispatched")

    def fail(*args, **more):
        raise RuntimeError("no resuming today")

    monkeypatch.setattr(ticker, "resume_due", fail)
    outcome = tick(app, settings, clock.now())
    assert isinstance(outcome["resumed"], RuntimeError)
    assert outcome["told"] == 1
    assert "no resuming today" in caplog.text


def test_four_processes_do_it_once(app, db, settings, instance, root_folder, robot):
    """The real command on the real clock: one resume event, one digest, one message for each line."""
    issue = make.make_issue(db, status="suspended", at=clock.now() - timedelta(days=30))
    for _nth in range(8):
        make.make_issue(db, status="in_progress", at=clock.now() - timedelta(days=40))
    with transaction(db):
        db.conn.execute(
            "UPDATE issues SET review_on = :day WHERE id = :id", {"day": clock.today().isoformat(), "id": issue.id}
        )
        db.conn.execute(
            "INSERT OR REPLACE INTO workday_exceptions (day, is_workday, why) VALUES (:day, 1, '')",
            {"day": clock.today().isoformat()},
        )
    environment = {
        **os.environ,
        "QIFANG_INSTANCE": str(instance),
        "QIFANG_SECRET_KEY": "x",
        "QIFANG_WECOM_WEBHOOK": robot.url,
        "QIFANG_DIGEST_AT": f"{clock.local(clock.now()):%H:%M}",
        "QIFANG_QUIET_FROM": "00:00",
        "QIFANG_QUIET_TO": "00:00",
    }
    for _round in range(2):
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "tick"]
        running = [
            subprocess.Popen(
                command, cwd=root_folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            for _nth in range(4)
        ]
        outputs = [process.communicate(timeout=60)[0] for process in running]
        assert [process.returncode for process in running] == [0] * 4, outputs
    events = db.conn.execute("SELECT count(*) FROM issue_events WHERE action = 'resume'").fetchone()[0]
    assert events == 1
    assert len(digests(db)) == 1
    lines = [line for text in robot.texts if "待办提醒" not in text for line in text.splitlines()]
    assert len(lines) == len(set(lines)) == 8
    assert len([text for text in robot.texts if "待办提醒" in text]) == 1
    reminded = db.conn.execute("SELECT count(*) FROM notices WHERE kind = 'overdue'").fetchone()[0]
    assert reminded == 8


@pytest.fixture
def root_folder():
    """The root of the repository."""
    from pathlib import Path

    return Path(__file__).resolve().parents[2]


# ── The ticker in the server ──


def test_one_of_several_workers_has_the_turn(app, db, now):
    lasts = timedelta(seconds=150)

    def take(holder, at):
        return actions.take_turn(db, "ticker", holder=holder, now=at, lasts=lasts)

    assert take("a", now)
    assert not take("b", now + timedelta(seconds=60))
    assert take("a", now + timedelta(seconds=60))  # it comes back and keeps the turn
    assert not take("b", now + timedelta(seconds=209))
    assert take("b", now + timedelta(seconds=210))  # a has died
    assert not take("a", now + timedelta(seconds=211))


def test_a_turn_is_one_workers_among_many(app, db):
    gate, won = threading.Barrier(6), []

    def take(holder):
        own = connect(app.config["DATABASE"])
        gate.wait()
        won.append(actions.take_turn(own, "ticker", holder=holder, now=clock.now(), lasts=timedelta(seconds=150)))
        own.conn.close()

    threads = [threading.Thread(target=take, args=(str(nth),)) for nth in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(won) == 1


def test_taking_a_turn_ticks_and_never_dies(app, db, monkeypatch, caplog):
    handler = make.the_user(db, "handler")
    make.make_issue(db, status="dispatched")
    assert ticker.take_turn(app, "me")
    assert store.count_unread(db, handler.id) == 1
    assert not ticker.take_turn(app, "another")

    def fail(*args, **more):
        raise OSError("disk full")

    monkeypatch.setattr(actions, "take_turn", fail)
    assert not ticker.take_turn(app, "me")
    assert "missed a turn" in caplog.text


def test_the_thread_ticks_by_itself_and_stops(app, db, monkeypatch):
    monkeypatch.setattr(ticker, "_FIRST_S", 0.01)
    monkeypatch.setattr(ticker, "EVERY_S", 0.05)
    ticked = threading.Semaphore(0)
    monkeypatch.setattr(ticker, "take_turn", lambda app, holder: ticked.release())
    stop = ticker.start(app)
    assert ticked.acquire(timeout=5) and ticked.acquire(timeout=5)
    stop.set()
    for thread in threading.enumerate():
        if thread.name == "ticker":
            thread.join(5)
            assert not thread.is_alive()


def test_making_the_app_starts_no_thread(settings):
    before = {thread.name for thread in threading.enumerate()}
    create_app(settings)
    assert "ticker" not in {thread.name for thread in threading.enumerate()} - before


def test_the_server_ticks_by_itself(app, db, settings, instance, root_folder, robot):
    """python wsgi.py, and after a few seconds what was due is done."""
    import socket

    issue = make.make_issue(db, status="suspended", at=clock.now() - timedelta(days=30))
    with transaction(db):
        db.conn.execute(
            "UPDATE issues SET review_on = :day WHERE id = :id", {"day": clock.today().isoformat(), "id": issue.id}
        )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "QIFANG_INSTANCE": str(instance), "QIFANG_PORT": str(port), "QIFANG_SECRET_KEY": "x"}
    server = subprocess.Popen(
        [sys.executable, "wsgi.py"],
        cwd=root_folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _nth in range(150):
            if (
                db.conn.execute("SELECT status FROM issues WHERE id = :id", {"id": issue.id}).fetchone()[0]
                == "in_progress"
            ):
                break
            assert server.poll() is None
            time.sleep(0.1)
        else:
            raise AssertionError("it did not resume")
    finally:
        server.terminate()
        assert server.wait(10) == 0


def test_channels_are_those_configured(with_robot):
    assert ticker.outgoing_of(with_robot).channels == (Channel.WECOM,)
    assert ticker.outgoing_of(with_robot).site_url == "https://qifang.test"
