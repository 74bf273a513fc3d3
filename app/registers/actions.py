"""Changing the office's lists. Nothing is deleted: cases, rules and phones refer to it for as long as they live."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlite_utils import Database

from app.audit import store as audit
from app.clock import day_of
from app.db import transaction
from app.departments import register_store as registers
from app.departments import roster_store as rosters
from app.departments import store as departments
from app.errors import Conflict, Invalid, NotFound
from app.i18n import N_
from app.issues import open_store
from app.people.models import User
from app.rules import store as rules

NO_SUCH_CATEGORY = N_("没有这个问题类别。请从列表里选择。")
NO_SUCH_DEPARTMENT = N_("没有这个责任单位。请从列表里选择。")
CHANGED = N_("刚刚有人改过这一条，您的修改没有保存。请刷新页面，看过最新内容后再改。")
NAME_TAKEN = N_("这个名称已经有了（停用的也算）。请换一个，或把停用的恢复使用。")
LAST_ONE = N_("至少要留一个问题类别，这是最后一个，不能停用。")
STILL_BUSY = N_("还有 %(issues)d 件在办问题、%(rules)d 条派单规则属于这个单位。请先改派问题、修改规则，再停用。")


def state_of(row: Mapping[str, Any] | Any) -> str:
    """A short mark of what a row says, so that a save knows whether someone else was faster."""
    said = "\x1f".join(str(row[key]) for key in sorted(row.keys()) if key != "position")
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def save_category(
    db: Database, category_id: int | None, typed: dict[str, Any], *, was: str, by: User, now: datetime
) -> int:
    """Add a category, or store how one is called now; its id. Raises Invalid for a name that is taken, Conflict."""
    answering = typed.pop("answering_ids")
    with transaction(db):
        _refuse_taken(db, "categories", ("name", "name_en"), typed, but_id=category_id)
        if category_id is None:
            saved_id, detail = registers.insert_category(db, typed), f"+ {typed['name']}"
        else:
            saved_id, old = category_id, _category(db, category_id)
            _refuse_changed(old, was)
            registers.update_category(db, saved_id, typed)
            detail = typed["name"] if old["name"] == typed["name"] else f"{old['name']} → {typed['name']}"
        registers.replace_answering(db, saved_id, answering)
        audit.add_entry(db, "category_changed", f"category:{saved_id}", by_id=by.id, now=now, detail=detail)
        return saved_id


def use_category(db: Database, category_id: int, *, is_active: bool, by: User, now: datetime) -> bool:
    """Take a category out of use, or back into it; whether that changed anything. What has it keeps it.

    Raises NotFound, Conflict for the last one in use.
    """
    with transaction(db):
        row = _category(db, category_id)
        if bool(row["is_active"]) == is_active:
            return False
        if not is_active and len(departments.list_categories(db)) == 1:
            raise Conflict(LAST_ONE)
        registers.update_category_use(db, category_id, is_active=is_active)
        _tell_use(db, "category", row, is_active=is_active, by=by, now=now)
        return True


def move_category(db: Database, category_id: int, *, up: bool, by: User, now: datetime) -> None:
    """Let a category in use change places with its neighbour; at the end of the list nothing happens."""
    with transaction(db):
        row = _category(db, category_id)
        shown = [each["id"] for each in departments.list_categories(db)]
        if category_id not in shown:
            raise NotFound(NO_SUCH_CATEGORY)
        at = shown.index(category_id)
        to = at - 1 if up else at + 1
        if not 0 <= to < len(shown):
            return
        shown[at], shown[to] = shown[to], shown[at]
        retired = [each["id"] for each in registers.list_all_categories(db) if not each["is_active"]]
        registers.update_order(db, [*shown, *retired])
        detail = f"{row['name']} {at + 1} → {to + 1}"
        audit.add_entry(db, "category_changed", f"category:{category_id}", by_id=by.id, now=now, detail=detail)


def save_department(
    db: Database, department_id: int | None, typed: dict[str, Any], *, was: str, by: User, now: datetime
) -> int:
    """Add a department, or store how one is called now; its id. Raises Invalid for a name that is taken, Conflict."""
    with transaction(db):
        _refuse_taken(db, "departments", ("name", "short_name"), typed, but_id=department_id)
        if department_id is None:
            saved_id, detail = rosters.insert_department(db, typed), f"+ {typed['name']}"
        else:
            saved_id, old = department_id, _department(db, department_id)
            _refuse_changed(old, was)
            rosters.update_department(db, saved_id, {**typed, "is_active": old["is_active"]})
            detail = typed["name"] if old["name"] == typed["name"] else f"{old['name']} → {typed['name']}"
        audit.add_entry(db, "department_changed", f"department:{saved_id}", by_id=by.id, now=now, detail=detail)
        return saved_id


def use_department(db: Database, department_id: int, *, is_active: bool, by: User, now: datetime) -> bool:
    """Take a department out of use, or back into it; whether that changed anything.

    Raises NotFound, and Conflict while it still leads open issues or a rule in force or to come sends it any.
    """
    with transaction(db):
        row = _department(db, department_id)
        if bool(row["is_active"]) == is_active:
            return False
        if not is_active:
            open_count, rule_count = burden_of(db, department_id, today=day_of(now))
            if open_count or rule_count:
                raise Conflict(STILL_BUSY, issues=open_count, rules=rule_count)
        registers.update_department_use(db, department_id, is_active=is_active)
        _tell_use(db, "department", row, is_active=is_active, by=by, now=now)
        return True


def burden_of(db: Database, department_id: int, *, today: date) -> tuple[int, int]:
    """What must go elsewhere before a department is retired: its open issues, and the rules that still name it."""
    named = [
        rule
        for rule in rules.list_routing_rules(db)
        if (rule.valid_to is None or rule.valid_to > today)
        and department_id in (rule.department_id, *rule.assisting_ids)
    ]
    return open_store.count_open_of_department(db, department_id), len(named)


def _category(db: Database, category_id: int) -> Any:
    row = registers.get_any_category(db, category_id)
    if row is None:
        raise NotFound(NO_SUCH_CATEGORY)
    return row


def _department(db: Database, department_id: int) -> Any:
    row = departments.get_department(db, department_id)
    if row is None:
        raise NotFound(NO_SUCH_DEPARTMENT)
    return row


def _refuse_changed(row: Any, was: str) -> None:
    if state_of(row) != was:
        raise Conflict(CHANGED)


def _refuse_taken(
    db: Database, table: str, columns: tuple[str, ...], typed: Mapping[str, Any], *, but_id: int | None
) -> None:
    taken = {
        column: NAME_TAKEN for column in columns if registers.has_other(db, table, column, typed[column], but_id=but_id)
    }
    if taken:
        raise Invalid(fields=taken)


def _tell_use(db: Database, what: str, row: Any, *, is_active: bool, by: User, now: datetime) -> None:
    detail = f"{row['name']}: {'in use' if is_active else 'retired'}"
    audit.add_entry(db, f"{what}_changed", f"{what}:{row['id']}", by_id=by.id, now=now, detail=detail)
