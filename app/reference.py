"""What every city's database starts from (app/data): places, departments, categories, routing, limits, calendar."""

import csv
from pathlib import Path

from sqlite_utils import Database

from app.db import execute, fetch_value, transaction

_DATA = Path(__file__).resolve().parent / "data"
BEGINNING = "2020-01-01"
"""Seeded rules are in force from here on, earlier than any record."""


def load_reference(db: Database) -> bool:
    """Fill the empty reference tables from app/data; whether there was anything to do. One transaction."""
    if fetch_value(db, "SELECT count(*) FROM districts"):
        return False
    with transaction(db):
        _insert(
            db,
            "districts",
            "id name short_name name_en kind latitude longitude area_km2",
            _read("districts"),
            id="code",
        )
        _insert(
            db,
            "townships",
            "id district_id name name_en kind",
            _read("townships"),
            id="code",
            district_id="district_code",
        )
        _insert(db, "departments", "id name short_name name_en aliases matters keywords", _read("departments"))
        categories = _read("categories")
        _insert(db, "categories", "id name name_en hint hint_en position", categories)
        _insert(
            db,
            "category_departments",
            "category_id department_id position",
            [
                {"category_id": row["id"], "department_id": department_id, "position": position}
                for row in categories
                for position, department_id in enumerate(row["department_ids"].replace(";", " ").split())
            ],
        )
        rules = [
            {**row, "assisting_ids": row["assisting_department_ids"].replace(";", " "), "valid_from": BEGINNING}
            for row in _read("routing_rules")
        ]
        _insert(
            db,
            "routing_rules",
            "category_id district_id keywords department_id assisting_ids valid_from note",
            rules,
            district_id="district_code",
        )
        limits = [{**row, "valid_from": f"{BEGINNING}T00:00:00Z"} for row in _read("limits")]
        _insert(db, "limits", "clock kind urgency category_id amount unit valid_from", limits)
        _insert(db, "workday_exceptions", "day is_workday why", _read("calendar"))
    return True


def _read(name: str) -> list[dict[str, str]]:
    with (_DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


_OPTIONAL = {"district_id", "kind", "urgency", "category_id"}


def _insert(db: Database, table: str, columns: str, rows: list[dict], **renamed: str) -> None:
    names = columns.split()
    marks = ", ".join(f":{name}" for name in names)
    sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 (our own names)
    for row in rows:
        values = {name: row[renamed.get(name, name)] for name in names}
        execute(db, sql, {name: None if value == "" and name in _OPTIONAL else value for name, value in values.items()})
