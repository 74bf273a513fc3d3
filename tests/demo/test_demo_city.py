"""The demo city: complete, consistent with its own rules, the same every time, and with work for everyone."""

import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from werkzeug.security import check_password_hash

from app.audit import store as audit
from app.audit.models import Search
from app.campaigns import store as campaigns
from app.clock import day_of, from_text, to_text
from app.db import connect, fetch_all, fetch_value
from app.demo.load import load_demo
from app.demo.people import DEMO_USERNAMES, NO_PASSWORD, PASSWORD
from app.errors import Conflict
from app.firms import store as firms
from app.firms.credit_code import is_valid
from app.issues import actions, deadlines, history_store, list_store, open_store
from app.issues import store as issues
from app.issues.lifecycle import TRANSITIONS, Status
from app.notices import actions as notices
from app.people import store as people
from app.photos import files
from app.rules.models import Clock
from app.settings import get_setting

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # a Friday, 10:00 in Pingdingshan


def _load(migrated, folder, *, now=NOW, seed=2026, scale=1.0, pictures_each=1):
    shutil.copyfile(migrated, folder / "qifang.db")
    db = connect(folder / "qifang.db")
    db.conn.execute("PRAGMA synchronous = OFF")
    load_demo(db, seed=seed, now=now, photo_folder=folder / "photos", scale=scale, pictures_each=pictures_each)
    return db


@pytest.fixture(scope="session")
def folder(once, migrated):
    return once("whole-city", lambda folder: _load(migrated, folder).conn.close())


@pytest.fixture(scope="session")
def city(folder):
    """The whole city, to be looked at."""
    db = connect(folder / "qifang.db")
    yield db
    db.conn.close()


@pytest.fixture
def small(migrated, tmp_path):
    made = []

    def load(name, **more):
        (tmp_path / name).mkdir()
        made.append(_load(migrated, tmp_path / name, scale=0.04, pictures_each=0, **more))
        return made[-1]

    yield load
    for db in made:
        db.conn.close()


def _user(db, username):
    user = people.get_user_by_username(db, username)
    assert user is not None
    return user


@pytest.mark.parametrize(
    ("table", "least", "most"),
    [
        ("districts", 12, 12),
        ("departments", 44, 44),
        ("categories", 20, 20),
        ("firms", 2000, 2040),
        ("visits", 6800, 8200),
        ("issues", 1350, 1650),
        ("photos", 900, 1500),
        ("campaigns", 2, 2),
        ("audit_log", 500, 5000),
    ],
)
def test_how_much_there_is(city, table, least, most):
    assert least <= city[table].count <= most


def test_people(city):
    roles = dict(tuple(row) for row in fetch_all(city, "SELECT role, count(*) FROM users GROUP BY role"))
    assert roles == {"officer": 650, "handler": 132, "dispatcher": 12, "head": 12, "office": 2, "auditor": 1}


def test_only_the_demo_accounts_can_sign_in(city):
    assert all(check_password_hash(people.get_password_hash(city, name) or "", PASSWORD) for name in DEMO_USERNAMES)
    others = fetch_value(city, "SELECT count(*) FROM users WHERE password_hash <> ?", [NO_PASSWORD])
    assert others == len(DEMO_USERNAMES)
    assert not any(check_password_hash(NO_PASSWORD, guess) for guess in ("", "!", PASSWORD))


def test_every_status_and_every_action(city):
    found = {row[0] for row in fetch_all(city, "SELECT DISTINCT status FROM issues")}
    assert found == set(Status)
    assert {row[0] for row in fetch_all(city, "SELECT DISTINCT action FROM issue_events")} == set(TRANSITIONS)


def test_most_are_closed_and_few_of_the_open_ones_late(city):
    total, ended, late = fetch_all(
        city,
        "SELECT count(*), sum(status IN ('closed', 'merged', 'void')),"
        " sum(status NOT IN ('closed', 'merged', 'void') AND due_at < ?) FROM issues",
        [to_text(NOW)],
    )[0]
    assert 0.8 <= ended / total <= 0.9
    assert 0.03 <= late / (total - ended) <= 0.15


def test_everybody_has_heard_and_nothing_leaves_the_house(city):
    assert city["notices"].count > 100
    told = [step(city, now=NOW, outgoing=notices.Outgoing()) for step in (notices.catch_up, notices.remind)]
    assert told == [0, 0]
    assert city["deliveries"].count == 0


