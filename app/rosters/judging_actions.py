"""Judging the rows of a file against the city as it is stored: what the pure judges need is looked up in batches."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from sqlite_utils import Database

from app.firms.names import clean_name, signature
from app.i18n import N_
from app.people import account_store as accounts
from app.places import store as places
from app.rosters import lookup_store
from app.rosters.assignment_rows import AssignmentJudge
from app.rosters.cells import Wrong, plain, read_code
from app.rosters.department_rows import DepartmentJudge
from app.rosters.firm_rows import FirmJudge
from app.rosters.lookups import Departments, Officers, Places
from app.rosters.models import Change, Judged, Kind, Reason, Row, Verdict
from app.rosters.person_rows import PersonJudge

STILL_OPEN = N_("还有 %(count)d 个未办结的问题，注销后照常办理。")
LEFT_ALONE = N_("名下 %(count)d 家企业将无人包联。")


class Judging(Protocol):
    """Judges a file batch by batch, then says what the file leaves out."""

    amended: dict[int, Reason]

    def judge(self, rows: Sequence[Row]) -> list[Judged]:
        """What each row comes to."""

    def leaving(self) -> Iterator[Judged]:
        """What is stored and not in the file, within the districts, departments or firms that the file names."""


def judging(db: Database, kind: Kind, *, today: date) -> Judging:
    """The judging of this roster."""
    found: dict[Kind, type] = {
        Kind.FIRMS: _Firms,
        Kind.OFFICERS: _People,
        Kind.HANDLERS: _People,
        Kind.DEPARTMENTS: _Departments,
        Kind.ASSIGNMENTS: _Assignments,
    }
    return found[kind](db, kind, today)


def _places(db: Database) -> Places:
    return Places(places.list_districts(db), lookup_store.list_all_townships(db))


class _Firms:
    def __init__(self, db: Database, kind: Kind, today: date):
        self._db = db
        self._officers = Officers(lookup_store.list_active_officers(db))
        signatures: dict[tuple[int, str], tuple[int, str]] = {}
        for row in lookup_store.list_firm_names(db):
            signatures.setdefault((row["district_id"], signature(row["name"])), (row["id"], row["name"]))
        self._judge = FirmJudge(_places(db), self._officers, signatures)
        self.amended = self._judge.amended
        self._districts: set[int] = set()

    def judge(self, rows: Sequence[Row]) -> list[Judged]:
        readers = [self._judge.read(row) for row in rows]
        codes = [str(each.values["credit_code"]) for each in readers if "credit_code" in each.values]
        names = [str(each.values["name"]) for each in readers if "name" in each.values]
        by_code = lookup_store.list_firms_by_code(self._db, codes)
        by_name: dict[tuple[int, str], Any] = {}
        for row in lookup_store.list_firms_by_name(self._db, names):
            by_name.setdefault((row["district_id"], row["name"]), row)
        found = [self._judge.judge(each, by_code, by_name) for each in readers]
        self._districts |= {int(each.values["district_id"] or 0) for each in readers if "district_id" in each.values}
        return found

    def leaving(self) -> Iterator[Judged]:
        for row in lookup_store.list_open_firms(self._db, district_ids=sorted(self._districts)):
            if row["id"] not in self._judge.seen:
                reasons = (Reason(STILL_OPEN, {"count": row["open_count"]}),) if row["open_count"] else ()
                change = Change("status", row["status"], "closed", "", "")
                yield Judged(Verdict.LEAVING, row["name"], target_id=row["id"], changes=(change,), reasons=reasons)


class _People:
    amended: Mapping[int, Reason] = {}

    def __init__(self, db: Database, kind: Kind, today: date):
        self._db, self._kind = db, kind
        role = "officer" if kind is Kind.OFFICERS else "handler"
        if kind is Kind.OFFICERS:
            known = _places(db)
            find, names = known.district, known.district_names
        else:
            departments = Departments(lookup_store.list_all_departments(db))
            find, names = departments.find, {key: row["name"] for key, row in departments.rows.items()}
        self._judge = PersonJudge(
            kind,
            lookup_store.list_people(db, role),
            others={row["username"].casefold(): row["role"] for row in lookup_store.list_other_usernames(db, role)},
            find_place=find,
            place_names=names,
        )
        self._of: set[int] = set()

    def judge(self, rows: Sequence[Row]) -> list[Judged]:
        readers = [self._judge.read(row) for row in rows]
        self._of |= {int(each.values[self._judge.place] or 0) for each in readers if self._judge.place in each.values}
        return [self._judge.judge(each) for each in readers]

    def leaving(self) -> Iterator[Judged]:
        for person_id, row in self._judge.people.items():
            if not row["is_active"] or person_id in self._judge.seen or row[self._judge.place] not in self._of:
                continue
            count = accounts.count_led_firms(self._db, person_id) if self._kind is Kind.OFFICERS else 0
            reasons = (Reason(LEFT_ALONE, {"count": count}),) if count else ()
            yield Judged(
                Verdict.LEAVING, row["name"], target_id=person_id, changes=(Change("is_active", 1, 0),), reasons=reasons
            )


class _Departments:
    amended: Mapping[int, Reason] = {}

    def __init__(self, db: Database, kind: Kind, today: date):
        self._judge = DepartmentJudge(Departments(lookup_store.list_all_departments(db)))

    def judge(self, rows: Sequence[Row]) -> list[Judged]:
        return [self._judge.judge(self._judge.read(row)) for row in rows]

    def leaving(self) -> Iterator[Judged]:
        """None ever: rules and open cases name departments, so one is put out of use by hand."""
        yield from ()


class _Assignments:
    amended: Mapping[int, Reason] = {}

    def __init__(self, db: Database, kind: Kind, today: date):
        self._db = db
        self._judge = AssignmentJudge(_places(db), Officers(lookup_store.list_active_officers(db)), today=today)
        self._firms: set[int] = set()

    def judge(self, rows: Sequence[Row]) -> list[Judged]:
        readers = [self._judge.read(row) for row in rows]
        by_code = lookup_store.list_firms_by_code(self._db, [_code(row) for row in rows])
        by_name: dict[str, list[Any]] = defaultdict(list)
        for row in lookup_store.list_firms_by_name(self._db, [clean_name(plain(row.cell("firm"))) for row in rows]):
            by_name[row["name"]].append(row)
        ids = [row["id"] for row in by_code.values()] + [row["id"] for same in by_name.values() for row in same]
        current: dict[int, list[Any]] = defaultdict(list)
        for row in lookup_store.list_assignments(self._db, ids):
            current[row["firm_id"]].append(row)
        found = [self._judge.judge(each, by_code, by_name, current) for each in readers]
        self._firms |= {each.target_id for each in found if each.target_id is not None}
        return found

    def leaving(self) -> Iterator[Judged]:
        firms = sorted(self._firms)
        for at in range(0, len(firms), 500):
            for row in lookup_store.list_assignments(self._db, firms[at : at + 500]):
                if row["id"] not in self._judge.seen:
                    key = "lead_id" if row["is_lead"] else "deputy_id"
                    change = Change(key, row["user_id"], None, row["name"], "")
                    entry = {"firm_id": row["firm_id"], "user_id": row["user_id"]}
                    yield Judged(Verdict.LEAVING, row["firm"], entry, target_id=row["firm_id"], changes=(change,))


def _code(row: Row) -> str:
    try:
        return read_code(row.cell("credit_code")) or ""
    except Wrong:
        return ""
