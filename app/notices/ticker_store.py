"""Every SQL statement of the ticker: whose turn it is, and what a day brings about by itself."""

from datetime import date, datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all


def list_suspended_until(db: Database, day: date) -> list[int]:
    """The suspended issues whose review day has come."""
    rows = fetch_all(
        db,
        "SELECT id FROM issues WHERE status = 'suspended' AND review_on <= :day ORDER BY id",
        {"day": day.isoformat()},
    )
    return [row["id"] for row in rows]


def take_lease(db: Database, name: str, *, holder: str, now: datetime, until: datetime) -> bool:
    """Take or renew a lease that no other holds at this moment; whether it is ours.

    One that lasts longer than any taken now was taken by a clock that has been set back since: nobody waits for it.
    """
    changed = execute(
        db,
        """
        INSERT INTO leases (name, holder, until) VALUES (:name, :holder, :until)
        ON CONFLICT (name) DO UPDATE SET holder = :holder, until = :until
          WHERE leases.until <= :now OR leases.until > :until OR leases.holder = :holder
        """,
        {"name": name, "holder": holder, "until": to_text(until), "now": to_text(now)},
    )
    return changed == 1