def test_the_histories_are_chains_in_the_order_of_time(city):
    assert history_store.first_broken_event(city) is None
    assert audit.first_broken_entry(city) is None
    for table in ("issue_events", "audit_log"):
        moments = [row["at"] for row in fetch_all(city, f"SELECT at FROM {table} ORDER BY id")]  # noqa: S608
        assert moments == sorted(moments)
        assert moments[-1] <= to_text(NOW)


def test_nothing_lies_in_the_future(city):
    for table, column in (
        ("visits", "received_at"), ("visits", "visited_at"), ("photos", "added_at"), ("issue_clocks", "started_at"),
        ("firm_links", "opened_at"), ("firms", "created_at"), ("users", "created_at"),
    ):  # fmt: skip
        assert fetch_value(city, f"SELECT max({column}) FROM {table}") <= to_text(NOW), f"{table}.{column}"  # noqa: S608


def test_the_clocks_are_what_the_histories_say(city):
    ids = [row["id"] for row in fetch_all(city, "SELECT id FROM issues ORDER BY id")]
    for issue_id in Random(1).sample(ids, 100):
        states = actions.clocks_of(city, issue_id)
        stored = {
            (row["clock"], row["round"]): (row["started_at"], row["due_at"], row["stopped_at"], row["is_late"])
            for row in fetch_all(city, "SELECT * FROM issue_clocks WHERE issue_id = ?", [issue_id])
        }
        assert stored == {
            (state.clock, state.round): (
                to_text(state.started_at),
                state.due_at and to_text(state.due_at),
                state.stopped_at and to_text(state.stopped_at),
                state.late if state.late is None else int(state.late),
            )
            for state in states
        }
        issue = issues.get_issue_for_system(city, issue_id, now=NOW)
        showing = deadlines.running(states)
        assert (issue.clock, issue.due_at) == ((showing.clock, showing.due_at) if showing else (None, None))


def test_nobody_moves_an_issue_at_night(city):
    rows = fetch_all(city, "SELECT at FROM issue_events WHERE actor <> 'system'")
    hours = {(from_text(row["at"]) + timedelta(hours=8)).hour for row in rows}
    assert hours <= set(range(8, 23))


def test_firms(city):
    rows = fetch_all(city, "SELECT name, credit_code, township_id, contact_phone FROM firms")
    assert len({row["name"] for row in rows}) == len(rows)
    assert all(is_valid(row["credit_code"]) and row["credit_code"][8:10] == "XF" for row in rows)
    assert all(row["township_id"] and row["contact_phone"].startswith("1990000") for row in rows)
    leads = "SELECT count(DISTINCT firm_id) FROM firm_officers WHERE is_lead = 1"
    assert fetch_value(city, leads) == len(rows) - 22, "last month's firms have nobody yet"
    assert fetch_value(city, "SELECT count(*) FROM firms WHERE id NOT IN (SELECT firm_id FROM firm_officers)") == 22


def test_officers_have_a_unit(city):
    assert fetch_value(city, "SELECT count(*) FROM users WHERE role = 'officer' AND (unit = '' OR title = '')") == 0
    assert fetch_value(city, "SELECT count(DISTINCT unit) FROM users WHERE role = 'officer'") == 120


def test_the_office_has_taken_rosters_in(city):
    kinds = [row["kind"] for row in fetch_all(city, "SELECT kind FROM roster_imports WHERE state = 'applied'")]
    assert kinds == ["departments", "officers", "firms", "firms"]


def test_photos_are_on_disk(city, folder):
    names = {row["sha256"] for row in fetch_all(city, "SELECT DISTINCT sha256 FROM photos")}
    assert all(files.path_of(folder / "photos", name, size).exists() for name in names for size in files.SIZE_NAMES)


def test_the_campaign_runs(city):
    campaign = campaigns.get_running(city, on=day_of(NOW))
    assert campaign.name == "2026年第四季度企业大走访"


def test_it_is_marked_and_not_loaded_twice(city, folder):
    assert get_setting(city, "demo") == "2026"
    with pytest.raises(Conflict):
        load_demo(city, now=NOW, photo_folder=folder / "photos")


def test_no_text_was_left_half_made(city):
    texts = ("issues", "title"), ("issues", "description"), ("issues", "public_answer"), ("issue_events", "note"), (
        "visits", "notes")  # fmt: skip
    for table, column in texts:
        sql = f"SELECT count(*) FROM {table} WHERE {column} GLOB '*[{{}}|[]*'"  # noqa: S608
        assert fetch_value(city, sql) == 0, f"{table}.{column}"


