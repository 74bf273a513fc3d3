# ruff: noqa: S608 (the columns are our own)
"""What the judges and keepers of rosters look up in the tables of other rooms, many rows at a time: reading only."""

import json
from collections.abc import Iterator, Sequence

from sqlite_utils import Database

from app.db import fetch_all, fetch_value
from app.firms.models import OPEN_SQL

_FIRM = """
    SELECT f.id, f.name, f.credit_code, f.district_id, f.township_id, f.address, f.industry, f.size, f.contact_name,
           f.contact_phone, f.status, f.version, o.user_id AS officer_id, u.name AS officer
    FROM firms f LEFT JOIN firm_officers o ON o.firm_id = f.id AND o.is_lead = 1 AND o.to_on IS NULL
    LEFT JOIN users u ON u.id = o.user_id
"""
_BATCH = 2000


def list_all_townships(db: Database) -> list:
    """Every township."""
    return fetch_all(db, "SELECT id, district_id, name, name_en FROM townships ORDER BY district_id, id")


def list_all_departments(db: Database) -> list:
    """Every department, those out of use too."""
    return fetch_all(db, "SELECT * FROM departments ORDER BY id")


def list_active_officers(db: Database) -> list:
    """Officers who may be given firms."""
    return fetch_all(
        db,
        "SELECT id, username, name, phone, district_id FROM users WHERE role = 'officer' AND is_active = 1 ORDER BY id",
    )


def list_people(db: Database, role: str) -> list:
    """Every account of a role, disabled ones too."""
    return fetch_all(
        db,
        """
        SELECT id, username, name, phone, district_id, department_id, unit, title, is_active FROM users
        WHERE role = :role ORDER BY is_active DESC, id
        """,
        {"role": role},
    )


def list_other_usernames(db: Database, role: str) -> list:
    """The usernames of other roles: username and role."""
    return fetch_all(db, "SELECT username, role FROM users WHERE role <> :role", {"role": role})


def list_firm_names(db: Database, *, district_id: int | None = None) -> Iterator:
    """id, district_id and name of every firm (of a district), a few at a time."""
    last = 0
    while rows := fetch_all(
        db,
        """
        SELECT id, district_id, name FROM firms
        WHERE id > :last AND (:district_id IS NULL OR district_id = :district_id) ORDER BY id LIMIT :most
        """,
        {"last": last, "most": _BATCH, "district_id": district_id},
    ):
        yield from rows
        last = rows[-1]["id"]


def list_firms_by_code(db: Database, codes: Sequence[str]) -> dict:
    """The stored firms of these credit codes, by code."""
    rows = fetch_all(
        db, f"{_FIRM} WHERE f.credit_code IN (SELECT value FROM json_each(:codes))", {"codes": json.dumps(codes)}
    )
    return {row["credit_code"]: row for row in rows}


def list_firms_by_name(db: Database, names: Sequence[str]) -> list:
    """The stored firms of exactly these names, wherever they are; those open and older first."""
    return fetch_all(
        db,
        f"{_FIRM} WHERE f.name IN (SELECT value FROM json_each(:names)) ORDER BY f.status = 'closed', f.id",
        {"names": json.dumps(names, ensure_ascii=False)},
    )


def list_firms_by_id(db: Database, ids: Sequence[int]) -> dict:
    """The stored firms of these ids, by id."""
    rows = fetch_all(db, f"{_FIRM} WHERE f.id IN (SELECT value FROM json_each(:ids))", {"ids": json.dumps(ids)})
    return {row["id"]: row for row in rows}


def list_open_firms(db: Database, *, district_ids: Sequence[int]) -> Iterator:
    """id, name, status and open_count (issues) of these districts' firms that are not closed, a few at a time."""
    last = 0
    while rows := fetch_all(
        db,
        f"""
        SELECT f.id, f.name, f.status, (SELECT count(*) FROM issues i WHERE i.firm_id = f.id
               AND i.status IN {OPEN_SQL}) AS open_count
        FROM firms f WHERE f.id > :last AND f.status <> 'closed'
          AND f.district_id IN (SELECT value FROM json_each(:districts)) ORDER BY f.id LIMIT :most
        """,
        {"last": last, "most": _BATCH, "districts": json.dumps(list(district_ids))},
    ):
        yield from rows
        last = rows[-1]["id"]


def list_assignments(db: Database, firm_ids: Sequence[int]) -> list:
    """Who looks after these firms now: id, firm_id, firm, user_id, name, is_lead."""
    return fetch_all(
        db,
        """
        SELECT o.id, o.firm_id, f.name AS firm, o.user_id, u.name, o.is_lead
        FROM firm_officers o JOIN users u ON u.id = o.user_id JOIN firms f ON f.id = o.firm_id
        WHERE o.to_on IS NULL AND o.firm_id IN (SELECT value FROM json_each(:ids))
        ORDER BY o.firm_id, o.is_lead DESC, o.id
        """,
        {"ids": json.dumps(list(firm_ids))},
    )


def list_assignments_of(db: Database, user_id: int) -> list:
    """The current assignments of an officer: id and firm_id."""
    return fetch_all(
        db, "SELECT id, firm_id FROM firm_officers WHERE user_id = :id AND to_on IS NULL ORDER BY id", {"id": user_id}
    )


def is_username_free(db: Database, username: str) -> bool:
    """Whether no account has this name for signing in."""
    return not fetch_value(db, "SELECT 1 FROM users WHERE username = :name", {"name": username})


def get_twin(db: Database, *, name: str, district_id: int, credit_code: str | None) -> int | None:
    """A firm that has this code, or (without a code) this name in the district; None if there is none."""
    return fetch_value(
        db,
        """
        SELECT id FROM firms WHERE credit_code = :code
        UNION ALL
        SELECT id FROM firms WHERE :code IS NULL AND district_id = :district_id AND name = :name LIMIT 1
        """,
        {"code": credit_code, "district_id": district_id, "name": name},
    )
