"""A page of an import's rows as it is shown: in words, contact numbers masked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app
from sqlite_utils import Database

from app.departments import store as departments
from app.filters import masked_phone
from app.firms.models import FIRM_STATUS_NAMES, FirmStatus
from app.i18n import N_
from app.places import store as places
from app.rosters import lookup_store, sheet_store
from app.rosters.assignment_rows import ROLES
from app.rosters.firm_rows import INDUSTRIES, SIZES, status_words
from app.rosters.models import SHEET, Change, Kind, Reason, Value, Verdict
from app.translation import gettext as _

PER_PAGE = 100

FIELD_NAMES = {
    "name": N_("名称"),
    "credit_code": N_("信用代码"),
    "district_id": N_("区县"),
    "township_id": N_("乡镇街道"),
    "address": N_("地址"),
    "industry": N_("行业"),
    "size": N_("规模"),
    "contact_name": N_("联系人"),
    "contact_phone": N_("联系电话"),
    "status": N_("企业现状"),
    "officer_id": N_("首席服务官"),
    "phone": N_("手机号"),
    "department_id": N_("责任单位"),
    "unit": N_("工作单位"),
    "title": N_("职务"),
    "username": N_("用户名"),
    "is_active": N_("账号状态"),
    "short_name": N_("简称"),
    "aliases": N_("曾用名"),
    "matters": N_("职责事项"),
    "keywords": N_("关键词"),
    "name_en": N_("英文名称"),
    "lead_id": N_("包联人"),
    "deputy_id": N_("协助"),
}
"""What the fields of all rosters are called on the page."""

_SAID_OF_NEW = ("credit_code", "username", "short_name", "phone", "contact_phone")


@dataclass(frozen=True)
class Line:
    """One row: its line in the file (None for what is not in it), what changes (field, old, new), what to say of it."""

    number: int
    line: int | None
    label: str
    facts: Sequence[str]
    changes: Sequence[tuple[str, str, str]]
    reasons: Sequence[tuple[str, str]]
    is_taken: bool


@dataclass(frozen=True)
class Sheet:
    """What a page shows of an import: one page of rows of one verdict, and what is known of the file."""

    lines: Sequence[Line]
    next_after: int | None
    name: str
    unknown: Sequence[str]
    to_store: int
    taken: int


def folder() -> Path:
    """Where imports have their desks."""
    path: Path = current_app.config["SETTINGS"].rosters
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def sheet_path(import_id: int) -> Path:
    """Where the working copy of an import lies, if it is still kept."""
    return folder() / str(import_id) / SHEET


def load(path: Path, verdict: Verdict, *, after: int) -> Sheet | None:
    """A page of the working copy; None when it was deleted."""
    if not path.exists():
        return None
    with sheet_store.opened(path) as sheet:
        rows = sheet_store.list_rows(sheet, verdict, after=after, limit=PER_PAGE)
        shown = rows[:PER_PAGE]
        return Sheet(
            [_line(row) for row in shown],
            shown[-1]["line"] if len(rows) > PER_PAGE else None,
            sheet_store.get_fact(sheet, "sheet", ""),
            sheet_store.get_fact(sheet, "unknown", []),
            sheet_store.count_to_store(sheet),
            sheet_store.count_taken(sheet),
        )


def _line(row: Any) -> Line:
    entry = sheet_store.read_entry(row) if row["verdict"] in (Verdict.NEW, Verdict.DOUBTFUL) else {}
    is_new = row["target_id"] is None
    return Line(
        row["line"],
        row["line"] if row["line"] < sheet_store.FIRST_LEAVING else None,
        row["label"],
        [_said(key, entry[key]) for key in _SAID_OF_NEW if entry.get(key)] if is_new else [],
        [change_words(each) for each in sheet_store.read_changes(row)],
        [(each.cell, words(each)) for each in sheet_store.read_reasons(row)],
        bool(row["is_taken"]),
    )


def _said(key: str, value: Value) -> str:
    shown = masked_phone(str(value)) if "phone" in key or (str(value).isdigit() and key == "username") else str(value)
    return f"{_(FIELD_NAMES[key])} {shown}"


def change_words(change: Change) -> tuple[str, str, str]:
    """A change in words: the field, the old value, the new one."""
    name = _(FIELD_NAMES[change.field])
    return name, _shown(change.field, change.old, change.old_text), _shown(change.field, change.new, change.new_text)


def _shown(key: str, value: Value, text: str) -> str:
    if key == "status":
        return _(FIRM_STATUS_NAMES[FirmStatus(str(value))])
    if key == "is_active":
        return _("启用") if value else _("停用")
    if "phone" in key:
        return masked_phone(text)
    return text or ("" if value is None or key.endswith("_id") else str(value))


def words(reason: Reason) -> str:
    """A reason in the language of the page."""
    return _(reason.message, **reason.params)


def problem_words(problem: dict | None) -> str:
    """What an import says above its rows, '' if nothing."""
    if not problem:
        return ""
    message, params = problem["message"], problem["params"]
    return _(message, **params)


def template_lists(db: Database, kind: Kind) -> dict[str, list[str]]:
    """The words that the template of this roster offers, by the name of the list."""
    return {
        "districts": [row["name"] for row in places.list_districts(db)],
        "townships": list(dict.fromkeys(row["name"] for row in lookup_store.list_all_townships(db))),
        "departments": [row["name"] for row in departments.list_departments(db)] if kind is Kind.HANDLERS else [],
        "industries": list(INDUSTRIES),
        "sizes": list(SIZES),
        "statuses": status_words(),
        "roles": list(ROLES),
    }
