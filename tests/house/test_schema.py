# ruff: noqa: S608 (the names of tables are our own)
"""The schema: what its one page shows is what the steps build, and it refuses what must never be stored."""

import re
import sqlite3 as standard
from datetime import timedelta

import pytest
from sqlite_utils import Database

from app.campaigns import models as campaigns
from app.db import SCHEMA_FILE, IntegrityError, _load_migrations, connect, migrate, schema_sql
from app.issues.lifecycle import Level, Outcome, Status
from app.notices.models import Kind as NoticeKind
from app.permissions import Role
from app.rules.models import Clock, Kind, Urgency
from app.visits.models import Mode
from tests import factories

STEPS = [step.name for step in _load_migrations().pending(Database(memory=True))]


def tables(db) -> list[str]:
    """Our own tables, virtual ones and those that serve them aside."""
    rows = db.conn.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        " AND name NOT LIKE 'sqlite~_%' ESCAPE '~' AND name NOT LIKE '~_%' ESCAPE '~' ORDER BY name"
    )
    return [row[0] for row in rows]


@pytest.fixture
def lived_in(db, now):
    """A database in which something of everything has happened."""
    picture = factories.make_picture()
    for nth, status in enumerate(Status):
        factories.make_issue(db, status=status, at=now + timedelta(minutes=nth), pictures=[picture])
    factories.make_visit(db, pictures=[picture], issues=(factories.new_issue(),), now=now)
    return db


def test_the_page_shows_todays_schema(migrated):
    """flask --app wsgi migrate --write-schema rewrites it."""
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_sql(migrated)


def test_the_page_alone_builds_the_schema(migrated, tmp_path):
    other = tmp_path / "other.db"
    connection = standard.connect(other)
    connection.executescript(SCHEMA_FILE.read_text(encoding="utf-8"))
    connection.close()
    assert schema_sql(other) == schema_sql(migrated)


def test_migrating_twice_does_nothing(tmp_path):
    assert migrate(tmp_path / "new.db") == STEPS
    assert migrate(tmp_path / "new.db") == []


@pytest.mark.parametrize("upto", range(1, len(STEPS)))
def test_each_step_runs_on_the_data_of_the_steps_before(lived_in, tmp_path, upto):
    """A database that stopped after `upto` steps, filled from real use, takes the rest and loses nothing."""
    path = tmp_path / "older.db"
    older = connect(path)
    _load_migrations().apply(older, stop_before=STEPS[upto])
    older.conn.execute("PRAGMA foreign_keys = OFF")
    older.conn.execute("ATTACH ? AS full", (lived_in.conn.execute("PRAGMA database_list").fetchone()["file"],))
    held = {}
    for table in tables(older):
        columns = ", ".join(row["name"] for row in older.conn.execute(f"PRAGMA table_info({table})"))
        older.conn.execute(f"INSERT OR REPLACE INTO main.{table} ({columns}) SELECT {columns} FROM full.{table}")
        held[table] = older.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    older.conn.execute("DETACH full")
    older.conn.close()
    assert migrate(path) == STEPS[upto:]
    newer = connect(path)
    after = {table: newer.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in held}
    newer.conn.close()
    assert {table: count for table, count in after.items() if count < held[table]} == {}


def test_every_table_is_strict(db):
    strict = {row["name"] for row in db.conn.execute("SELECT name FROM pragma_table_list WHERE strict = 1")}
    assert set(tables(db)) <= strict


def test_every_foreign_key_has_an_index(db):
    missing = []
    for table in tables(db):
        firsts = {
            db.conn.execute(f"PRAGMA index_info({index['name']})").fetchone()["name"]
            for index in db.conn.execute(f"PRAGMA index_list({table})").fetchall()
        }
        firsts |= {row["name"] for row in db.conn.execute(f"PRAGMA table_info({table})") if row["pk"] == 1}
        missing += [
            f"{table}.{key['from']}"
            for key in db.conn.execute(f"PRAGMA foreign_key_list({table})").fetchall()
            if key["from"] not in firsts
        ]
    assert not missing


@pytest.mark.parametrize(
    ("table", "column", "kinds"),
    [
        ("issues", "status", Status),
        ("issues", "kind", Kind),
        ("issues", "urgency", Urgency),
        ("issues", "outcome", Outcome),
        ("issues", "supervision", Level),
        ("issue_clocks", "clock", Clock),
        ("limits", "kind", Kind),
        ("limits", "urgency", Urgency),
        ("users", "role", Role),
        ("visits", "mode", Mode),
        ("campaigns", "status", campaigns.Status),
        ("campaigns", "target_kind", campaigns.TargetKind),
        ("campaign_questions", "kind", campaigns.QuestionKind),
        ("notices", "kind", NoticeKind),
    ],
)
def test_what_may_be_stored_is_what_the_code_knows(db, table, column, kinds):
    sql = db.conn.execute("SELECT sql FROM sqlite_master WHERE name = :name", {"name": table}).fetchone()[0]
    listed = re.search(rf"CHECK \({column} IN \(([^)]*)\)\)", sql)
    assert listed, f"{table}.{column} has no CHECK"
    assert set(re.findall(r"'(\w+)'", listed[1])) == {kind.value for kind in kinds}


@pytest.mark.parametrize("table", ["issue_events", "audit_log"])
@pytest.mark.parametrize("change", ["UPDATE {} SET at = at", "DELETE FROM {}"])
def test_histories_refuse_to_be_changed(lived_in, sign_in, table, change):
    sign_in("officer")
    count = lived_in.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    assert count
    with pytest.raises(IntegrityError, match="append only"):
        lived_in.conn.execute(change.format(table))
    with pytest.raises(IntegrityError, match="append only"):
        lived_in.conn.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table} WHERE id = 1")
    assert lived_in.conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == count


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE issues SET status = 'lost'",
        "UPDATE issues SET department_id = 987",
        "UPDATE issues SET closed_at = '2026-11-23T00:00:00Z' WHERE status = 'submitted'",
        "UPDATE issues SET latitude = 91, longitude = 0",
        "UPDATE issues SET latitude = 33",
        "UPDATE issues SET version = 'two'",
        "UPDATE users SET department_id = NULL WHERE role = 'handler'",
        "UPDATE photos SET visit_id = NULL, issue_id = NULL",
        "DELETE FROM firms",
        "DELETE FROM users",
    ],
)
def test_nonsense_is_refused(lived_in, change):
    with pytest.raises(IntegrityError):
        lived_in.conn.execute(change)


def test_connections_are_durable(db):
    assert db.conn.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert db.conn.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert db.conn.execute("PRAGMA foreign_keys").fetchone()[0] == 1
    assert db.conn.execute("PRAGMA busy_timeout").fetchone()[0] >= 5000
