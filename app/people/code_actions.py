"""The second step at sign-in: a code of an authenticator app, set up, asked for, switched off."""

import secrets
from dataclasses import replace
from datetime import datetime

from sqlite_utils import Database

from app.audit import store as audit
from app.db import transaction
from app.errors import Conflict, Invalid
from app.i18n import N_
from app.people import code_store, codes, session_store, store
from app.people.actions import hash_of
from app.people.guess_actions import count_guess, note_wrong
from app.people.models import User

WRONG = N_("验证码不对，或已经用过。请等手机上换出新的一个再输入。")
NONE_BEGUN = N_("还没有开始设置，或已在别处重新开始。请从这一页重新开始。")


def begin(db: Database, *, by: User) -> None:
    """Make the key for a new set-up, in place of one that was begun and not finished.

    Raises Conflict when there is a finished one: that must be switched off first.
    """
    with transaction(db):
        row = code_store.get_authenticator(db, by.id)
        if row and row["confirmed_at"]:
            raise Conflict(N_("动态验证码已经启用。要换手机，请先停用，再重新设置。"))
        code_store.insert_authenticator(db, by.id, codes.new_salt())


def finish(db: Database, typed: str, *, by: User, secret_key: str, now: datetime) -> list[str]:
    """The phone gives right codes: from now on one is asked for. The recovery codes, told this once.

    The person's other sessions, opened without a code, end. Raises Invalid naming the field `code`, Conflict when no
    set-up is under way.
    """
    row = code_store.get_authenticator(db, by.id)
    if row is None or row["confirmed_at"]:
        raise Conflict(NONE_BEGUN)
    step = codes.step_of(codes.key_of(secret_key, by.id, row["salt"]), codes.plain(typed), now=now)
    if step is None:
        raise Invalid(fields={"code": N_("验证码不对。请核对手机的时间是否准确，再输入最新的 6 位数字。")})
    recovery = codes.new_recovery_codes()
    hashes = [codes.recovery_hash(code, row["salt"]) for code in recovery]
    with transaction(db):
        if not code_store.update_confirmed(db, by.id, salt=row["salt"], step=step, now=now):
            raise Conflict(NONE_BEGUN)
        code_store.insert_recovery_codes(db, by.id, hashes)
        session_store.end_other_sessions(db, by.id, keep=hash_of(by.session_token), now=now)
        audit.add_entry(db, "code_set_up", f"user:{by.id}", by_id=by.id, now=now)
    return recovery


def give(db: Database, typed: str, *, by: User, secret_key: str, now: datetime) -> User:
    """Finish signing in with a code of the app or a recovery code; the person with her session's new token.

    A code counts once. Wrong ones are counted with wrong passwords and lock the account alike. Raises Invalid naming
    the field `code`, TooMany while the account is locked, Conflict when this session asks for none.
    """
    code = codes.plain(typed)
    with transaction(db):
        guess = count_guess(db, by.username, now=now)
        row = code_store.get_authenticator(db, by.id)
    salt = row["salt"] if row else ""
    hashed = codes.recovery_hash(code, salt) if codes.is_recovery(code) else ""
    step = None if hashed else codes.step_of(codes.key_of(secret_key, by.id, salt), code, now=now)
    with transaction(db):
        if hashed:
            is_right = code_store.delete_recovery_code(db, by.id, hashed)
        else:
            is_right = step is not None and code_store.update_last_step(db, by.id, salt=salt, step=step)
        if is_right:
            return _let_in(db, by, "recovery code" if hashed else "code", now=now)
        audit.add_entry(db, "sign_in_refused", f"user:{by.id}", by_id=None, now=now, detail="code")
    note_wrong(db, by.username, guess, now=now)
    raise Invalid(fields={"code": WRONG})


def _let_in(db: Database, by: User, how: str, *, now: datetime) -> User:
    token = secrets.token_urlsafe(32)  # what was known before the last step opens nothing after it
    if not session_store.update_session_complete(db, hash_of(by.session_token), hash_of(token)):
        raise Conflict(N_("这次登录已经结束。请重新登录。"))
    session_store.delete_attempts(db, by.username)
    store.update_signed_in(db, by.id, now=now)
    audit.add_entry(db, "sign_in", f"user:{by.id}", by_id=by.id, now=now, detail=how)
    user = store.get_user(db, by.id)
    assert user is not None  # accounts are never deleted
    return replace(user, session_token=token)


def renew_recovery_codes(db: Database, *, by: User, now: datetime) -> list[str]:
    """New recovery codes in place of the old, told this once. Raises Conflict when no code is asked for at all."""
    row = code_store.get_authenticator(db, by.id)
    if row is None or not row["confirmed_at"]:
        raise Conflict(NONE_BEGUN)
    recovery = codes.new_recovery_codes()
    hashes = [codes.recovery_hash(code, row["salt"]) for code in recovery]
    with transaction(db):
        code_store.insert_recovery_codes(db, by.id, hashes)
        audit.add_entry(db, "recovery_codes_made", f"user:{by.id}", by_id=by.id, now=now)
    return recovery


def switch_off(db: Database, *, by: User, is_required: bool, now: datetime) -> bool:
    """Ask this person for no code any more, or drop a set-up that was begun; whether a code was asked for until now.

    Call it after `app.people.actions.confirm`. Raises Conflict where a code is required.
    """
    with transaction(db):
        row = code_store.get_authenticator(db, by.id)
        is_on = bool(row and row["confirmed_at"])
        if is_on and is_required:
            raise Conflict(N_("本市要求这个角色使用动态验证码，不能停用。换手机请联系市营商办重置。"))
        code_store.delete_authenticator(db, by.id)
        if is_on:
            audit.add_entry(db, "code_switched_off", f"user:{by.id}", by_id=by.id, now=now)
        return is_on
