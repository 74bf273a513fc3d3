"""What the reports write down about themselves: who took which ledger out of the house."""

from datetime import datetime

from sqlite_utils import Database

from app.audit import store as audit
from app.db import transaction
from app.people.models import User


def record_export(
    db: Database, ledger: str, *, filters: str, count: int, has_contacts: bool, by: User, now: datetime
) -> None:
    """Write to the audit log that a ledger leaves the house, before it does. `filters` names no person."""
    with transaction(db):
        detail = f"{filters or 'all'}; {count} rows{'; contacts' if has_contacts else ''}"
        audit.add_entry(db, "ledger_exported", f"report:{ledger}", by_id=by.id, now=now, detail=detail)
        if has_contacts:
            audit.add_entry(db, "contact_revealed", f"report:{ledger}", by_id=by.id, now=now, detail=f"{count} rows")
