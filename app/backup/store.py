"""Copying a live database at one moment, and every SQL statement by which a check looks for what does not fit."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from app.backup.copying import Progress
from app.backup.manifest import BackupError
from app.db import (
    BUSY_MS,
    connect,
    execute,
    fetch_all,
    fetch_in_batches,
    fetch_one,
    fetch_value,
    forget_connections,
    is_read_only,
)

_PAGES = 512
SQLITE: str = sqlite3.sqlite_version

COUNTED = ("users", "firms", "visits", "issues", "issue_events", "photos", "audit_log")
"""The tables whose rows a backup counts."""


def copy_database(source: Path, target: Path, *, progress: Progress) -> None:
    """Copy a database that others write to, as it was at one moment, into one file without a log beside it.

    The read transaction holds that moment: without it SQLite's backup starts anew at each commit of another connection
    and may never end. Nobody waits meanwhile; the live log grows until the copy is done. Raises BackupError.
    """
    copy = sqlite3.connect(str(target), isolation_level=None)
    try:
        for quick in ("PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF"):  # a half copy is thrown away whole
            copy.execute(quick)
        live = connect(source)
        live.conn.execute("BEGIN")
        fetch_value(live, "SELECT count(*) FROM sqlite_master")
        live.conn.backup(
            copy,
            pages=_PAGES,
            progress=lambda _status, left, total: progress("database", total - left, total),
            sleep=0,
        )
        live.conn.close()
        copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise BackupError(f"The database could not be copied: {error}") from error
    finally:
        copy.close()


@contextmanager
def open_copy(path: Path) -> Iterator[Database]:
    """A finished copy, read only: nothing is written, not even beside it."""
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        yield Database(connection, execute_plugins=False)
    finally:
        connection.close()


@contextmanager
def open_restored(path: Path) -> Iterator[Database]:
    """A database that is being put back, to be checked and written to, closed without a log beside it."""
    db = connect(path)
    try:
        yield db
    finally:
        execute(db, "PRAGMA wal_checkpoint(TRUNCATE)")
        db.conn.close()


def list_faults(db: Database) -> list[str]:
    """What SQLite itself finds wrong in the file; nothing when all is well. Raises no error for a damaged file."""
    try:
        rows = fetch_all(db, "PRAGMA integrity_check(20)")
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return [row[0] for row in rows if row[0] != "ok"]


def list_loose_rows(db: Database) -> list[str]:
    """Rows that point at nothing, as 'photos 12 → visits'."""
    return [f"{row[0]} {row[1]} → {row[2]}" for row in fetch_all(db, "PRAGMA foreign_key_check")]


def get_schema(db: Database) -> str:
    """The newest step of the schema that was applied, as in 0011_accounts; '' before the first."""
    if not db["_sqlite_migrations"].exists():
        return ""
    return fetch_value(db, "SELECT name FROM _sqlite_migrations ORDER BY id DESC LIMIT 1") or ""


def count_rows(db: Database) -> dict[str, int]:
    """How many rows the main tables hold."""
    return {table: fetch_value(db, f"SELECT count(*) FROM {table}") for table in COUNTED}  # noqa: S608


def get_heads(db: Database) -> dict[str, str]:
    """The newest hash of each chain: who knows it, knows whether the history before it was altered."""
    return {
        table: fetch_value(db, f"SELECT hash FROM {table} ORDER BY id DESC LIMIT 1") or ""  # noqa: S608
        for table in ("issue_events", "audit_log")
    }


def list_photos(db: Database) -> list:
    """Each photo that rows name, erased ones aside: its SHA-256 and the length of its main picture."""
    return fetch_all(
        db,
        """
        SELECT sha256, max(byte_count) AS byte_count FROM photos WHERE erased_at IS NULL
        GROUP BY sha256 ORDER BY sha256
        """,
    )


def list_unindexed(db: Database) -> list[str]:
    """Firms and issues that the search index lacks, and entries of it that belong to none."""
    return [
        row["what"]
        for row in fetch_all(
            db,
            """
            SELECT 'firm ' || id || ' is not in the index' AS what FROM firms
              WHERE id NOT IN (SELECT rowid FROM firms_fts)
            UNION ALL SELECT 'index of firms: ' || rowid || ' is no firm' FROM firms_fts
              WHERE rowid NOT IN (SELECT id FROM firms)
            UNION ALL SELECT 'issue ' || id || ' is not in the index' FROM issues
              WHERE id NOT IN (SELECT rowid FROM issues_fts)
            UNION ALL SELECT 'index of issues: ' || rowid || ' is no issue' FROM issues_fts
              WHERE rowid NOT IN (SELECT id FROM issues)
            """,
        )
    ]


def read_indexed_texts(db: Database) -> Iterator[sqlite3.Row]:
    """What the search index holds of each firm and issue, beside what it was made from; a batch in memory at a time."""
    yield from fetch_in_batches(
        db,
        """
        SELECT 'firm' AS kind, f.id, f.name AS text, s.name AS indexed FROM firms f JOIN firms_fts s ON s.rowid = f.id
        WHERE f.id > :after ORDER BY f.id LIMIT :size
        """,
    )
    yield from fetch_in_batches(
        db,
        """
        SELECT 'issue' AS kind, i.id, i.title AS text, s.title AS indexed
        FROM issues i JOIN issues_fts s ON s.rowid = i.id WHERE i.id > :after ORDER BY i.id LIMIT :size
        """,
    )


def list_sample(db: Database, *, limit: int) -> list[int]:
    """Issues spread evenly over all: every so many-th, so that about `limit` are looked at."""
    every = max(1, (fetch_value(db, "SELECT count(*) FROM issues") or 0) // limit)
    return [row["id"] for row in fetch_all(db, "SELECT id FROM issues WHERE id % :every = 0", {"every": every})]


def list_clocks(db: Database, issue_id: int) -> list:
    """The stored clocks of an issue."""
    return fetch_all(
        db,
        "SELECT clock, round, started_at, due_at, stopped_at, is_late FROM issue_clocks WHERE issue_id = :id",
        {"id": issue_id},
    )


def get_waiting(db: Database) -> sqlite3.Row:
    """What waits to be done by the server itself, and since when: messages out, photos still on phones, the ticker."""
    row = fetch_one(
        db,
        """
        SELECT (SELECT count(*) FROM deliveries WHERE sent_at IS NULL AND failed_at IS NULL) AS deliveries,
               (SELECT min(next_try_at) FROM deliveries WHERE sent_at IS NULL AND failed_at IS NULL) AS delivery_at,
               (SELECT count(*) FROM deliveries WHERE failed_at IS NOT NULL) AS failed,
               (SELECT count(*) FROM outbox_photos WHERE photo_id IS NULL) AS photos,
               (SELECT min(coalesce(v.received_at, e.at)) FROM outbox_photos o LEFT JOIN visits v ON v.id = o.visit_id
                LEFT JOIN issue_events e ON e.id = o.event_id WHERE o.photo_id IS NULL) AS photo_at,
               (SELECT until FROM leases WHERE name = 'ticker') AS tick_until
        """,
    )
    assert row is not None
    return row


def find_write_fault(db: Database, *, within_ms: int) -> str:
    """Why nothing could be written just now: 'locked', 'read-only', 'full' and so on; '' when it could.

    Takes the write lock as every action does, changes a row and takes it back.
    """
    try:
        execute(db, f"PRAGMA busy_timeout = {int(within_ms)}")
        execute(db, "BEGIN IMMEDIATE")
        try:
            execute(db, "INSERT INTO settings (name, value) VALUES ('health', '') ON CONFLICT (name) DO NOTHING")
        finally:
            execute(db, "ROLLBACK")
    except sqlite3.Error as error:
        if is_read_only(error):
            forget_connections()
        return get_fault_word(error)
    finally:
        execute(db, f"PRAGMA busy_timeout = {BUSY_MS}")
    return ""


_FAULTS = (
    ("locked", "locked"),
    ("busy", "locked"),
    ("readonly", "read-only"),
    ("full", "full"),
    ("unable to open", "gone"),
    ("no such table", "not migrated"),
    ("malformed", "damaged"),
    ("not a database", "damaged"),
    ("disk I/O", "disk error"),
)
"""What SQLite says, and the word for it."""


def get_fault_word(error: Exception) -> str:
    """'locked', 'full', 'damaged' and so on, for what SQLite said."""
    return next((word for part, word in _FAULTS if part in str(error)), "failed")
