# ruff: noqa: S608 (the names of tables are our own)
"""What is past its time goes, what counts stays: figures, histories and the check are as before."""

import json
import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from app import clock
from app.audit import store as audit
from app.audit.models import Search
from app.backup import check_actions
from app.clock import to_text
from app.config import Settings, from_environment
from app.db import IntegrityError, OperationalError, fetch_all, fetch_one, fetch_value
from app.issues import history_store
from app.privacy import actions
from app.privacy.masking import without_phones
from app.privacy.periods import Periods
from app.visits import store as visits
from app.visits.models import ANSWER_ERASED
from tests import factories as make

PERIODS = Periods(texts=1095, contacts=365, accounts=1095, sessions=180)
LONG_AGO = timedelta(days=1200)
WORDS = "王小二 13912345678"


def age(db, root: Path) -> None:
    """Picture files are as old as their rows."""
    for path in root.rglob("*.jpg"):
        os.utime(path, (time.time() - 86400 * 400,) * 2)


@pytest.fixture
def photos(instance):
    return instance / "photos"


@pytest.fixture
def city(app, db, photos):
    """Much that is long over and something of each kind that is not."""
    now = clock.now()
    then = now - LONG_AGO
    with app.app_context():
        for age_of, when in enumerate((then, now - timedelta(days=30))):
            for nth, status in enumerate(("closed", "merged", "void", "callback", "in_progress")):
                picture = make.make_picture(photos, colour=(nth, age_of, 9))
                make.make_issue(db, status=status, at=when + timedelta(hours=nth), pictures=[picture])
            make.make_visit(
                db, pictures=[make.make_picture(photos, colour=(99, age_of, 9))], issues=(make.new_issue(),), now=when
            )
    db.conn.execute(
        "UPDATE visits SET notes = :words, contact_name = '王小二', latitude = 33.7, longitude = 113.2",
        {"words": WORDS},
    )
    return db


def texts_of(db) -> str:
    """Everything that people wrote."""
    found = fetch_all(db, "SELECT notes || contact_name AS t FROM visits")
    found += fetch_all(db, "SELECT description || public_answer || title AS t FROM issues")
    found += fetch_all(db, "SELECT note || data AS t FROM issue_events")
    return "\n".join(row["t"] for row in found)


def figures(page) -> list[str]:
    """What the boards and lists say, the notes aside."""
    office, head = page("office"), page("head")
    return [
        *(
            office.get(url).one("main").text.replace(WORDS, "")
            for url in (
                "/review/",
                "/review/?from=2023-03-01&to=2024-02-28",
                "/issues/",
                "/visits/",
                f"/review/districts/{make.DISTRICT}",
            )
        ),
        head.get("/review/").one("main").text,
    ]


def counts(db) -> dict[str, int]:
    return {
        table: fetch_value(db, f"SELECT count(*) FROM {table}")
        for table in ("visits", "issues", "issue_events", "issue_clocks", "photos", "users", "firms")
    }


def is_well(db, photos) -> bool:
    found = check_actions.check(db, photos, pending=[])
    return [each for each in found if each.is_fault and each.count] == []


def test_texts_go_and_figures_stay(city, page, photos):
    db = city
    before, rows, files = figures(page), counts(db), len(list(photos.rglob("*.jpg")))
    age(db, photos)
    due = actions.find_due(db, PERIODS, clock.now())
    assert texts_of(db).count("王小二") >= 4 and due["visits"] and due["issues"] == 3 and due["photos"]
    erased = actions.erase(db, photos, PERIODS, now=clock.now())
    assert {part: erased[part] for part in due} == due
    assert figures(page) == before
    assert counts(db) == rows
    assert is_well(db, photos)
    assert history_store.first_broken_event(db) is audit.first_broken_entry(db) is None
    assert history_store.first_unvouched_event(db) is audit.first_unvouched_entry(db) is None
    assert fetch_value(db, "SELECT count(*) FROM visits WHERE notes <> '' AND received_at < '2024'") == 0
    assert fetch_value(db, "SELECT count(*) FROM visits WHERE notes <> '' AND received_at > '2025'") > 0
    assert len(list(photos.rglob("*.jpg"))) <= files


