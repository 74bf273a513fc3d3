"""The SQL that changes firms' records from a roster or from the office's form: many at a time, indexed for search."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_value
from app.search import spaced

RECORD = (
    "name", "credit_code", "district_id", "township_id", "address", "industry", "size", "contact_name", "contact_phone",
    "status",
)  # fmt: skip
"""The columns that a roster knows."""

_EMPTY: Mapping[str, object] = {
    **dict.fromkeys(RECORD, ""),
    "credit_code": None,
    "township_id": None,
    "status": "operating",
}


def next_id(db: Database) -> int:
    """The id that the next firm gets, as long as the transaction lasts."""
    return 1 + (fetch_value(db, "SELECT max(id) FROM firms") or 0)


def insert_firms(db: Database, firms: Iterable[tuple[int, Mapping[str, object], str]], *, now: datetime) -> None:
    """Add firms with their ids: (id, the record's columns, the pinyin initials of the name)."""
    rows = [
        {**_EMPTY, **record, "id": firm_id, "initials": initials, "now": to_text(now)}
        for firm_id, record, initials in firms
    ]
    db.conn.executemany(
        """
        INSERT INTO firms (id, name, credit_code, district_id, township_id, address, industry, size, contact_name,
                           contact_phone, status, created_at)
        VALUES (:id, :name, :credit_code, :district_id, :township_id, :address, :industry, :size, :contact_name,
                :contact_phone, :status, :now)
        """,
        [{key: value for key, value in row.items() if key in (*RECORD, "id", "now")} for row in rows],
    )
    _index(db, rows)


def update_firms(db: Database, firms: Sequence[tuple[int, Mapping[str, object]]]) -> None:
    """Store the whole record of firms: (id, the record's columns). Search is told by `reindex_firms`."""
    db.conn.executemany(
        """
        UPDATE firms SET name = :name, credit_code = :credit_code, district_id = :district_id,
               township_id = :township_id, address = :address, industry = :industry, size = :size,
               contact_name = :contact_name, contact_phone = :contact_phone, status = :status, version = version + 1
        WHERE id = :id
        """,
        [{**{key: record[key] for key in RECORD}, "id": firm_id} for firm_id, record in firms],
    )


def update_firm(db: Database, firm_id: int, record: Mapping[str, object], *, version: int) -> bool:
    """Store the whole record of one firm if it still has this version; whether it had."""
    values = {**{key: record[key] for key in RECORD}, "id": firm_id, "version": version}
    changed = execute(
        db,
        """
        UPDATE firms SET name = :name, credit_code = :credit_code, district_id = :district_id,
               township_id = :township_id, address = :address, industry = :industry, size = :size,
               contact_name = :contact_name, contact_phone = :contact_phone, status = :status, version = version + 1
        WHERE id = :id AND version = :version
        """,
        values,
    )
    return changed == 1


def reindex_firms(db: Database, firms: Sequence[tuple[int, Mapping[str, object], str]]) -> None:
    """Make firms findable by their new name and code: (id, the record's columns, the pinyin initials)."""
    db.conn.executemany(
        "DELETE FROM firms_fts WHERE rowid = :id", [{"id": firm_id} for firm_id, _record, _initials in firms]
    )
    _index(db, [{**record, "id": firm_id, "initials": initials} for firm_id, record, initials in firms])


def _index(db: Database, rows: Sequence[Mapping[str, object]]) -> None:
    db.conn.executemany(
        "INSERT INTO firms_fts (rowid, name, initials, credit_code) VALUES (:id, :name, :initials, :code)",
        [
            {
                "id": row["id"],
                "name": spaced(str(row["name"])),
                "initials": row["initials"],
                "code": spaced(str(row["credit_code"] or "")),
            }
            for row in rows
        ],
    )
