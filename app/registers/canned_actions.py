"""Changing canned answers: the office the city's, handlers their department's. An answer once sent keeps its words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from app.audit import store as audit
from app.db import transaction
from app.errors import Conflict, Invalid, NotFound
from app.i18n import N_
from app.people.models import User
from app.registers import canned_store as store
from app.registers.actions import CHANGED

NO_SUCH_ANSWER = N_("没有这条标准答复，或不由您的单位维护。请从列表里选择。")
TITLE_TAKEN = N_("已有同名的标准答复（停用的也算）。请换一个名称，或改那一条。")


def is_kept_by(row: Any, user: User) -> bool:
    """Whether she may change it: it is her department's, or she is the office and it is the city's."""
    return bool(row["department_id"] == user.department_id)


def save_answer(
    db: Database, answer_id: int | None, typed: Mapping[str, Any], *, version: int | None, by: User, now: datetime
) -> int:
    """Add one for her department (the office: for the city), or store how it reads now; its id.

    Raises Invalid for a name that is taken, NotFound for what is not hers, Conflict when someone was faster.
    """
    with transaction(db):
        if store.has_title(db, typed["title"], department_id=by.department_id, but_id=answer_id):
            raise Invalid(fields={"title": TITLE_TAKEN})
        if answer_id is None:
            saved_id, detail = store.insert_answer(db, department_id=by.department_id, **typed), f"+ {typed['title']}"
        else:
            saved_id, old = answer_id, own_answer(db, answer_id, by=by)
            if version is None or not store.update_answer(db, saved_id, version=version, **typed):
                raise Conflict(CHANGED)
            detail = typed["title"] if old["title"] == typed["title"] else f"{old['title']} → {typed['title']}"
        _tell(db, saved_id, detail, by=by, now=now)
        return saved_id


def use_answer(db: Database, answer_id: int, *, is_active: bool, by: User, now: datetime) -> None:
    """Take one out of use, or back into it. Raises NotFound."""
    with transaction(db):
        row = own_answer(db, answer_id, by=by)
        if bool(row["is_active"]) != is_active:
            store.update_answer_use(db, answer_id, is_active=is_active)
            _tell(db, answer_id, f"{row['title']}: {'in use' if is_active else 'retired'}", by=by, now=now)


def own_answer(db: Database, answer_id: int, *, by: User) -> Any:
    """One that she may change. Raises NotFound."""
    row = store.get_answer(db, answer_id, visible_to=by)
    if row is None or not is_kept_by(row, by):
        raise NotFound(NO_SUCH_ANSWER)
    return row


def _tell(db: Database, answer_id: int, detail: str, *, by: User, now: datetime) -> None:
    audit.add_entry(db, "canned_changed", f"canned:{answer_id}", by_id=by.id, now=now, detail=detail)
