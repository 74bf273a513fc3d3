"""Every SQL statement on one issue: who may see it, how it is read, made and moved.

Its history is in `history_store.py`, its clocks in `clock_store.py`, lists in `list_store.py`, what is open in
`open_store.py`.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta

from sqlite_utils import Database

from app.clock import day_of, from_text, to_text
from app.db import execute, fetch_all, fetch_one, fetch_value, insert
from app.issues.lifecycle import OPEN, REOPEN_DAYS, Level, Outcome, Status
from app.issues.models import Issue, NewIssue
from app.people.models import User
from app.permissions import Role
from app.rules.models import Clock, Kind, Urgency
from app.search import spaced

OPEN_SQL = "(" + ", ".join(f"'{status}'" for status in sorted(OPEN)) + ")"
"""What is open, named one by one: an index by status finds these however much has ended; NOT IN would read it all."""

_FIRMS_OF_OFFICER = "SELECT firm_id FROM firm_officers WHERE user_id = :scope_id AND to_on IS NULL"
_ASSISTED = "SELECT issue_id FROM issue_departments WHERE department_id = :scope_id"
_OF_ASSISTED = {
    "": "",
    "open": f" AND status IN {OPEN_SQL}",
    "closed": " AND closed_at IS NOT NULL",
    "status": " AND status = :status",
}


def ways(visible_to: User, *, part: str = "", assisted: str = "") -> tuple[list[str], dict]:
    """In which ways an issue may be this person's to see, each a condition that an index serves; their parameters.

    `part` narrows a handler's: 'lead' or 'assisting' only; `assisted` leaves of what her department assists with
    only what is 'open', or 'closed', or at the 'status' :status.
    """
    if visible_to.role is Role.OFFICER:
        return [f"i.firm_id IN ({_FIRMS_OF_OFFICER})", "i.reported_by = :scope_id"], {"scope_id": visible_to.id}
    if visible_to.role is Role.HANDLER:
        mine = f"i.id IN ({_ASSISTED}{_OF_ASSISTED[assisted]})"
        found = {"lead": "i.department_id = :scope_id", "assisting": mine}
        return [found[part]] if part else list(found.values()), {"scope_id": visible_to.department_id}
    if visible_to.role in (Role.DISPATCHER, Role.HEAD):
        return ["i.district_id = :scope_id"], {"scope_id": visible_to.district_id}
    return ["1"], {}


def scope(visible_to: User, *, part: str = "", assisted: str = "") -> tuple[str, dict]:
    """The condition that leaves the issues this person may see, and its parameters; narrowed as by `ways`."""
    found, params = ways(visible_to, part=part, assisted=assisted)
    return f"({' OR '.join(found)})" if len(found) > 1 else found[0], params


def is_visible(db: Database, issue_id: int, *, visible_to: User) -> bool:
    """Whether this person may see the issue."""
    where, params = scope(visible_to)
    return fetch_one(db, f"SELECT 1 FROM issues i WHERE i.id = :id AND {where}", {"id": issue_id, **params}) is not None  # noqa: S608


def list_visible(db: Database, issue_ids: Collection[int], *, visible_to: User) -> set[int]:
    """Those of these issues that this person may see."""
    where, params = scope(visible_to)
    rows = fetch_all(
        db,
        f"SELECT i.id FROM issues i WHERE i.id IN (SELECT value FROM json_each(:ids)) AND {where}",  # noqa: S608
        {"ids": json.dumps(sorted(issue_ids)), **params},
    )
    return {row["id"] for row in rows}


def list_joined(db: Database, issue: Issue, *, visible_to: User) -> list:
    """The issue that this one was merged into and those merged into it, as far as this person may see them."""
    where, params = scope(visible_to)
    return fetch_all(
        db,
        f"""
        SELECT i.id, i.number, i.title, f.name AS firm FROM issues i JOIN firms f ON f.id = i.firm_id
        WHERE i.id IN (SELECT id FROM issues WHERE merged_into_id = :id UNION ALL SELECT :master_id) AND {where}
        ORDER BY i.id
        """,  # noqa: S608
        {"id": issue.id, "master_id": issue.merged_into_id, **params},
    )


_ISSUE = """
    SELECT i.*, f.name AS firm, f.contact_name AS firm_contact, f.contact_phone AS firm_phone,
           f.address AS firm_address,
           p.name AS district, p.name_en AS district_en, c.name AS category, c.name_en AS category_en,
           d.name AS department, d.name_en AS department_en, u.name AS reporter,
           (SELECT group_concat(department_id) FROM issue_departments a WHERE a.issue_id = i.id) AS assisting,
           (SELECT k.due_at FROM issue_clocks k WHERE k.issue_id = i.id AND k.clock = 'accept'
              AND NOT EXISTS (SELECT 1 FROM issue_events e WHERE e.issue_id = i.id AND e.action = 'designate')
            ORDER BY k.round DESC LIMIT 1) AS accept_due_at,
           -- Since it was last verified. Days of UTC are those of Pingdingshan from 08:00 on, when offices call.
           (SELECT count(DISTINCT substr(e.at, 1, 10)) FROM issue_events e
            WHERE e.issue_id = i.id AND e.action = 'log_contact' AND e.id > (SELECT max(v.id)
              FROM issue_events v WHERE v.issue_id = i.id AND v.action = 'verify')) AS failed_contact_days
    FROM issues i JOIN firms f ON f.id = i.firm_id JOIN districts p ON p.id = i.district_id
    JOIN categories c ON c.id = i.category_id JOIN users u ON u.id = i.reported_by
    LEFT JOIN departments d ON d.id = i.department_id
