"""What the office does with accounts. Each change ends or spares the sessions as its docstring says."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlite_utils import Database
from werkzeug.security import generate_password_hash

from app.accounts.models import AccountInput, Slip
from app.audit import store as audit
from app.db import IntegrityError, transaction
from app.errors import Conflict, Invalid, NotFound
from app.i18n import N_
from app.people import account_store as accounts
from app.people import code_store
from app.people import session_store as sessions
from app.people import store as people
from app.people.models import NO_PASSWORD, User
from app.people.passwords import PasswordRules, one_time_password
from app.permissions import Role

NO_SUCH_ACCOUNT = N_("没有这个账号。请从账号列表里选择。")
CHANGED_MEANWHILE = N_("别人刚改过这个账号。下面是现在的内容，请重新填写要改的地方。")
LAST_OFFICE = N_("这是最后一个能登录的市营商办账号，停用或改角色后就没有人能管理账号了。请先再开一个。")
NOT_ONESELF = N_("不能停用自己的账号，也不能改自己的角色。请另一位市营商办同事来做。")
HASHERS = 2
"""Threads that compute hashes of a batch: scrypt takes 16 MB and about 50 ms each, and works beside Python."""


def create_account(db: Database, new: AccountInput, *, by: User, rules: PasswordRules, now: datetime) -> Slip:
    """Add an account with a password for one use. Raises Invalid naming the field when the user name is taken."""
    password = one_time_password()
    password_hash = generate_password_hash(password)
    expires_at = now + timedelta(days=rules.one_time_days)
    try:
        with transaction(db):
            user_id = people.insert_user(db, **asdict(new), password_hash=NO_PASSWORD, now=now)
            accounts.update_one_time_password(db, user_id, password_hash, expires_at=expires_at, is_first=True)
            audit.add_entry(db, "account_created", f"user:{user_id}", by_id=by.id, now=now, detail=new.role.value)
            audit.add_entry(db, "password_handed_out", f"user:{user_id}", by_id=by.id, now=now)
            row = _account(db, user_id)
    except IntegrityError as error:
        raise Invalid(fields={"username": N_("这个用户名已经有人用了，请换一个。")}) from error
    return _slip(row, password, expires_at)


def change_account(
    db: Database, user_id: int, new: AccountInput, *, version: int, by: User, now: datetime
) -> list[str]:
    """Change name, role, place and contact of an account; the names of what changed.

    Whoever gets another role or place signs in anew. Raises Conflict when someone changed it first, or when nobody
    would be left to keep accounts.
    """
    with transaction(db):
        before = _account(db, user_id)
        values = {name: value for name, value in asdict(new).items() if name != "username"}
        changed = [name for name, value in values.items() if before[name] != value]
        is_moved = any(name in changed for name in ("role", "district_id", "department_id"))
        if "role" in changed:
            _refuse_oneself_and_last(db, before, by)
        if not accounts.update_account(db, user_id, values, version=version):
            raise Conflict(CHANGED_MEANWHILE)
        if not changed:
            return []
        if is_moved:
            sessions.end_other_sessions(db, user_id, now=now)
        detail = f"{before['role']} → {new.role.value}" if "role" in changed else ", ".join(changed)
        audit.add_entry(db, "account_changed", f"user:{user_id}", by_id=by.id, now=now, detail=detail)
        return changed


def disable_account(db: Database, user_id: int, *, by: User, now: datetime) -> None:
    """Let the person in no more, at once: her sessions end. Nothing she did changes."""
    with transaction(db):
        before = _account(db, user_id)
        _refuse_oneself_and_last(db, before, by)
        if accounts.update_active(db, user_id, is_active=False):
            sessions.end_other_sessions(db, user_id, now=now)
            audit.add_entry(db, "account_disabled", f"user:{user_id}", by_id=by.id, now=now)


def enable_account(db: Database, user_id: int, *, by: User, now: datetime) -> None:
    """Let the person in again, with the password she had."""
    with transaction(db):
        _account(db, user_id)
        if accounts.update_active(db, user_id, is_active=True):
            audit.add_entry(db, "account_enabled", f"user:{user_id}", by_id=by.id, now=now)


def reset_password(db: Database, user_id: int, *, by: User, rules: PasswordRules, now: datetime) -> Slip:
    """Give a new password for one use in place of a forgotten one; every session ends and a lock is lifted.

    Raises Conflict for a disabled account and for one's own (which has its page).
    """
    password = one_time_password()
    password_hash = generate_password_hash(password)
    expires_at = now + timedelta(days=rules.one_time_days)
    with transaction(db):
        row = _account(db, user_id)
        if not row["is_active"]:
            raise Conflict(N_("这个账号已停用。请先启用，再发放密码。"))
        if user_id == by.id:
            raise Conflict(N_("自己的密码请在“我的”页面修改。"))
        accounts.update_one_time_password(db, user_id, password_hash, expires_at=expires_at, is_first=False)
        sessions.delete_attempts(db, row["username"])
        sessions.end_other_sessions(db, user_id, now=now)
        audit.add_entry(db, "password_handed_out", f"user:{user_id}", by_id=by.id, now=now)
    return _slip(row, password, expires_at)


def reset_code(db: Database, user_id: int, *, by: User, now: datetime) -> None:
    """Ask for no authenticator code any more, since the phone with the key is gone; every session ends.

    Raises Conflict for one's own account (which has its page) and where no code is asked for.
    """
    with transaction(db):
        _account(db, user_id)
        if user_id == by.id:
            raise Conflict(N_("自己的动态验证码请在“我的”页面停用。"))
        if not code_store.delete_authenticator(db, user_id):
            raise Conflict(N_("这个账号没有启用动态验证码。"))
        sessions.end_other_sessions(db, user_id, now=now)
        audit.add_entry(db, "code_reset", f"user:{user_id}", by_id=by.id, now=now)


def hand_out(db: Database, user_ids: Sequence[int], *, by: User, rules: PasswordRules, now: datetime) -> list[Slip]:
    """Passwords for one use for accounts whose people never signed in; whoever did meanwhile is left out.

    The hashes are computed before the one transaction that stores them all: a process that dies has changed nothing,
    and an answer that is lost on its way costs nothing, since whoever never signed in can be given another.
    """
    rows = accounts.list_by_id(db, user_ids)
    passwords = [one_time_password() for _ in rows]
    with ThreadPoolExecutor(HASHERS) as pool:
        hashes = list(pool.map(generate_password_hash, passwords))
    expires_at = now + timedelta(days=rules.one_time_days)
    slips = []
    with transaction(db):
        for row, password, password_hash in zip(rows, passwords, hashes, strict=True):
            if accounts.update_one_time_password(db, row["id"], password_hash, expires_at=expires_at, is_first=True):
                sessions.delete_attempts(db, row["username"])
                audit.add_entry(db, "password_handed_out", f"user:{row['id']}", by_id=by.id, now=now)
                slips.append(_slip(row, password, expires_at))
    return slips


def let_office_in(db: Database, username: str, *, name: str, rules: PasswordRules, now: datetime) -> Slip:
    """From the server's own command line: an office account with a password for one use, made if it is not there.

    The first account of a city, and the way back when nobody can sign in who keeps accounts: every session of it ends,
    a lock is lifted and no code is asked for. Raises Conflict when the account has another role or is disabled.
    """
    password = one_time_password()
    password_hash = generate_password_hash(password)
    expires_at = now + timedelta(days=rules.one_time_days)
    with transaction(db):
        user = people.get_user_by_username(db, username)
        if user is not None and user.role is not Role.OFFICE:
            raise Conflict(N_("这个用户名是别的角色的账号，请换一个用户名。"))
        if user is None:
            new = AccountInput(username, name, Role.OFFICE, None, None, phone="", unit="", title="")
            try:
                user_id = people.insert_user(db, **asdict(new), password_hash=NO_PASSWORD, now=now)
            except IntegrityError as error:
                raise Conflict(N_("这个用户名的账号已停用，请换一个用户名。")) from error
            audit.add_entry(db, "account_created", f"user:{user_id}", by_id=None, now=now, detail=Role.OFFICE.value)
        else:
            user_id = user.id
            sessions.delete_attempts(db, username)
            sessions.end_other_sessions(db, user_id, now=now)
            if code_store.delete_authenticator(db, user_id):
                audit.add_entry(db, "code_reset", f"user:{user_id}", by_id=None, now=now)
        accounts.update_one_time_password(db, user_id, password_hash, expires_at=expires_at, is_first=user is None)
        audit.add_entry(db, "password_handed_out", f"user:{user_id}", by_id=None, now=now)
        return _slip(_account(db, user_id), password, expires_at)


def unlock_account(db: Database, user_id: int, *, by: User, now: datetime) -> None:
    """Forget the wrong passwords that locked an account."""
    with transaction(db):
        row = _account(db, user_id)
        sessions.delete_attempts(db, row["username"])
        audit.add_entry(db, "account_unlocked", f"user:{user_id}", by_id=by.id, now=now)


def end_sessions(db: Database, user_id: int, *, by: User, now: datetime) -> int:
    """Sign a person out everywhere; how many sessions were open."""
    with transaction(db):
        _account(db, user_id)
        count = sessions.end_other_sessions(db, user_id, now=now)
        audit.add_entry(db, "sessions_ended", f"user:{user_id}", by_id=by.id, now=now, detail=str(count))
        return count


def _account(db: Database, user_id: int) -> Any:
    row = accounts.get_account(db, user_id)
    if row is None:
        raise NotFound(NO_SUCH_ACCOUNT)
    return row


def _refuse_oneself_and_last(db: Database, row, by: User) -> None:
    if row["id"] == by.id:
        raise Conflict(NOT_ONESELF)
    if row["role"] == Role.OFFICE and not accounts.count_active(db, Role.OFFICE, except_id=row["id"]):
        raise Conflict(LAST_OFFICE)


def _slip(row, password: str, expires_at: datetime) -> Slip:
    place = row["department"] or row["district"] or ""
    return Slip(row["id"], row["username"], row["name"], place, password, expires_at)
