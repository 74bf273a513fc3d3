"""A year's calendar taken in: provisional deadlines become certain, and a trial changes nothing."""

from datetime import UTC, date, datetime

import pytest

from app.clocks import reckoning_actions as reckoning
from app.clocks.calendar_actions import change_calendar, reach_of, read_days, try_calendar
from app.errors import Invalid
from app.issues import store as issues
from app.rules import store as rules
from tests import factories

FILED = datetime(2026, 12, 29, 2, 0, tzinfo=UTC)  # Tuesday; five working days lead into the unpublished year
NEW_YEAR = ["day,is_workday,why", "2027-01-01,0,放假", "2027-01-04,0,放假", "2027-01-09,1,调休上班"]


@pytest.fixture
def issue(db):
    return factories.make_issue(db, status="in_progress", at=FILED)


def _take_in(db, lines):
    """As the command does; what the trial said would move."""
    days = read_days(lines)
    shifts, reach = try_calendar(db, days), reach_of(db, days)
    change_calendar(db, days, by=None, now=FILED)
    if reach:
        assert reckoning.reckon(db, reach) == len({each.issue_id for each in shifts})
    return shifts


def _due(db, issue):
    return issues.get_issue_for_system(db, issue.id, now=FILED)


def test_a_deadline_beyond_the_calendar_is_provisional_until_the_year_is_known(db, issue):
    before = _due(db, issue)
    assert before.is_due_provisional
    assert before.due_at == datetime(2027, 1, 5, 10, 0, tzinfo=UTC)
    shifts = _take_in(db, NEW_YEAR)
    after = _due(db, issue)
    assert not after.is_due_provisional
    assert after.due_at == datetime(2027, 1, 7, 10, 0, tzinfo=UTC)
    assert [(each.number, each.after) for each in shifts] == [(issue.number, "2027-01-07T10:00:00Z")]


def test_a_trial_tells_and_changes_nothing(db, issue):
    before, calendar = _due(db, issue), rules.get_calendar(db)
    shifts = try_calendar(db, read_days(NEW_YEAR))
    assert len(shifts) == 1
    assert _due(db, issue) == before
    assert rules.get_calendar(db) == calendar


def test_the_same_calendar_twice_moves_nothing(db, issue):
    _take_in(db, NEW_YEAR)
    assert _take_in(db, NEW_YEAR) == [] and reach_of(db, read_days(NEW_YEAR)) is None


def test_what_has_ended_keeps_its_lateness(db):
    closed = factories.make_issue(db, status="closed", at=FILED)
    rows = "SELECT clock, due_at, is_late FROM issue_clocks WHERE issue_id = ? ORDER BY clock"
    before = [tuple(row) for row in db.execute(rows, [closed.id])]
    _take_in(db, NEW_YEAR)
    assert [tuple(row) for row in db.execute(rows, [closed.id])] == before


def test_other_years_stay(db):
    _take_in(db, NEW_YEAR)
    calendar = rules.get_calendar(db)
    assert not calendar.is_workday(date(2026, 10, 1))
    assert calendar.published_through == date(2027, 12, 31)


@pytest.mark.parametrize("lines", [[], ["day,is_workday,why"], ["1 January"], ["2027-13-01,0,x"], ["2027-01-01,yes,x"]])
def test_nonsense_is_refused_in_words(lines):
    with pytest.raises(Invalid):
        read_days(lines)


def test_the_command(app, db, issue, tmp_path):
    file = tmp_path / "2027.csv"
    file.write_text("\n".join(NEW_YEAR), encoding="utf-8")
    runner = app.test_cli_runner()
    tried = runner.invoke(args=["calendar", "load", str(file), "--dry-run"])
    assert (tried.exit_code, "1 deadlines would move" in tried.output) == (0, True)
    assert "2027-01-05 18:00 → 2027-01-07 18:00" in tried.output
    assert runner.invoke(args=["calendar", "load", str(file)]).exit_code == 0
    assert runner.invoke(args=["calendar", "count", "2026-12-29", "5"]).output.strip() == "2027-01-07"
    file.write_text("nonsense", encoding="utf-8")
    assert runner.invoke(args=["calendar", "load", str(file)]).exit_code == 1


def test_the_command_that_counts(app):
    runner = app.test_cli_runner()
    assert runner.invoke(args=["calendar", "count", "2020-01-22", "5"]).output.strip() == "2020-02-06"
    why = runner.invoke(args=["calendar", "count", "2020-01-22", "5", "--why"]).output
    assert [line.split()[-1] for line in why.splitlines()[1:]] == [
        "2020-01-23", "2020-02-03", "2020-02-04", "2020-02-05", "2020-02-06",
    ]  # fmt: skip
