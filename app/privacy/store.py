"""What SQLite is told so that what is erased is gone from the disk."""

from sqlite_utils import Database

from app.db import execute


def overwrite_what_is_freed(db: Database) -> None:
    """From now on this connection overwrites what it deletes with zeros."""
    execute(db, "PRAGMA secure_delete = ON")


def empty_log(db: Database) -> None:
    """Carry the write-ahead log over, as far as nobody reads in it, so that it holds nothing of what was erased."""
    execute(db, "PRAGMA wal_checkpoint(TRUNCATE)")
