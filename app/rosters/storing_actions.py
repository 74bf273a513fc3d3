"""Storing what a preview showed: one transaction, refused whole if the city changed since in what the rows touch."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlite_utils import Database

from app.assignments import store as assignments
from app.audit import store as audit
from app.clock import day_of
from app.db import IntegrityError, transaction
from app.departments import roster_store as department_rows
from app.departments import store as departments
from app.errors import Conflict
from app.firms import roster_store as firms
from app.firms.models import FirmStatus
from app.i18n import N_
from app.people import roster_store as people
from app.people import session_store as sessions
from app.permissions import Role
from app.rosters import lookup_store, sheet_store, store
from app.rosters.firm_actions import release_firm
from app.rosters.models import Kind, State, Verdict
from app.rosters.reading_actions import Progress
from app.search import initials

MOVED_ON = N_("预览之后名册又有变化（%(label)s），没有作任何改动。下面是重新比对的结果，请再看一遍。")
TWO_TICKED = N_("“%(label)s”勾选了两行，信用代码或名称相同，只能选一行。没有作任何改动。")
NOT_WAITING = N_("这份名册已经入库或已放弃，没有再作改动。")
NOTHING = N_("没有要入库的行。")


def store_roster(
    db: Database, sheet: Database, import_id: int, *, kind: Kind, by_id: int | None, now: datetime, progress: Progress
) -> int:
    """Store every row that the preview takes; how many. All or nothing.

    Raises Conflict if somebody was first, if what a row would change is no longer as the preview showed it, or if two
    ticked rows are one record.
    """
    try:
        with transaction(db):
            if store.get_import(db, import_id)["state"] != State.STORING:
                raise Conflict(NOT_WAITING)
            total, done = sheet_store.count_to_store(sheet), 0
            if not total:
                raise Conflict(NOTHING)
            keep = _KEEPERS[kind](db, by_id, now)
            for rows in sheet_store.list_rows_to_store(sheet):
                keep.store(rows)
                done += len(rows)
                progress(done, total)
            counts = sheet_store.count_verdicts(sheet)
            _finish(db, import_id, kind, counts, done, taken=sheet_store.count_taken(sheet), by_id=by_id, now=now)
            return done
    except IntegrityError as error:  # a name or code that somebody else stored a moment ago
        raise Conflict(MOVED_ON, label="") from error


def _finish(
    db: Database,
    import_id: int,
    kind: Kind,
    counts: Mapping[Verdict, int],
    done: int,
    *,
    taken: int,
    by_id: int | None,
    now: datetime,
) -> None:
    store.update_counts(db, import_id, counts)
    store.update_applied(db, import_id, stored_count=done, by_id=by_id, now=now)
    sha256 = store.get_import(db, import_id)["sha256"]
    told = " ".join(f"{verdict.value}={counts[verdict]}" for verdict in Verdict if counts.get(verdict))
    detail = f"{kind.value} stored={done} {told} taken={taken} sha256={sha256}"
    audit.add_entry(db, "roster_imported", f"roster:{import_id}", by_id=by_id, now=now, detail=detail)


def _unmoved(row: Any, current: Any, changes: Sequence[Any]) -> Any:
    """The stored record, if it still is what the preview showed where the row changes it. Raises Conflict."""
    if current is None or any(change.old != current[change.field] for change in changes):
        raise Conflict(MOVED_ON, label=row["label"])
    return current


class _Keeper:
    """Stores the rows of one roster inside the transaction."""

    def __init__(self, db: Database, by_id: int | None, now: datetime):
        self.db, self.by_id, self.now = db, by_id, now
        self.today: date = day_of(now)

    def log(self, action: str, object_: str, detail: str = "") -> None:
        audit.add_entry(self.db, action, object_, by_id=self.by_id, now=self.now, detail=detail)

    def give(self, firm_id: int, user_id: int, *, is_lead: bool, before: int | None, from_on: date) -> None:
        """Give a firm its lead or a deputy. A first lead is told of by the import's row, a change by one of its own."""
        for each in assignments.list_current(self.db, firm_id):
            if each["user_id"] == user_id or (is_lead and each["is_lead"]):
                assignments.end_assignment(self.db, each["id"], on=self.today)
        assignments.insert_assignment(self.db, firm_id, user_id=user_id, is_lead=is_lead, from_on=from_on)
        if before is not None or not is_lead:
            what = f"lead user:{before} → user:{user_id}" if is_lead else f"deputy → user:{user_id}"
            self.log("officer_assigned", f"firm:{firm_id}", what)


