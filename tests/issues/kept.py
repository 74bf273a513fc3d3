# ruff: noqa: S608 (the names of tables are our own)
"""What the database holds of an issue after a move, read past the pages, and that it follows from the history."""

from datetime import UTC, datetime, timedelta

from app.clock import to_text
from app.db import fetch_all, fetch_one
from app.issues import actions, history_store
from app.issues.deadlines import running
from tests import factories

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = "2026-12-04"  # 14 days after `now`, as the factories ask for
TABLES = ("issues", "issue_events", "issue_departments", "issue_clocks", "firm_links", "photos", "issue_numbers")
CLOCK_COLUMNS = {"clock", "due_at", "amber_at", "is_due_provisional"}


def everything(db) -> dict[str, list[tuple]]:
    """All that a move could write."""
    return {table: [tuple(row) for row in fetch_all(db, f"SELECT * FROM {table}")] for table in TABLES}


def columns(db, issue) -> dict:
    return dict(fetch_one(db, "SELECT * FROM issues WHERE id = :id", {"id": issue.id}))


def events(db, issue) -> list:
    return history_store.list_events(db, issue.id)


def clock(db, issue, name: str, nth: int = 1):
    """One stored round of a clock."""
    return fetch_one(
        db,
        "SELECT * FROM issue_clocks WHERE issue_id = :id AND clock = :clock AND round = :nth",
        {"id": issue.id, "clock": name, "nth": nth},
    )


def assert_clocks_follow_from_history(db, issue) -> None:
    """What is stored is what the history gives, for every round and for the clock on the screen."""
    states = actions.clocks_of(db, issue.id)
    stored = fetch_all(db, "SELECT * FROM issue_clocks WHERE issue_id = :id", {"id": issue.id})
    assert {
        (row["clock"], row["round"]): (row["started_at"], row["due_at"], row["stopped_at"], row["is_late"])
        for row in stored
    } == {
        (state.clock, state.round): (
            to_text(state.started_at),
            state.due_at and to_text(state.due_at),
            state.stopped_at and to_text(state.stopped_at),
            None if state.late is None else int(state.late),
        )
        for state in states
    }
    showing, row = running(states), columns(db, issue)
    assert row["clock"] == (showing.clock if showing else None)
    assert row["due_at"] == (to_text(showing.due_at) if showing and showing.due_at else None)
    assert row["amber_at"] == (to_text(showing.amber_at) if showing and showing.amber_at else None)
    assert row["is_due_provisional"] == int(bool(showing and showing.is_provisional))


def due(day: int, month: int = 11) -> str:
    """Six in the evening in Pingdingshan on that day of 2026."""
    return to_text(datetime(2026, month, day, 10, tzinfo=UTC))


def handled(db, now, **more):
    """An issue that a department has taken on, two hours ago."""
    return factories.make_issue(db, status="in_progress", at=now - 2 * HOUR, **more)
