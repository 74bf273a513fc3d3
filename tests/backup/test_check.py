"""`flask check` finds each kind of harm, and is content with a city that is well."""

import json

import pytest

from app.backup import check_actions
from tests import factories


@pytest.fixture
def found(db, settings):
    """found(): what the check finds not well, by part, after a visit with a photo and issues in several states."""
    factories.make_visit(db, pictures=[factories.make_picture(settings.photos)])
    for status in ("in_progress", "closed", "suspended"):
        factories.make_issue(db, status=status)

    def look(**more):
        findings = check_actions.check(db, settings.photos, pending=more.pop("pending", []), **more)
        return {each.part: each for each in findings if each.count}

    return look


def test_all_is_well(found):
    assert found(deep=True) == {}


def test_steps_not_applied(found):
    assert found(pending=["0099_more"])["schema"].is_fault


def test_a_row_that_points_at_nothing(found, db):
    db.conn.execute("PRAGMA foreign_keys = OFF")
    db.conn.execute("UPDATE photos SET visit_id = 987654")
    assert found()["references"].examples == ("photos 1 → visits",)


@pytest.mark.parametrize(
    ("part", "trigger", "change"),
    [
        ("issue history", "issue_events_are_not_updated", "UPDATE issue_events SET note = '改过' WHERE id = 3"),
        ("audit log", "audit_log_is_not_updated", "UPDATE audit_log SET detail = 'x' WHERE id = 1"),
    ],
)
def test_an_altered_history(found, sign_in, db, part, trigger, change):
    sign_in("officer")
    db.conn.execute(f"DROP TRIGGER {trigger}")
    db.conn.execute(change)
    assert found()[part].is_fault


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM firms_fts",
        "UPDATE issues_fts SET title = 'x' WHERE rowid = 1",
        "INSERT INTO issues_fts (rowid, number, title) VALUES (98765, '1', 'x')",
    ],
)
def test_a_search_index_that_lags(found, db, change):
    db.conn.execute(change)
    assert found()["search"].is_fault


def test_clocks_that_are_not_those_of_the_history(found, db):
    db.conn.execute("UPDATE issue_clocks SET stopped_at = NULL, is_late = NULL WHERE issue_id = 2 AND clock = 'accept'")
    assert found()["clocks"].examples == ("issue 2: stored clocks are not those of its history",)


def test_photos_missing_damaged_and_of_no_row(found, settings):
    factories.make_picture(settings.photos, colour=(3, 3, 3))
    next(settings.photos.rglob("*.thumb.jpg"))
    assert set(found()) == {"photo files that no row names"}
    assert not found()["photo files that no row names"].is_fault


def test_a_photo_file_that_is_gone(found, settings):
    next(settings.photos.rglob("*.thumb.jpg")).unlink()
    assert found()["photo files missing"].is_fault


def test_a_rotten_photo_of_the_same_length_takes_a_deep_look(found, settings):
    main = next(settings.photos.rglob("*.main.jpg"))
    main.write_bytes(bytes(main.stat().st_size))
    assert found() == {}
    assert found(deep=True)["photo files damaged"].is_fault
    main.write_bytes(b"short")
    assert found()["photo files damaged"].is_fault


def test_the_command_says_it_and_exits_with_one(app, found, settings):
    runner = app.test_cli_runner()
    well = runner.invoke(args=["check", "--json"])
    assert well.exit_code == 0 and json.loads(well.output)["is_well"]
    assert runner.invoke(args=["check", "--quiet"]).output == ""
    next(settings.photos.rglob("*.main.jpg")).unlink()
    bad = runner.invoke(args=["check"])
    assert bad.exit_code == 1 and "photo files missing" in bad.output and "1 FAULTS" in bad.output