def test_what_is_not_over_stays_however_old(city, photos):
    db = city
    open_before = fetch_all(
        db, "SELECT id, description FROM issues WHERE status NOT IN ('closed', 'merged', 'void') ORDER BY id"
    )
    actions.erase(db, photos, PERIODS, now=clock.now())
    kept = fetch_all(
        db, "SELECT id, description FROM issues WHERE status NOT IN ('closed', 'merged', 'void') ORDER BY id"
    )
    assert [tuple(row) for row in kept] == [tuple(row) for row in open_before]
    for row in kept:
        notes = fetch_all(db, "SELECT erasing_entry_id FROM issue_events WHERE issue_id = :id", {"id": row["id"]})
        assert {note["erasing_entry_id"] for note in notes} == {None}


def test_twice_is_the_same_as_once(city, photos):
    actions.erase(city, photos, PERIODS, now=clock.now())
    before = [
        tuple(row)
        for table in ("visits", "issues", "issue_events", "audit_log", "photos")
        for row in fetch_all(city, f"SELECT * FROM {table}")
    ]
    again = actions.erase(city, photos, PERIODS, now=clock.now())
    assert set(again.values()) == {0}
    assert [
        tuple(row)
        for table in ("visits", "issues", "issue_events", "audit_log", "photos")
        for row in fetch_all(city, f"SELECT * FROM {table}")
    ] == before


def test_looking_first_changes_nothing(app, city, photos):
    before = [
        tuple(row)
        for table in ("visits", "issues", "issue_events", "audit_log", "photos")
        for row in fetch_all(city, f"SELECT * FROM {table}")
    ]
    said = app.test_cli_runner().invoke(args=["privacy", "erase"])
    assert said.exit_code == 0 and "Nothing was changed" in said.output
    assert [
        tuple(row)
        for table in ("visits", "issues", "issue_events", "audit_log", "photos")
        for row in fetch_all(city, f"SELECT * FROM {table}")
    ] == before
    told = json.loads(app.test_cli_runner().invoke(args=["privacy", "erase", "--json"]).output)
    done = json.loads(app.test_cli_runner().invoke(args=["privacy", "erase", "--apply", "--json"]).output)
    assert {**told, "is_applied": True} == {part: count for part, count in done.items() if part != "files"}
    assert app.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 0
    assert app.test_cli_runner().invoke(args=["check"]).exit_code == 0


def test_pages_say_that_it_went(city, page, photos):
    visit = fetch_value(city, "SELECT min(id) FROM visits")
    issue = fetch_value(city, "SELECT min(id) FROM issues WHERE status = 'closed'")
    photo = fetch_value(city, "SELECT min(id) FROM photos WHERE visit_id IS NOT NULL")
    here = page("office")
    shown = here.client.get(f"/photos/{photo}/main")
    shown.close()
    assert shown.status_code == 200
    actions.erase(city, photos, PERIODS, now=clock.now())
    assert "已过保存期限" in here.get(f"/visits/{visit}").read
    assert "已过保存期限" in here.get(f"/issues/{issue}").read
    assert here.client.get(f"/photos/{photo}/main").status_code == 404


def test_an_issue_reopened_after_that_is_erased_again(city, page, photos):
    actions.erase(city, photos, PERIODS, now=clock.now())
    issue = fetch_one(city, "SELECT id, version FROM issues WHERE status = 'closed' AND erased_at IS NOT NULL")
    here = page("office").client
    for noun, words in (("reopening", "又来反映"), ("voiding", "王小二说不办了")):
        version = fetch_value(city, "SELECT version FROM issues WHERE id = :id", {"id": issue["id"]})
        sent = here.post(f"/issues/{issue['id']}/{noun}", data={"version": version, "note": words})
        assert sent.status_code == 303, sent.text
    assert "王小二说不办了" in texts_of(city)
    later = clock.now() + LONG_AGO
    assert actions.erase(city, photos, PERIODS, now=later)["issues"] > 0
    assert "王小二说不办了" not in texts_of(city)
    assert history_store.first_broken_event(city) is None
    assert actions.erase(city, photos, PERIODS, now=later)["issues"] == 0


