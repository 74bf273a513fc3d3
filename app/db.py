"""The database: one connection per thread, durable commits, and the few helpers every store uses."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent
from time import perf_counter
from typing import Any

from flask import current_app
from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

Params = Mapping[str, Any]
IntegrityError = sqlite3.IntegrityError
OperationalError = sqlite3.OperationalError
DatabaseError = sqlite3.DatabaseError
Row = sqlite3.Row

_FIRST_SOUND_SQLITE = (3, 51, 3)
_ROOT = Path(__file__).resolve().parent.parent
_connections = threading.local()

BUSY_MS = 10_000
"""So long a write waits for the one before it; then it is refused with a 503."""

CACHE_KB = 12_000
"""What a connection may keep of the file (its own default is 2 MB): the newest page of each firm's visits fits in."""

Watcher = Callable[[str, float], None]
"""Told each statement's text, without its values, and the seconds it took."""

BEGIN, COMMIT = "BEGIN IMMEDIATE", "COMMIT"
_watchers: list[Watcher] = []


def watch(watcher: Watcher) -> None:
    """From now on this one, and no other, is told of every statement."""
    _watchers[:] = [watcher]


def _tell(sql: str, started: float) -> None:
    for watcher in _watchers:
        watcher(sql, perf_counter() - started)


def refuse_unsound_sqlite() -> None:
    """Stop before a byte is written by an SQLite with the WAL-reset bug (3.7.0 to 3.51.2), which can lose commits."""
    if sqlite3.sqlite_version_info < _FIRST_SOUND_SQLITE:
        raise RuntimeError(
            f"SQLite {sqlite3.sqlite_version} can lose committed data in WAL mode. Install the locked requirements "
            "(pysqlite3 brings a sound one)."
        )


def connect(path: Path | str) -> Database:
    """Open a database file with the settings that make an acknowledged write survive a power cut."""
    connection = sqlite3.connect(
        str(path), timeout=BUSY_MS / 1000, check_same_thread=False, cached_statements=512, isolation_level=None
    )
    db = Database(connection, execute_plugins=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KB}")
    connection.row_factory = sqlite3.Row
    return db


def get_db() -> Database:
    """This thread's connection to the app's database."""
    return connection_to(current_app.config["DATABASE"])


def connection_to(path: str) -> Database:
    """This thread's connection to a database file, opened on first use and kept."""
    held: dict[str, Database] = _connections.__dict__
    if path not in held:
        held[path] = connect(path)
    return held[path]


def close_all() -> None:
    """Close this thread's connections (tests and commands that end)."""
    for db in _connections.__dict__.values():
        db.conn.close()
    _connections.__dict__.clear()


def forget_connections() -> None:
    """Let this thread open its connections anew. Whoever opened while the disk was read-only may only read for ever."""
    _connections.__dict__.clear()


def is_read_only(error: Exception) -> bool:
    """Whether SQLite refused because the file was opened for reading only."""
    return isinstance(error, OperationalError) and "readonly" in str(error)


@contextmanager
def transaction(db: Database) -> Iterator[Database]:
    """All or nothing. Takes the write lock at once, since a read that turns into a write can fail with BUSY_SNAPSHOT.

    Nested, it is a savepoint of the outer one.
    """
    if db.conn.in_transaction:
        with db.atomic():
            yield db
        return
    started = perf_counter()
    try:
        db.conn.execute(BEGIN)
    except OperationalError as error:
        if is_read_only(error):
            forget_connections()
        raise
    _tell(BEGIN, started)
    try:
        yield db
    except BaseException:
        db.conn.rollback()
        raise
    started = perf_counter()
    db.conn.commit()
    _tell(COMMIT, started)


def fetch_all(db: Database, sql: str, params: Params = {}) -> list[sqlite3.Row]:  # noqa: B006 (never changed)
    """Every row; read to the end, since a half-read cursor blocks the connection's next write."""
    started = perf_counter()
    rows = db.conn.execute(sql, params).fetchall()
    _tell(sql, started)
    return rows


def fetch_in_batches(db: Database, sql: str, *, size: int = 5000) -> Iterator[sqlite3.Row]:
    """Every row of a table however long, a batch in memory at a time.

    `sql` reads rows with an `id` beyond `:after` in the order of the id, at most `:size` of them.
    """
    after = -(2**63)
    while rows := fetch_all(db, sql, {"after": after, "size": size}):
        yield from rows
        after = rows[-1]["id"]