def _waiting_work(db, now):
    """What waits for each of the six, checked on any city."""
    soon = now + timedelta(seconds=1)

    def counts(username, **more):
        return open_store.count_open_by_status(db, visible_to=_user(db, username), now=soon, **more)

    def listed(username, **filters):
        return list_store.count_issues(db, list_store.Filters(**filters), visible_to=_user(db, username), now=soon)

    officer = counts("officer")
    assert officer["proposed"] >= 2
    assert officer["needs_info"] >= 1
    opened = fetch_value(
        db,
        "SELECT count(*) FROM issues i JOIN firm_links l ON l.issue_id = i.id WHERE i.status = 'callback'"
        " AND i.reported_by = ? AND l.opened_at IS NOT NULL AND l.used_at IS NULL",
        [_user(db, "officer").id],
    )
    assert opened >= 1
    user, campaign = _user(db, "officer"), campaigns.get_running(db, on=day_of(now))
    assert firms.count_firms(db, visible_to=user) == 23
    assert firms.count_by_state(db, visible_to=user, round_=campaign.round)["unvisited"] == 5

    handler = counts("handler", part="lead")
    assert handler["dispatched"] >= 4
    assert handler["in_progress"] >= 6
    assert handler["soon"] >= 1
    assert handler["overdue"] >= 1
    assert handler["suspended"] >= 1
    assert listed("handler", part="lead", supervision=True, status="open") >= 1
    assert listed("handler", part="assisting", status="open") >= 1

    dispatcher = counts("dispatcher")
    assert dispatcher["submitted"] >= 5
    assert dispatcher["returned"] >= 1
    pending = "SELECT count(*) FROM issues WHERE status = 'in_progress' AND extension_asked_on IS NOT NULL"
    assert (
        fetch_value(db, f"{pending} AND district_id = ? AND extension_count = 0", [_user(db, "head").district_id]) >= 1
    )

    head = counts("head")
    assert head["disputed"] >= 2
    assert head["overdue"] >= 3

    assert fetch_value(db, "SELECT count(*) FROM issues WHERE status = 'in_progress' AND suspension_asked_on > ''") >= 2
    assert fetch_value(db, f"{pending} AND extension_count = 1") >= 1
    assert len(audit.list_entries(db, Search())) >= 50
    home = _user(db, "dispatcher").district_id
    category_id = fetch_value(
        db, "SELECT category_id FROM issues WHERE status = 'disputed' AND district_id = ?", [home]
    )
    assert history_store.list_precedents(db, category_id=category_id, district_id=home)


def test_work_waits_for_everyone(city):
    _waiting_work(city, NOW)
    kinds = fetch_value(
        city, "SELECT count(DISTINCT title) FROM issues WHERE department_id = 39 AND status NOT IN ('closed')"
    )
    assert kinds >= 10
    assert fetch_value(city, "SELECT count(*) FROM issue_clocks WHERE clock = ?", [Clock.REPLY]) > 20


@pytest.mark.parametrize(
    "now",
    [
        pytest.param("2026-11-23T21:20:00+00:00", id="early in the morning"),
        pytest.param("2026-11-22T04:00:00+00:00", id="a Sunday"),
        pytest.param("2026-10-05T02:00:00+00:00", id="in the October holiday"),
        pytest.param("2027-02-10T11:00:00+00:00", id="an evening of a year without a calendar"),
    ],
)
def test_work_waits_at_any_time(small, now):
    moment = datetime.fromisoformat(now)
    db = small("city", now=moment)
    _waiting_work(db, moment)
    assert history_store.first_broken_event(db) is None


def _fingerprint(db):
    rows = [tuple(row) for row in fetch_all(db, "SELECT * FROM issue_events ORDER BY id")]
    rows += [tuple(row) for row in fetch_all(db, "SELECT client_key, body_sha256, notes FROM visits ORDER BY id")]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def test_the_same_seed_and_moment_give_the_same_city(small):
    one, same, other = small("one"), small("same"), small("other", seed=7)
    assert _fingerprint(one) == _fingerprint(same)
    assert _fingerprint(one) != _fingerprint(other)


def test_the_office_has_a_bulletin_issued_and_one_begun(city):
    rows = fetch_all(city, "SELECT status, number, document FROM bulletins ORDER BY id")
    assert [row["status"] for row in rows] == ["issued", "draft"]
    assert rows[0]["number"] and json.loads(rows[0]["document"])
    assert fetch_value(city, "SELECT count(*) FROM bulletin_cases WHERE bulletin_id = 1") == 2
