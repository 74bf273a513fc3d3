"""Signing in and out, one's sessions and password."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlite_utils import Database
from werkzeug.security import check_password_hash, generate_password_hash

from app.audit import store as audit
from app.clock import from_text
from app.db import transaction
from app.errors import Invalid, NotFound
from app.i18n import N_
from app.people import code_store, session_store, store
from app.people.guess_actions import Guess, count_guess, note_wrong, object_of
from app.people.models import User
from app.people.passwords import PasswordRules, problem_with
from app.permissions import Permission, Role, can

SEEN_EVERY = timedelta(minutes=2)
CODE_WAIT = timedelta(minutes=10)
"""So long after her password a person may give the code; then she begins anew."""
FRESH_FOR = timedelta(minutes=10)
"""So long after giving her password a person may do what asks for it again."""
EXPIRED = N_("这个一次性密码已过期。请联系市营商办重新发放。")
# Checked for names that do not exist, so that the time taken does not tell which do.
_NOBODY = generate_password_hash("nobody has this password")


def hash_of(token: str) -> str:
    """What the database keeps of a session's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _check_password(db: Database, username: str, password: str, *, now: datetime) -> Guess | None:
    """The try, if it is the account's password. Raises TooMany while the account is locked.

    Counted before it is checked; scrypt is slow on purpose, so it runs outside the transaction.
    """
    with transaction(db):
        guess = count_guess(db, username, now=now)
        password_hash = store.get_password_hash(db, username)
    if check_password_hash(password_hash or _NOBODY, password) and password_hash is not None:
        return guess
    note_wrong(db, username, guess, now=now)
    return None


def sign_in(db: Database, *, username: str, password: str, device: str = "", now: datetime) -> User:
    """Check a name and password and open a session.

    Raises TooMany while the account is locked (five wrong passwords lock it for ten minutes), Invalid when wrong or
    when the password was for one use and its days are over.
    """
    guess = _check_password(db, username, password, now=now)
    with transaction(db):
        user = store.get_user_by_username(db, username) if guess else None
        expiry = store.get_password_expiry(db, user.id) if user else None
        is_expired = expiry is not None and from_text(expiry) < now
        if guess is None or user is None or is_expired:
            detail = "one-time password expired" if is_expired else ""
            audit.add_entry(db, "sign_in_refused", object_of(db, username), by_id=None, now=now, detail=detail)
        else:
            user = _open_session(db, user, guess, device=device, now=now)
    if user is None:
        raise Invalid(N_("用户名或密码不对。请核对后再试。"))
    if is_expired:
        raise Invalid(EXPIRED)
    return user


def _open_session(db: Database, user: User, guess: Guess, *, device: str, now: datetime) -> User:
    """A session: to work in, or, for who has set up codes, to give one in (see `code_actions.give`)."""
    token = secrets.token_urlsafe(32)
    authenticator = code_store.get_authenticator(db, user.id) if user.can(Permission.SECOND_STEP) else None
    is_code_due = bool(authenticator and authenticator["confirmed_at"])
    session_store.insert_session(db, hash_of(token), user_id=user.id, device=device, is_code_due=is_code_due, now=now)
    if is_code_due:
        session_store.delete_attempt(db, guess.attempt_id)  # the others count on until the code is right
        return replace(user, session_token=token, due="code")
    session_store.delete_attempts(db, user.username, before=now - timedelta(days=1))
    store.update_signed_in(db, user.id, now=now)
    audit.add_entry(db, "sign_in", f"user:{user.id}", by_id=user.id, now=now)
    return replace(user, session_token=token)


def resume_session(
    db: Database,
    token: str,
    *,
    now: datetime,
    idle: Mapping[Role, timedelta],
    longest: timedelta = timedelta(days=7),
    rules: PasswordRules = PasswordRules(),  # noqa: B008 (frozen)
) -> User | None:
    """Whose session this is, unless it ended, idled too long, grew too old or the account was disabled."""
    row = session_store.get_session(db, hash_of(token))
    if row is None:
        return None
    unused, age = now - from_text(row["seen_at"]), now - from_text(row["opened_at"])
    is_over = age > longest or (row["is_code_due"] and age > CODE_WAIT)
    if is_over or unused > idle[Role(row["role"])]:
        session_store.end_session(db, hash_of(token), now=now)
        return None
    if abs(unused) > SEEN_EVERY:  # below nought where the clock was set back
        session_store.update_session_seen(db, hash_of(token), now=now)
    return session_store.user_of(row, token=token, due=_step_due(row, rules, now))


