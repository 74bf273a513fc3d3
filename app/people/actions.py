"""Signing in and out, and changing one's password."""

import hashlib
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from sqlite_utils import Database
from werkzeug.security import check_password_hash, generate_password_hash

from app.audit import store as audit
from app.clock import from_text
from app.db import transaction
from app.errors import Invalid, TooMany
from app.i18n import N_
from app.people import store
from app.people.models import User
from app.permissions import Role

WRONG_PASSWORDS = 5
LOCKED_FOR = timedelta(minutes=10)
SEEN_EVERY = timedelta(minutes=2)
PASSWORD_LENGTH = 8
LOCKED = N_("密码连续输错 5 次，账号已锁定 10 分钟。请稍后再试，或请市营商办重置密码。")
# Checked for names that do not exist, so that the time taken does not tell which do.
_NOBODY = generate_password_hash("nobody has this password")


def hash_of(token: str) -> str:
    """What the database keeps of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _check_password(db: Database, username: str, password: str, *, now: datetime) -> bool:
    """Whether it is the account's password. Raises TooMany while the account is locked.

    Counted before it is checked, so that fifty guesses at one instant are not fifty free ones; scrypt is slow on
    purpose, so it runs outside the transaction.
    """
    with transaction(db):
        if store.count_attempts(db, username, since=now - LOCKED_FOR) >= WRONG_PASSWORDS:
            raise TooMany(LOCKED)
        store.insert_attempt(db, username, now=now)
        password_hash = store.get_password_hash(db, username)
    return check_password_hash(password_hash or _NOBODY, password) and password_hash is not None


def sign_in(db: Database, *, username: str, password: str, now: datetime) -> User:
    """Check a name and password and open a session.

    Raises TooMany while the account is locked (five wrong passwords lock it for ten minutes), Invalid when wrong.
    """
    is_right = _check_password(db, username, password, now=now)
    with transaction(db):
        user = store.get_user_by_username(db, username) if is_right else None
        if user is None:
            audit.add_entry(db, "sign_in_refused", "account", by_id=None, now=now)
        else:
            token = secrets.token_urlsafe(32)
            store.delete_attempts(db, username, before=now - timedelta(days=1))
            store.insert_session(db, hash_of(token), user_id=user.id, now=now)
            audit.add_entry(db, "sign_in", f"user:{user.id}", by_id=user.id, now=now)
    if user is None:
        raise Invalid(N_("用户名或密码不对。请核对后再试。"))
    return replace(user, session_token=token)


def resume_session(db: Database, token: str, *, now: datetime, idle: dict[Role, timedelta]) -> User | None:
    """Whose session this is, unless it ended, idled too long or the account was disabled."""
    found = store.get_user_by_session(db, hash_of(token), token)
    if found is None:
        return None
    user, seen_at = found
    unused = now - from_text(seen_at)
    if unused > idle[user.role]:
        store.end_session(db, hash_of(token), now=now)
        return None
    if unused > SEEN_EVERY:
        store.update_session_seen(db, hash_of(token), now=now)
    return user


def sign_out(db: Database, *, by: User, now: datetime) -> None:
    """End this session on the server."""
    with transaction(db):
        store.end_session(db, hash_of(by.session_token), now=now)
        audit.add_entry(db, "sign_out", f"user:{by.id}", by_id=by.id, now=now)


def change_password(db: Database, *, by: User, current: str, new: str, now: datetime) -> None:
    """Set a new password and end the person's other sessions. Raises Invalid naming the field."""
    if not _check_password(db, by.username, current, now=now):
        raise Invalid(fields={"current": N_("现在的密码不对。")})
    if len(new) < PASSWORD_LENGTH or new == by.username:
        raise Invalid(fields={"new": N_("新密码至少 8 位，且不能与用户名相同。")})
    password_hash = generate_password_hash(new)
    with transaction(db):
        store.update_password(db, by.id, password_hash)
        store.delete_attempts(db, by.username)
        store.end_other_sessions(db, by.id, keep=hash_of(by.session_token), now=now)
        audit.add_entry(db, "password_changed", f"user:{by.id}", by_id=by.id, now=now)
