"""Signing in through the city's identity provider: it says who somebody is, never what she may."""

import secrets
from dataclasses import replace
from datetime import datetime

from sqlite_utils import Database

from app.audit import store as audit
from app.db import transaction
from app.errors import Conflict, Invalid
from app.i18n import N_
from app.people import identity_store, session_store, store
from app.people.actions import hash_of
from app.people.models import User

NOT_LINKED = N_("这个统一身份还没有绑定账号，或账号已停用。请先用密码登录，在“我的”页面绑定；没有账号请联系市营商办。")


def sign_in(db: Database, identity: str, *, device: str = "", now: datetime) -> User:
    """Open a session for the account that this identity is linked to. Raises Invalid when there is none.

    Nothing is made and nothing is matched by name: an account and its rights come from the office alone.
    """
    with transaction(db):
        user_id = identity_store.get_user_id_of(db, identity) if identity else None
        user = store.get_user(db, user_id) if user_id else None
        if user is None:
            audit.add_entry(db, "sign_in_refused", "account", by_id=None, now=now, detail="identity provider")
        else:
            token = secrets.token_urlsafe(32)
            session_store.insert_session(db, hash_of(token), user_id=user.id, device=device, way="oidc", now=now)
            store.update_signed_in(db, user.id, now=now)
            audit.add_entry(db, "sign_in", f"user:{user.id}", by_id=user.id, now=now, detail="identity provider")
            user = replace(user, session_token=token)
    if user is None:
        raise Invalid(NOT_LINKED)
    return user


def link(db: Database, identity: str, *, by: User, now: datetime) -> None:
    """From now on this identity signs in to the person's own account.

    Raises Invalid when the provider named nobody, Conflict when the identity is another account's.
    """
    if not identity:
        raise Invalid(N_("统一身份认证没有确认您的身份，没有绑定。请再试一次。"))
    with transaction(db):
        if not identity_store.update_identity(db, by.id, identity):
            raise Conflict(N_("这个统一身份已经绑定了另一个账号。请先在那个账号里解除绑定，或联系市营商办。"))
        audit.add_entry(db, "identity_linked", f"user:{by.id}", by_id=by.id, now=now)


def unlink(db: Database, user_id: int, *, by: User, now: datetime) -> None:
    """The identity signs in no more; sessions opened by it end, but for the one that asks."""
    with transaction(db):
        if not identity_store.has_identity(db, user_id):
            return
        identity_store.update_identity(db, user_id, None)
        session_store.end_other_sessions(db, user_id, keep=hash_of(by.session_token), way="oidc", now=now)
        audit.add_entry(db, "identity_unlinked", f"user:{user_id}", by_id=by.id, now=now)
