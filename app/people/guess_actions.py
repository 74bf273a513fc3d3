"""Guesses at a password or a code: five wrong ones lock the account for ten minutes, whichever they were."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlite_utils import Database

from app.audit import store as audit
from app.db import transaction
from app.errors import TooMany
from app.i18n import N_
from app.people import session_store, store

WRONG_PASSWORDS = 5
LOCKED_FOR = timedelta(minutes=10)
LOCKED = N_("密码或验证码连续输错 5 次，账号已锁定 10 分钟。请稍后再试，或请市营商办解锁。")


class Guess(NamedTuple):
    """One try that has been counted, the `nth` since the last right one."""

    attempt_id: int
    nth: int


def count_guess(db: Database, username: str, *, now: datetime) -> Guess:
    """Count a try before it is checked, so that fifty at one instant are not fifty free ones.

    Raises TooMany while the account is locked. A clock set back by a day must not lock it for a day.
    """
    with transaction(db):
        before = session_store.count_attempts(db, username, since=now - LOCKED_FOR, until=now + LOCKED_FOR)
        if before >= WRONG_PASSWORDS:
            raise TooMany(LOCKED)
        return Guess(session_store.insert_attempt(db, username, now=now), before + 1)


def note_wrong(db: Database, username: str, guess: Guess, *, now: datetime) -> None:
    """The try was wrong: the one that locks the account is written to the audit log."""
    if guess.nth == WRONG_PASSWORDS:
        with transaction(db):
            audit.add_entry(db, "account_locked", object_of(db, username), by_id=None, now=now)


def object_of(db: Database, username: str) -> str:
    """The account that a try was about; a name that does not exist may be somebody's password, so it is not kept."""
    user_id = store.get_user_id(db, username)
    return f"user:{user_id}" if user_id else "account"