class _Firms(_Keeper):
    """New firms are told of by the import's own audit row; each firm that changes has one more of its own."""

    def __init__(self, db: Database, by_id: int | None, now: datetime):
        super().__init__(db, by_id, now)
        self._next = firms.next_id(db)
        self._stored: set[str] = set()

    def store(self, rows: Sequence[Any]) -> None:
        known = lookup_store.list_firms_by_id(
            self.db, [row["target_id"] for row in rows if row["target_id"] is not None]
        )
        new, changed, renamed, leads = [], [], [], []
        for row in rows:
            entry = sheet_store.read_entry(row)
            if row["target_id"] is None:
                record = {key: entry[key] for key in firms.RECORD if key in entry}
                self._refuse_twin(row, record)
                new.append((self._next, record, entry["initials"]))
                leads.append((self._next, None, entry.get("officer_id")))
                self._next += 1
                continue
            changes = sheet_store.read_changes(row)
            current = _unmoved(row, known.get(row["target_id"]), changes)
            given = {change.field: change.new for change in changes}
            record = {**{key: current[key] for key in firms.RECORD}, **given}
            if set(given) - {"officer_id"}:
                changed.append((row["target_id"], record))
                self.log("firm_changed", f"firm:{row['target_id']}", " ".join(sorted(given)))
            if {"name", "credit_code"} & set(given):
                renamed.append((row["target_id"], record, entry.get("initials") or initials(record["name"])))
            if given.get("status") == FirmStatus.CLOSED:
                release_firm(self.db, row["target_id"], by_id=self.by_id, now=self.now)
            leads.append((row["target_id"], current["officer_id"], given.get("officer_id")))
        firms.insert_firms(self.db, new, now=self.now)
        firms.update_firms(self.db, changed)
        firms.reindex_firms(self.db, renamed)
        for firm_id, before, officer_id in leads:
            if officer_id is not None:
                self.give(firm_id, officer_id, is_lead=True, before=before, from_on=self.today)

    def _refuse_twin(self, row: Any, record: Mapping[str, Any]) -> None:
        code = record.get("credit_code")
        key = code or f"{record['district_id']} {record['name']}"
        if key in self._stored:
            raise Conflict(TWO_TICKED, label=row["label"])
        self._stored.add(key)
        if lookup_store.get_twin(self.db, name=record["name"], district_id=record["district_id"], credit_code=code):
            raise Conflict(MOVED_ON, label=row["label"])


class _People(_Keeper):
    """Each account made or changed has an audit row of its own."""

    role = Role.OFFICER

    def store(self, rows: Sequence[Any]) -> None:
        known = {row["id"]: row for row in lookup_store.list_people(self.db, self.role)}
        for row in rows:
            if row["target_id"] is None:
                entry = sheet_store.read_entry(row)
                if not lookup_store.is_username_free(self.db, str(entry["username"])):
                    raise Conflict(MOVED_ON, label=row["label"])
                user_id = people.insert_person(self.db, entry, role=self.role, now=self.now)
                self.log("account_created", f"user:{user_id}", self.role.value)
                continue
            changes = sheet_store.read_changes(row)
            current = _unmoved(row, known.get(row["target_id"]), changes)
            given = {change.field: change.new for change in changes}
            people.update_person(self.db, row["target_id"], {**dict(current), **given})
            if {"district_id", "department_id"} & set(given):
                sessions.end_other_sessions(self.db, row["target_id"], keep="", now=self.now)  # another scope
            if given.get("is_active") == 0:
                self._disable(row["target_id"])
            else:
                action = "account_enabled" if "is_active" in given else "account_changed"
                self.log(action, f"user:{row['target_id']}", " ".join(sorted(given)))

    def _disable(self, user_id: int) -> None:
        sessions.end_other_sessions(self.db, user_id, keep="", now=self.now)
        self.log("account_disabled", f"user:{user_id}")
        for each in lookup_store.list_assignments_of(self.db, user_id):
            assignments.end_assignment(self.db, each["id"], on=self.today)
            self.log("officer_assigned", f"firm:{each['firm_id']}", f"user:{user_id} →")


class _Handlers(_People):
    role = Role.HANDLER


class _Departments(_Keeper):
    def store(self, rows: Sequence[Any]) -> None:
        for row in rows:
            if row["target_id"] is None:
                department_id = department_rows.insert_department(self.db, sheet_store.read_entry(row))
                self.log("department_changed", f"department:{department_id}")
                continue
            changes = sheet_store.read_changes(row)
            current = _unmoved(row, departments.get_department(self.db, row["target_id"]), changes)
            given = {change.field: change.new for change in changes}
            department_rows.update_department(self.db, row["target_id"], {**dict(current), **given})
            self.log("department_changed", f"department:{row['target_id']}", " ".join(sorted(given)))


class _Assignments(_Keeper):
    def store(self, rows: Sequence[Any]) -> None:
        for row in rows:
            entry, firm_id = sheet_store.read_entry(row), row["target_id"]
            current = assignments.list_current(self.db, firm_id)
            own = next((each for each in current if each["user_id"] == entry["user_id"]), None)
            if row["verdict"] == Verdict.LEAVING:
                if own is None:
                    raise Conflict(MOVED_ON, label=row["label"])
                assignments.end_assignment(self.db, own["id"], on=self.today)
                self.log("officer_assigned", f"firm:{firm_id}", f"user:{entry['user_id']} →")
                continue
            is_lead = bool(entry["is_lead"])
            [change] = sheet_store.read_changes(row)
            lead = next((each["user_id"] for each in current if each["is_lead"]), None)
            if (is_lead and lead != change.old) or (own is not None and bool(own["is_lead"]) == is_lead):
                raise Conflict(MOVED_ON, label=row["label"])
            self.give(
                firm_id, entry["user_id"], is_lead=is_lead, before=lead, from_on=date.fromisoformat(entry["from_on"])
            )


_KEEPERS: Mapping[Kind, Callable[[Database, int | None, datetime], Any]] = {
    Kind.FIRMS: _Firms,
    Kind.OFFICERS: _People,
    Kind.HANDLERS: _Handlers,
    Kind.DEPARTMENTS: _Departments,
    Kind.ASSIGNMENTS: _Assignments,
}
