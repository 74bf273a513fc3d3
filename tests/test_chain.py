# ruff: noqa: S608 (the names of tables are our own)
"""The histories vouch for themselves: any change, removal or insertion is named by its row."""

import pytest

from app import chain, clock
from app.audit import store as audit
from app.issues import history_store
from tests import factories


def test_a_link_depends_on_all_of_it():
    row = {"a": 1, "b": "二", "c": None}
    first = chain.link(chain.START, row)
    assert len(first) == 64
    assert chain.link(chain.START, {"c": None, "b": "二", "a": 1}) == first, "the order of the keys is not content"
    others = [
        chain.link(first, row),
        chain.link(chain.START, {**row, "a": "1"}),
        chain.link(chain.START, {**row, "b": "二 "}),
        chain.link(chain.START, {**row, "c": ""}),
        chain.link(chain.START, {"a": 1, "b": "二"}),
    ]
    assert len({first, *others}) == 6


@pytest.fixture
def lived_in(db, now):
    """Two issues' histories, interleaved, and an audit log."""
    factories.make_issue(db, status="callback", at=now)
    factories.make_issue(db, status="disputed", at=now)
    for nth in range(5):
        audit.add_entry(db, "looked", f"firm:{nth}", by_id=None, now=now)
    return db


BROKEN = {"issue_events": history_store.first_broken_event, "audit_log": audit.first_broken_entry}
UNVOUCHED = {"issue_events": history_store.first_unvouched_event, "audit_log": audit.first_unvouched_entry}


@pytest.mark.parametrize("table", BROKEN)
def test_untouched_it_is_intact(lived_in, table):
    assert BROKEN[table](lived_in) is None


@pytest.mark.parametrize("table", BROKEN)
@pytest.mark.parametrize("column", ["at", "action", "by_id", "hash", "previous_hash"])
def test_any_change_is_named(lived_in, table, column):
    _unlock(lived_in, table)
    value = {"by_id": factories.the_user(lived_in, "auditor").id}.get(column, "2026-01-01T00:00:00Z")
    lived_in.conn.execute(f"UPDATE {table} SET {column} = :value WHERE id = 3", {"value": value})
    assert BROKEN[table](lived_in) == 3


@pytest.mark.parametrize("column", ["note", "data", "actor", "to_status", "issue_id"])
def test_so_is_a_change_of_what_was_said(lived_in, column):
    _unlock(lived_in, "issue_events")
    value = {"issue_id": 2, "data": "{}", "to_status": "closed"}.get(column, "something else")
    lived_in.conn.execute(f"UPDATE issue_events SET {column} = :value WHERE id = 2", {"value": value})
    assert history_store.first_broken_event(lived_in) == 2


@pytest.mark.parametrize("table", BROKEN)
def test_a_row_taken_out_is_named_by_the_next(lived_in, table):
    _unlock(lived_in, table)
    lived_in.conn.execute("PRAGMA foreign_keys = OFF")
    lived_in.conn.execute(f"DELETE FROM {table} WHERE id = 2")
    lived_in.conn.execute("PRAGMA foreign_keys = ON")
    assert BROKEN[table](lived_in) == 3


def test_the_command_says_which(app, lived_in):
    def verify():
        with app.app_context():  # `flask` gives its commands one
            return app.test_cli_runner().invoke(args=["audit", "verify"])

    assert verify().exit_code == 0
    _unlock(lived_in, "audit_log")
    lived_in.conn.execute("UPDATE audit_log SET detail = 'x' WHERE id = 2")
    result = verify()
    assert result.exit_code == 1
    assert "audit_log: broken at row 2" in result.output
    assert "issue_events: intact" in result.output


@pytest.mark.parametrize("table", BROKEN)
def test_a_history_cut_at_its_end_is_missed_by_the_other(app, lived_in, table):
    """A chain does not notice that its last rows are gone; the rows of the other that name them do."""
    factories.make_issue(lived_in, status="dispatched")
    audit.add_entry(lived_in, "looked", "firm:1", by_id=None, now=clock.now())
    factories.make_issue(lived_in, status="dispatched")
    other = "audit_log" if table == "issue_events" else "issue_events"
    assert UNVOUCHED[other](lived_in) is None
    _unlock(lived_in, table)
    lived_in.conn.execute("PRAGMA foreign_keys = OFF")
    last = lived_in.conn.execute(f"SELECT max(id) FROM {table}").fetchone()[0]
    if table == "issue_events":
        last = lived_in.conn.execute(
            "SELECT id FROM issue_events WHERE hash = (SELECT event_hash FROM audit_log ORDER BY id DESC LIMIT 1)"
        ).fetchone()[0]
    lived_in.conn.execute(f"DELETE FROM {table} WHERE id >= {last}")
    lived_in.conn.execute("PRAGMA foreign_keys = ON")
    assert BROKEN[table](lived_in) is None, "the chain itself is whole"
    assert UNVOUCHED[other](lived_in) is not None
    with app.app_context():
        result = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert result.exit_code == 1
    assert f"names a row that {table} no longer has" in result.output


def test_the_names_of_the_other_history_are_content_too(lived_in):
    _unlock(lived_in, "audit_log")
    assert lived_in.conn.execute("SELECT event_hash FROM audit_log WHERE id = 3").fetchone()[0]
    lived_in.conn.execute("UPDATE audit_log SET event_hash = NULL WHERE id = 3")
    assert audit.first_broken_entry(lived_in) == 3


def test_rows_from_before_histories_vouched_for_each_other_are_intact():
    row = {
        "id": 1,
        "a": "x",
        "other_hash": None,
        "previous_hash": chain.START,
        "hash": chain.link(chain.START, {"a": "x"}),
    }
    assert chain.first_broken([row], ("a",), other="other_hash") is None
    assert chain.first_broken([{**row, "other_hash": "0" * 64}], ("a",), other="other_hash") == 1


def _unlock(db, table: str) -> None:
    """What somebody with the file in his hands would do."""
    rows = db.conn.execute(
        "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table", {"table": table}
    )
    for row in rows.fetchall():
        db.conn.execute(f"DROP TRIGGER {row['name']}")
