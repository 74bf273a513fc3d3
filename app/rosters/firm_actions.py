"""Adding a firm and changing its record by hand, with the roster's own doubts about twins."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from app.assignments import store as assignments
from app.audit import store as audit
from app.clock import day_of
from app.db import IntegrityError, transaction
from app.errors import Conflict, Invalid, NotFound
from app.firms import roster_store
from app.firms.actions import NO_SUCH_FIRM
from app.firms.models import FirmStatus
from app.firms.names import signature
from app.i18n import N_
from app.people.models import User
from app.rosters import lookup_store
from app.rosters.firm_rows import NEAR
from app.search import initials

CODE_TAKEN = N_("这个信用代码登记的是“%(name)s”。请核对，或去修改那家企业。")
NAME_TAKEN = N_("本区县已有同名企业“%(name)s”。确是另一家的，请填信用代码来区分。")
CHANGED_MEANWHILE = N_("别人刚改过这家企业的资料，您的修改还没有保存。请对照后再保存。")


def add_firm(db: Database, record: Mapping[str, Any], *, is_other: bool, by: User, now: datetime) -> int:
    """Add a firm; its id. Raises Invalid naming the field where it may be a firm that is there already.

    `is_other`: whoever typed it has looked, and it is another one.
    """
    with transaction(db):
        _refuse_twin(db, record, but=None, is_other=is_other)
        firm_id = roster_store.next_id(db)
        roster_store.insert_firms(db, [(firm_id, record, initials(record["name"]))], now=now)
        audit.add_entry(db, "firm_changed", f"firm:{firm_id}", by_id=by.id, now=now, detail="new")
        return firm_id


def change_firm(
    db: Database, firm_id: int, record: Mapping[str, Any], *, version: int, is_other: bool, by: User, now: datetime
) -> list[str]:
    """Change a firm's record; the names of what changed. A firm that is closed loses its officers.

    Raises Conflict when somebody changed it since that version, Invalid as `add_firm`.
    """
    with transaction(db):
        current = lookup_store.list_firms_by_id(db, [firm_id]).get(firm_id)
        if current is None:
            raise NotFound(NO_SUCH_FIRM)
        changed = sorted(key for key, value in record.items() if current[key] != value)
        if current["version"] != version:
            raise Conflict(CHANGED_MEANWHILE)
        if not changed:
            return []
        whole = {**{key: current[key] for key in roster_store.RECORD}, **record}
        if {"name", "credit_code", "district_id"} & set(changed):
            _refuse_twin(db, whole, but=firm_id, is_other=is_other)
        try:
            roster_store.update_firm(db, firm_id, whole, version=version)
        except IntegrityError as error:
            raise Conflict(CHANGED_MEANWHILE) from error
        if {"name", "credit_code"} & set(changed):
            roster_store.reindex_firms(db, [(firm_id, whole, initials(whole["name"]))])
        audit.add_entry(db, "firm_changed", f"firm:{firm_id}", by_id=by.id, now=now, detail=" ".join(changed))
        if "status" in changed and whole["status"] == FirmStatus.CLOSED:
            release_firm(db, firm_id, by_id=by.id, now=now)
        return changed


def release_firm(db: Database, firm_id: int, *, by_id: int | None, now: datetime) -> None:
    """Let nobody look after a firm any more: it was closed."""
    with transaction(db):
        for row in assignments.list_current(db, firm_id):
            assignments.end_assignment(db, row["id"], on=day_of(now))
            detail = f"user:{row['user_id']} →"
            audit.add_entry(db, "officer_assigned", f"firm:{firm_id}", by_id=by_id, now=now, detail=detail)


def _refuse_twin(db: Database, record: Mapping[str, Any], *, but: int | None, is_other: bool) -> None:
    code = record.get("credit_code")
    owner = lookup_store.list_firms_by_code(db, [code]).get(code) if code else None
    if owner is not None and owner["id"] != but:
        raise Invalid(fields={"credit_code": CODE_TAKEN}, name=owner["name"])
    sign = signature(record["name"])
    near = [
        row
        for row in lookup_store.list_firm_names(db, district_id=record["district_id"])
        if row["id"] != but and signature(row["name"]) == sign
    ]
    same = next((row for row in near if row["name"] == record["name"]), None)
    if same is not None and not code:
        raise Invalid(fields={"name": NAME_TAKEN}, name=same["name"])
    if near and not is_other:
        raise Invalid(fields={"name": NEAR}, name=near[0]["name"])
