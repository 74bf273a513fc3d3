"""Every SQL statement on what officers are asked to fill in."""

from collections.abc import Mapping

from sqlite_utils import Database

from app.db import execute, fetch_all
from app.settings import get_setting, set_setting
from app.visits.burden import FEWEST, MOST, USUAL_LIMIT, Asked, Burden, Use

_LIMIT = "burden_limit"


def get_burden(db: Database) -> Burden:
    """What the office has laid down; the usual where it has not."""
    rows = fetch_all(db, "SELECT field, use, purpose FROM asked_fields")
    limit = int(get_setting(db, _LIMIT) or USUAL_LIMIT)
    fields = {row["field"]: Asked(Use(row["use"]), row["purpose"]) for row in rows}
    return Burden(fields, min(max(limit, FEWEST), MOST))


def replace_burden(db: Database, fields: Mapping[str, Asked], *, limit: int) -> None:
    """Lay down how each of these fields is asked, and the limit."""
    for key, asked in fields.items():
        execute(
            db,
            """
            INSERT INTO asked_fields (field, use, purpose) VALUES (:field, :use, :purpose)
            ON CONFLICT (field) DO UPDATE SET use = :use, purpose = :purpose
            """,
            {"field": key, "use": asked.use, "purpose": asked.purpose},
        )
    set_setting(db, _LIMIT, str(limit))