def fetch_one(db: Database, sql: str, params: Params = {}) -> sqlite3.Row | None:  # noqa: B006
    """The first row, or None."""
    started = perf_counter()
    cursor = db.conn.execute(sql, params)
    row = cursor.fetchone()
    cursor.close()
    _tell(sql, started)
    return row


def fetch_value(db: Database, sql: str, params: Params = {}) -> Any:  # noqa: B006
    """The first column of the first row, or None."""
    row = fetch_one(db, sql, params)
    return row[0] if row else None


def execute(db: Database, sql: str, params: Params = {}) -> int:  # noqa: B006
    """Run a statement that returns nothing; how many rows it changed."""
    started = perf_counter()
    changed = db.conn.execute(sql, params).rowcount
    _tell(sql, started)
    return changed


def insert(db: Database, sql: str, params: Params) -> int:
    """Run an INSERT; the new row's id."""
    started = perf_counter()
    row_id = db.conn.execute(sql, params).lastrowid
    _tell(sql, started)
    assert row_id is not None
    return row_id


def migrate(path: Path | str) -> list[str]:
    """Bring the schema up to date; the names of the steps applied. Once per deploy, never at worker start."""
    refuse_unsound_sqlite()
    db = connect(path)
    try:
        db.conn.execute("PRAGMA foreign_keys = OFF")
        steps = _load_migrations()
        pending = [step.name for step in steps.pending(db)]
        steps.apply(db)
        broken = db.conn.execute("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise RuntimeError(f"{len(broken)} rows point at nothing after migrating; restore the backup.")
        return pending
    finally:
        db.conn.close()


def pending_migrations(path: Path | str) -> list[str]:
    """The steps that this database still lacks."""
    db = connect(path)
    try:
        return [step.name for step in _load_migrations().pending(db)]
    finally:
        db.conn.close()


def known_steps() -> list[str]:
    """All steps of the schema that this release knows, in order."""
    return [step.name for step in _load_migrations().pending(Database(memory=True))]


SCHEMA_FILE = _ROOT / "migrations" / "schema.sql"


def schema_sql(path: Path | str) -> str:
    """Today's schema on one page: every statement that made the database at `path`, tables with what hangs on them."""
    db = connect(path)
    try:
        rows = fetch_all(
            db,
            """
            SELECT sql FROM sqlite_master
            WHERE sql IS NOT NULL AND tbl_name NOT LIKE 'sqlite~_%' ESCAPE '~' AND tbl_name NOT LIKE '~_%' ESCAPE '~'
              AND tbl_name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')
            ORDER BY rowid
            """,
        )
    finally:
        db.conn.close()
    head = (
        "-- Generated from migrations.py by `flask --app wsgi migrate --write-schema`: read it, change migrations.py.\n"
    )
    return "\n".join([head, *(f"{_outdented(row['sql'])};\n" for row in rows)])


def _outdented(statement: str) -> str:
    first, *rest = _one_column_a_line(statement).splitlines()
    return "\n".join([first, *dedent("\n".join(rest)).splitlines()])


def _one_column_a_line(statement: str) -> str:
    """SQLite appends an added column to the line of the one before it; here each stands on its own."""
    if not statement.startswith("CREATE TABLE"):
        return statement
    out, depth, in_text = "", 0, False
    indent = next((line[: len(line) - len(line.lstrip())] for line in statement.splitlines()[1:] if line.strip()), "  ")
    for nth, letter in enumerate(statement):
        in_text ^= letter == "'"
        depth += 0 if in_text else (letter == "(") - (letter == ")")
        is_gap = letter == " " and depth == 1 and not in_text and statement[nth - 1] == ","
        out += f"\n{indent}" if is_gap else letter
    return out


def _load_migrations():
    scope: dict[str, Any] = {}
    source = (_ROOT / "migrations" / "migrations.py").read_text(encoding="utf-8")
    exec(compile(source, "migrations/migrations.py", "exec"), scope)  # noqa: S102 (our own file, as sqlite-utils runs it)
    return scope["migrations"]