def test_answers_in_ones_own_words_go_and_those_to_choose_from_stay(app, db, photos):
    visit_id = make.make_visit(db, now=clock.now() - LONG_AGO)
    campaign = "INSERT INTO campaigns (id, name, from_on, to_on, status, created_at, begun_at, ended_at) VALUES "
    db.conn.execute(campaign + "(1, '旧活动', '2020-01-01', '2020-02-01', 'ended', '2020', '2020', '2020')")
    question = "INSERT INTO campaign_questions (id, campaign_id, position, kind, text) VALUES "
    db.conn.execute(question + "(1, 1, 0, 'text', '还有什么'), (2, 1, 1, 'yes_no', '要贷款吗')")
    for number, question_id, answer in ((1, 1, WORDS), (2, 2, "yes"), (3, None, WORDS)):
        visits.insert_answer(db, visit_id, number=number, question_id=question_id, answer=answer)
    actions.erase(db, photos, PERIODS, now=clock.now())
    kept = [row["answer"] for row in visits.list_answers(db, visit_id)]
    assert sorted(kept) == ["yes", ANSWER_ERASED, ANSWER_ERASED]


# ── What erasing may not be used for ────────────────────────────────────────────────────────────────────────────────


def test_the_history_takes_no_other_change(city, photos):
    entry = audit.add_entry(city, "data_erased", "erasing:issues", by_id=None, now=clock.now(), detail="by hand")
    event = fetch_one(city, "SELECT * FROM issue_events WHERE note <> '' AND action <> 'designate' LIMIT 1")
    for change in (
        "note = 'other'",
        "note = ''",
        f"note = '', erasing_entry_id = {entry}, to_status = 'void'",
        f"note = '', erasing_entry_id = {entry}, at = '2020-01-01T00:00:00Z'",
        f"note = '', erasing_entry_id = {entry}, data = '{{}}', by_id = NULL",
        f"note = 'x', erasing_entry_id = {entry}",
    ):
        with pytest.raises((IntegrityError, OperationalError), match="append only"):
            city.conn.execute(f"UPDATE issue_events SET {change} WHERE id = {event['id']}")


def test_an_erasing_that_no_entry_vouches_for_is_found(city):
    event = fetch_one(city, "SELECT * FROM issue_events WHERE note <> '' AND action <> 'designate' LIMIT 1")
    entry = audit.add_entry(city, "sign_in", "user:1", by_id=None, now=clock.now())
    city.conn.execute(
        "UPDATE issue_events SET note = '', data = json_remove(data, '$.basis', '$.evidence', '$.public_answer'),"
        f" erasing_entry_id = {entry} WHERE id = {event['id']}"
    )
    assert history_store.first_broken_event(city) == event["id"]


def test_a_change_of_what_was_left_is_found(city, photos):
    actions.erase(city, photos, PERIODS, now=clock.now())
    event = fetch_one(city, "SELECT * FROM issue_events WHERE erasing_entry_id IS NOT NULL ORDER BY id LIMIT 1")
    city.conn.execute("DROP TRIGGER issue_events_are_not_updated")
    for column, value in (("to_status", "void"), ("by_id", None), ("data", '{"outcome": "solved"}')):
        city.conn.execute("SAVEPOINT s")
        city.conn.execute(f"UPDATE issue_events SET {column} = ? WHERE id = ?", (value, event["id"]))
        changed = fetch_value(city, f"SELECT {column} FROM issue_events WHERE id = {event['id']}") != event[column]
        assert (history_store.first_broken_event(city) is not None) is changed
        city.conn.execute("ROLLBACK TO s")
        city.conn.execute("RELEASE s")


