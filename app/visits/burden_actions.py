"""Laying down what officers are asked. What a phone froze before that is taken all the same."""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from sqlite_utils import Database

from app.audit import store as audit
from app.db import transaction
from app.errors import Conflict, Invalid
from app.i18n import N_
from app.people.models import User
from app.visits import burden_store as store
from app.visits.burden import FEWEST, GOVERNED, MOST, Asked, Burden, Use

CHANGED = N_("刚刚有人改过这一页，您的修改没有保存。请刷新页面，看过最新内容后再改。")
TOO_MANY = N_("必填共 %(count)d 项，超过上限 %(limit)d 项。请先把别的改为可不填，或提高上限。")


def state_of(burden: Burden) -> str:
    """A short mark of what is laid down, so that a save knows whether someone else was faster."""
    said = [str(burden.limit), *(f"{each.key}={burden.of(each.key)}" for each in GOVERNED)]
    return hashlib.sha256("\x1f".join(said).encode()).hexdigest()[:16]


def change_burden(
    db: Database, fields: Mapping[str, Asked], *, limit: int, required_count: int, was: str, by: User, now: datetime
) -> None:
    """Lay down how the fields are asked. `required_count`: how many must be filled in then, counted from the forms.

    Raises Invalid beyond the limit or where a field can never be required, Conflict when someone was faster.
    """
    wrong = {}
    for each in GOVERNED:
        if fields[each.key].use is Use.REQUIRED and not each.may_be_required:
            wrong[f"use_{each.key}"] = N_("照片不能要求必填。")
    if not FEWEST <= limit <= MOST:
        wrong["limit"] = N_("请从列表中选择。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction(db):
        before = store.get_burden(db)
        if state_of(before) != was:
            raise Conflict(CHANGED)
        if required_count > limit:
            raise Invalid(TOO_MANY, count=required_count, limit=limit)
        changes = _changes(before, Burden(fields, limit))
        if changes:
            store.replace_burden(db, fields, limit=limit)
            audit.add_entry(db, "setting_changed", "setting:burden", by_id=by.id, now=now, detail="; ".join(changes))


def _changes(before: Burden, after: Burden) -> list[str]:
    """As in 'notes: shown → required'."""
    found = []
    for each in GOVERNED:
        old, new = before.of(each.key), after.of(each.key)
        if old.use is not new.use:
            found.append(f"{each.key}: {old.use} → {new.use}")
        elif old.purpose != new.purpose:
            found.append(f"{each.key}: purpose")
    return found + ([f"limit: {before.limit} → {after.limit}"] if before.limit != after.limit else [])