"""


def get_issue(db: Database, issue_id: int, *, visible_to: User, now: datetime) -> Issue | None:
    """One issue, or None if it is not there or not for this person. `now` decides which windows are open."""
    where, params = scope(visible_to)
    row = fetch_one(db, f"{_ISSUE} WHERE i.id = :id AND {where}", {"id": issue_id, **params})
    return _issue(row, now) if row else None


def get_issue_for_system(db: Database, issue_id: int, *, now: datetime) -> Issue | None:
    """One issue for whoever acts without an account: the firm by its link, the system by the clock."""
    row = fetch_one(db, f"{_ISSUE} WHERE i.id = :id", {"id": issue_id})
    return _issue(row, now) if row else None


_COPIED = (
    "id number version visit_id firm_id firm firm_contact firm_phone firm_address district_id district district_en "
    "category_id category category_en department_id department department_en reported_by reporter title description "
    "latitude longitude accuracy_m public_answer return_count rework_count reopen_count extension_count merged_into_id "
    "erased_at failed_contact_days"
).split()


def _issue(row, now: datetime) -> Issue:
    status = Status(row["status"])
    closed_at = _moment(row["closed_at"])
    accept_due_at = _moment(row["accept_due_at"])
    return Issue(
        **{name: row[name] for name in _COPIED},
        status=status,
        assisting_ids=tuple(int(part) for part in (row["assisting"] or "").split(",") if part),
        reported_at=from_text(row["reported_at"]),
        kind=Kind(row["kind"]),
        urgency=Urgency(row["urgency"]),
        clock=Clock(row["clock"]) if row["clock"] else None,
        due_at=_moment(row["due_at"]),
        amber_at=_moment(row["amber_at"]),
        is_due_provisional=bool(row["is_due_provisional"]),
        closed_at=closed_at,
        outcome=Outcome(row["outcome"]) if row["outcome"] else None,
        is_solved=_yes(row["is_solved"]),
        is_satisfied=_yes(row["is_satisfied"]),
        extension_asked_on=_day(row["extension_asked_on"]),
        suspension_asked_on=_day(row["suspension_asked_on"]),
        review_on=_day(row["review_on"]),
        reply_by_on=_day(row["reply_by_on"]),
        supervision=Level(row["supervision"]) if row["supervision"] else None,
        is_return_agreed=bool(row["is_return_agreed"]),
        is_accept_window_open=status is Status.DISPATCHED or (accept_due_at is not None and now <= accept_due_at),
        is_overdue=row["due_at"] is not None and from_text(row["due_at"]) < now,
        is_reopen_window_open=closed_at is not None and now <= closed_at + timedelta(days=REOPEN_DAYS),
    )


def _moment(text: str | None) -> datetime | None:
    return from_text(text) if text else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _yes(value: int | None) -> bool | None:
    return None if value is None else bool(value)


def next_number(db: Database, year: int) -> str:
    """The next number of that year, as in 2026-01387."""
    last = fetch_value(
        db,
        "INSERT INTO issue_numbers (year, last) VALUES (:year, 1) "
        "ON CONFLICT (year) DO UPDATE SET last = last + 1 RETURNING last",
        {"year": year},
    )
    return f"{year}-{last:05d}"


def insert_issue(
    db: Database,
    new: NewIssue,
    *,
    firm_id: int,
    district_id: int,
    visit_id: int | None,
    reported_by: int,
    now: datetime,
) -> int:
    """Add an issue as reported; its history, clocks and department follow by moves."""
    number = next_number(db, day_of(now).year)
    issue_id = insert(
        db,
        """
        INSERT INTO issues (number, status, visit_id, firm_id, district_id, category_id, reported_by, reported_at, kind,
          urgency, title, description, latitude, longitude, accuracy_m, changed_at)
        VALUES (:number, 'submitted', :visit_id, :firm_id, :district_id, :category_id, :reported_by, :now, :kind,
          :urgency, :title, :description, :latitude, :longitude, :accuracy_m, :now)
        """,
        {
            "number": number,
            "visit_id": visit_id,
            "firm_id": firm_id,
            "district_id": district_id,
            "reported_by": reported_by,
            **asdict(new),
            "now": to_text(now),
        },
    )
    execute(
        db,
        "INSERT INTO issues_fts (rowid, number, title) VALUES (:id, :number, :title)",
        {"id": issue_id, "number": spaced(number), "title": spaced(new.title)},
    )
    return issue_id


def move_issue(db: Database, issue: Issue, columns: Mapping[str, object]) -> bool:
    """Write a move's columns unless someone else moved the issue first; whether it was written."""
    sets = ", ".join(f"{name} = :{name}" for name in columns)
    changed = execute(
        db,
        f"UPDATE issues SET {sets}, version = version + 1 WHERE id = :id AND version = :was",  # noqa: S608
        {**columns, "id": issue.id, "was": issue.version},
    )
    return changed == 1


def replace_assisting(db: Database, issue_id: int, department_ids: tuple[int, ...]) -> None:
    """Store which departments assist."""
    execute(db, "DELETE FROM issue_departments WHERE issue_id = :id", {"id": issue_id})
    for department_id in department_ids:
        execute(
            db,
            "INSERT INTO issue_departments (issue_id, department_id, status, closed_at)"
            " SELECT id, :department_id, status, closed_at FROM issues WHERE id = :id",
            {"id": issue_id, "department_id": department_id},
        )


def get_id_by_number(db: Database, number: str, *, visible_to: User) -> int | None:
    """The issue of that number, if this person may see it."""
    where, params = scope(visible_to)
    sql = f"SELECT i.id FROM issues i WHERE i.number = :number AND {where}"  # noqa: S608
    return fetch_value(db, sql, {"number": number, **params})
