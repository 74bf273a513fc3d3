"""Every SQL statement on sessions, and on tries at signing in."""

from dataclasses import replace
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all, fetch_one, fetch_value, insert
from app.people.models import User
from app.people.store import COLUMNS, user_in


def get_session(db: Database, token_hash: str):
    """The open session of an active account with what its person must do first, or None."""
    return fetch_one(
        db,
        f"""
        SELECT {COLUMNS}, u.is_password_temporary, u.password_changed_at, u.created_at, s.created_at AS opened_at,
          s.seen_at, s.way, s.is_code_due, s.confirmed_at, a.confirmed_at AS code_since
        FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN authenticators a ON a.user_id = u.id
        WHERE s.token_hash = :hash AND s.ended_at IS NULL AND u.is_active = 1
        """,  # noqa: S608
        {"hash": token_hash},
    )


def user_of(row, *, token: str, due: str) -> User:
    """The person of a session's row."""
    return replace(user_in(row, token), due=due, confirmed_at=row["confirmed_at"] or "")


def insert_session(
    db: Database,
    token_hash: str,
    *,
    user_id: int,
    device: str = "",
    way: str = "password",
    is_code_due: bool = False,
    now: datetime,
) -> int:
    """Open a session; `device` is a word or two that its owner knows it by. `is_code_due`: not yet signed in."""
    return insert(
        db,
        """
        INSERT INTO sessions (token_hash, user_id, created_at, seen_at, confirmed_at, device, way, is_code_due)
        VALUES (:hash, :user_id, :now, :now, :confirmed_at, :device, :way, :is_code_due)
        """,
        {
            "hash": token_hash,
            "user_id": user_id,
            "now": to_text(now),
            "device": device,
            "way": way,
            "confirmed_at": to_text(now) if way == "password" else None,  # of her own password, which she did not give
            "is_code_due": int(is_code_due),
        },
    )


def update_session_complete(db: Database, token_hash: str, new_token_hash: str) -> bool:
    """The code was right: the session opens everything, under a new token; False when it ended meanwhile."""
    return (
        execute(
            db,
            """
            UPDATE sessions SET token_hash = :new, is_code_due = 0
            WHERE token_hash = :old AND is_code_due = 1 AND ended_at IS NULL
            """,
            {"new": new_token_hash, "old": token_hash},
        )
        == 1
    )


def update_session_confirmed(db: Database, token_hash: str, *, now: datetime) -> None:
    """Remember that the person gave her password again."""
    execute(
        db,
        "UPDATE sessions SET confirmed_at = :now WHERE token_hash = :hash",
        {"hash": token_hash, "now": to_text(now)},
    )


def list_sessions(db: Database, user_id: int, *, seen_since: datetime) -> list:
    """Open sessions of a person that were used since then, the latest first; none that waits for its code."""
    return fetch_all(
        db,
        """
        SELECT id, token_hash, created_at, seen_at, device, way FROM sessions
        WHERE user_id = :id AND ended_at IS NULL AND is_code_due = 0 AND seen_at >= :since
        ORDER BY seen_at DESC, id DESC
        """,
        {"id": user_id, "since": to_text(seen_since)},
    )


def end_session_by_id(db: Database, session_id: int, *, user_id: int, now: datetime) -> bool:
    """End one session of this person; whether it was open."""
    return (
        execute(
            db,
            "UPDATE sessions SET ended_at = :now WHERE id = :id AND user_id = :user_id AND ended_at IS NULL",
            {"id": session_id, "user_id": user_id, "now": to_text(now)},
        )
        == 1
    )


def update_session_seen(db: Database, token_hash: str, *, now: datetime) -> None:
    """Remember that the session was used."""
    execute(
        db, "UPDATE sessions SET seen_at = :now WHERE token_hash = :hash", {"hash": token_hash, "now": to_text(now)}
    )


def end_session(db: Database, token_hash: str, *, now: datetime) -> None:
    """End one session."""
    execute(
        db,
        "UPDATE sessions SET ended_at = :now WHERE token_hash = :hash AND ended_at IS NULL",
        {"hash": token_hash, "now": to_text(now)},
    )


def end_other_sessions(db: Database, user_id: int, *, keep: str = "", way: str = "", now: datetime) -> int:
    """End every session of a person but this one (all of them without `keep`), or those opened this `way`; how many."""
    return execute(
        db,
        """
        UPDATE sessions SET ended_at = :now
        WHERE user_id = :id AND token_hash <> :keep AND ended_at IS NULL AND :way IN ('', way)
        """,
        {"id": user_id, "keep": keep, "way": way, "now": to_text(now)},
    )


def end_all_sessions(db: Database, *, now: datetime) -> None:
    """End every session of everybody."""
    execute(db, "UPDATE sessions SET ended_at = :now WHERE ended_at IS NULL", {"now": to_text(now)})


def count_attempts(db: Database, username: str, *, since: datetime, until: datetime) -> int:
    """Wrong passwords for this name in between, whether or not there is such an account.

    `until` lies ahead a little: a clock set back by a day must not lock an account for a day.
    """
    return fetch_value(
        db,
        "SELECT count(*) FROM sign_in_attempts WHERE username = :username AND at > :since AND at <= :until",
        {"username": username, "since": to_text(since), "until": to_text(until)},
    )


def insert_attempt(db: Database, username: str, *, now: datetime) -> int:
    """Remember a try until it turns out right; its id."""
    return insert(
        db,
        "INSERT INTO sign_in_attempts (username, at) VALUES (:username, :now)",
        {"username": username, "now": to_text(now)},
    )


def delete_attempt(db: Database, attempt_id: int) -> None:
    """Forget one try, which was right, and none of those before it."""
    execute(db, "DELETE FROM sign_in_attempts WHERE id = :id", {"id": attempt_id})


def delete_attempts(db: Database, username: str, *, before: datetime | None = None) -> None:
    """Forget wrong passwords of this name (after a right one); older ones of every name with `before`."""
    execute(
        db,
        "DELETE FROM sign_in_attempts WHERE username = :username OR at < :before",
        {"username": username, "before": to_text(before) if before else ""},
    )