def _step_due(row, rules: PasswordRules, now: datetime) -> str:
    """What this person must do before anything else: see `app.guard.STEPS`."""
    if row["is_code_due"]:
        return "code"
    if row["way"] != "password":
        return ""
    set_at = from_text(row["password_changed_at"] or row["created_at"])
    is_old = rules.term is not None and now - set_at > rules.term
    if row["is_password_temporary"] or is_old:
        return "password"
    lacks_code = row["code_since"] is None and can(Role(row["role"]), Permission.SECOND_STEP)
    return "second_step" if rules.is_code_required and lacks_code else ""


def sign_out(db: Database, *, by: User, now: datetime) -> None:
    """End this session on the server."""
    with transaction(db):
        session_store.end_session(db, hash_of(by.session_token), now=now)
        audit.add_entry(db, "sign_out", f"user:{by.id}", by_id=by.id, now=now)


def end_session(db: Database, session_id: int, *, by: User, now: datetime) -> None:
    """End one session of one's own, of a phone that was lost for instance. Raises NotFound for anyone else's."""
    with transaction(db):
        if not session_store.end_session_by_id(db, session_id, user_id=by.id, now=now):
            raise NotFound(N_("这次登录已经退出了。"))
        audit.add_entry(db, "sessions_ended", f"user:{by.id}", by_id=by.id, now=now, detail="1")


def end_other_sessions(db: Database, *, by: User, now: datetime) -> int:
    """End every session of one's own but this one; how many."""
    with transaction(db):
        count = session_store.end_other_sessions(db, by.id, keep=hash_of(by.session_token), now=now)
        if count:
            audit.add_entry(db, "sessions_ended", f"user:{by.id}", by_id=by.id, now=now, detail=str(count))
        return count


def is_fresh(user: User, now: datetime) -> bool:
    """Whether the person gave her password in this session within the last ten minutes."""
    return bool(user.confirmed_at) and now - from_text(user.confirmed_at) <= FRESH_FOR


def confirm(db: Database, password: str, *, by: User, now: datetime) -> None:
    """Make sure that it is still she who sits there, before what matters most.

    Nothing is asked within ten minutes of her last word. Raises Invalid naming the field `confirmation`, TooMany while
    the account is locked.
    """
    if is_fresh(by, now):
        return
    if not password or not _check_password(db, by.username, password, now=now):
        raise Invalid(fields={"confirmation": N_("请输入您自己的登录密码。") if not password else N_("密码不对。")})
    with transaction(db):
        session_store.delete_attempts(db, by.username)
        session_store.update_session_confirmed(db, hash_of(by.session_token), now=now)


def change_password(
    db: Database, *, by: User, current: str | None, new: str, rules: PasswordRules, now: datetime
) -> None:
    """Set a new password and end the person's other sessions. Raises Invalid naming the field.

    `current` None: she has just signed in with the one that must be changed.
    """
    if current is None and not is_fresh(by, now):
        raise Invalid(fields={"current": N_("请填写现在的密码。")})
    if current is not None and not _check_password(db, by.username, current, now=now):
        raise Invalid(fields={"current": N_("现在的密码不对。")})
    known = store.get_known(db, by.id)
    problem = problem_with(new, rules=rules, role=by.role, about=_about(known))
    if problem is None and check_password_hash(known["password_hash"], new):
        problem = N_("新密码不能与现在的相同。")
    if problem:
        raise Invalid(fields={"new": problem}, least=rules.length(by.role), kinds=rules.kinds)
    password_hash = generate_password_hash(new)
    with transaction(db):
        store.update_password(db, by.id, password_hash, now=now)
        session_store.delete_attempts(db, by.username)
        session_store.end_other_sessions(db, by.id, keep=hash_of(by.session_token), now=now)
        audit.add_entry(db, "password_changed", f"user:{by.id}", by_id=by.id, now=now)


def _about(known) -> tuple[str, ...]:
    """What anyone may know of her: names, phone, and the name's pinyin, in full and its initials."""
    from pypinyin import Style, lazy_pinyin

    full, initials = lazy_pinyin(known["name"]), lazy_pinyin(known["name"], style=Style.FIRST_LETTER)
    turned = [*full[1:], *full[:1]]
    words = (known["username"], known["name"], known["phone"], *("".join(each) for each in (full, initials, turned)))
    return tuple(word for word in words if word)