def test_the_same_picture_of_a_young_photo_stays(app, db, photos):
    picture = make.make_picture(photos)
    with app.app_context():
        make.make_visit(db, pictures=[picture], now=clock.now() - LONG_AGO)
        make.make_visit(db, pictures=[picture], now=clock.now() - timedelta(days=2))
    age(db, photos)
    names = sorted(path.name for path in photos.rglob("*.jpg"))
    erased = actions.erase(db, photos, PERIODS, now=clock.now())
    assert (erased["photos"], erased["files"]) == (1, 0)
    assert sorted(path.name for path in photos.rglob("*.jpg")) == names


# ── People ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_contacts_of_firms_that_are_gone(db, photos):
    now = clock.now()
    long_ago = now - timedelta(days=400)
    gone = make.make_firm(db, status="closed", now=long_ago)
    still = make.make_firm(db, now=long_ago)
    lately = make.make_firm(db, status="closed", now=long_ago)
    audit.add_entry(db, "firm_changed", f"firm:{lately.id}", by_id=None, now=now - timedelta(days=10))
    actions.erase(db, photos, PERIODS, now=now)
    kept = {row["id"]: row["contact_phone"] for row in fetch_all(db, "SELECT id, contact_phone FROM firms")}
    assert kept[gone.id] == "" and kept[still.id] and kept[lately.id]


def test_accounts_long_disabled_and_sessions_long_ended(db, page, photos):
    now = clock.now()
    person = make.make_user(db, "officer", username="gone", name="张三", now=now - LONG_AGO)
    other = make.make_user(db, "officer", username="lately", name="李四", now=now - LONG_AGO)
    for user, when in ((person, LONG_AGO), (other, timedelta(days=3))):
        db.conn.execute("UPDATE users SET is_active = 0, phone = '13900000000' WHERE id = ?", (user.id,))
        audit.add_entry(db, "account_disabled", f"user:{user.id}", by_id=None, now=now - when)
    db.conn.execute(
        "INSERT INTO sessions (token_hash, user_id, created_at, seen_at) VALUES ('x', ?, ?, ?)",
        (person.id, to_text(now - LONG_AGO), to_text(now - LONG_AGO)),
    )
    erased = actions.erase(db, photos, PERIODS, now=now)
    assert (erased["accounts"], erased["sessions"]) == (1, 1)
    names = {row["id"]: (row["username"], row["name"], row["phone"]) for row in fetch_all(db, "SELECT * FROM users")}
    assert names[person.id] == (f"erased-{person.id}", actions.GONE, "")
    assert names[other.id] == ("lately", "李四", "13900000000")
    assert actions.GONE in page("office").get(f"/office/accounts/{person.id}").read


def test_nothing_is_erased_where_all_is_kept_for_ever(city, photos):
    assert set(actions.erase(city, photos, Periods(0, 0, 0, 0), now=clock.now()).values()) == {0}


def test_each_batch_has_its_audit_entry_without_personal_data(city, photos):
    actions.erase(city, photos, PERIODS, now=clock.now())
    rows = audit.list_entries(city, Search(action="data_erased"))
    assert {row["object"] for row in rows} >= {"erasing:visits", "erasing:issues"}
    assert not any("王" in row["detail"] or "139" in row["detail"] for row in rows if "sha256" not in row["detail"])


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("找王经理13912345678谈", "找王经理139****谈"),
        ("0375-1234567 无人接", "037**** 无人接"),
        ("统一信用代码 91410400123456789X", "统一信用代码 91410400123456789X"),
        ("合同金额 13912345678901 元", "合同金额 13912345678901 元"),
        ("没有电话", "没有电话"),
    ],
)
def test_telephones_in_titles(text, left):
    assert without_phones(text) == left


def test_a_period_of_less_than_half_a_year_is_refused():
    with pytest.raises(ValueError, match="QIFANG_KEEP_TEXTS"):
        from_environment({"QIFANG_KEEP_TEXTS": "90"})
    assert from_environment({"QIFANG_KEEP_TEXTS": "0"}).keep_texts == 0
    assert Settings().keep_texts == 1095
