"""The SQL on authenticator codes: whose phone holds a key, which step was used last, which recovery codes are left."""

from collections.abc import Iterable
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_one, fetch_value


def get_authenticator(db: Database, user_id: int):
    """What is kept of a person's authenticator (salt, confirmed_at, last_step), or None."""
    return fetch_one(
        db, "SELECT salt, confirmed_at, last_step FROM authenticators WHERE user_id = :id", {"id": user_id}
    )


def insert_authenticator(db: Database, user_id: int, salt: str) -> None:
    """Begin a set-up, in place of one that was not finished."""
    execute(
        db,
        """
        INSERT INTO authenticators (user_id, salt) VALUES (:id, :salt)
        ON CONFLICT (user_id) DO UPDATE SET salt = excluded.salt, last_step = 0 WHERE confirmed_at IS NULL
        """,
        {"id": user_id, "salt": salt},
    )


def update_confirmed(db: Database, user_id: int, *, salt: str, step: int, now: datetime) -> bool:
    """The phone gave a right code, so the set-up is finished; False when another was begun meanwhile."""
    return (
        execute(
            db,
            """
            UPDATE authenticators SET confirmed_at = :now, last_step = :step
            WHERE user_id = :id AND salt = :salt AND confirmed_at IS NULL
            """,
            {"id": user_id, "salt": salt, "step": step, "now": to_text(now)},
        )
        == 1
    )


def update_last_step(db: Database, user_id: int, *, salt: str, step: int) -> bool:
    """Use up a step of time; False when it, or a later one, was used already."""
    return (
        execute(
            db,
            """
            UPDATE authenticators SET last_step = :step
            WHERE user_id = :id AND salt = :salt AND confirmed_at IS NOT NULL AND last_step < :step
            """,
            {"id": user_id, "salt": salt, "step": step},
        )
        == 1
    )


def delete_authenticator(db: Database, user_id: int) -> bool:
    """Ask this person for no code any more; whether there was an authenticator, set up or begun."""
    execute(db, "DELETE FROM recovery_codes WHERE user_id = :id", {"id": user_id})
    return execute(db, "DELETE FROM authenticators WHERE user_id = :id", {"id": user_id}) == 1


def insert_recovery_codes(db: Database, user_id: int, hashes: Iterable[str]) -> None:
    """Put these in place of those there were."""
    execute(db, "DELETE FROM recovery_codes WHERE user_id = :id", {"id": user_id})
    for code_hash in hashes:
        execute(
            db,
            "INSERT INTO recovery_codes (user_id, code_hash) VALUES (:id, :hash)",
            {"id": user_id, "hash": code_hash},
        )


def delete_recovery_code(db: Database, user_id: int, code_hash: str) -> bool:
    """Use up a recovery code; False when there is none like it."""
    return (
        execute(
            db,
            "DELETE FROM recovery_codes WHERE user_id = :id AND code_hash = :hash",
            {"id": user_id, "hash": code_hash},
        )
        == 1
    )


def count_recovery_codes(db: Database, user_id: int) -> int:
    """How many are left."""
    return fetch_value(db, "SELECT count(*) FROM recovery_codes WHERE user_id = :id", {"id": user_id})
