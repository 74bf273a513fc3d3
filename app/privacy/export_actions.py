"""That somebody took out what is held about a person."""

from datetime import datetime

from sqlite_utils import Database

from app.audit import store as audit
from app.db import transaction
from app.people.models import User
from app.privacy.models import Subject


def log_export(db: Database, subject: Subject, *, by: User | None, now: datetime) -> None:
    """Write it into the audit log; `by` None: from the server's command line."""
    with transaction(db):
        audit.add_entry(
            db, "personal_data_exported", subject.object, by_id=by.id if by else None, now=now, detail=subject.kind
        )
