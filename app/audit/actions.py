"""What the log writes of itself."""

import logging
from datetime import datetime

from sqlite_utils import Database

from app.audit import store
from app.db import OperationalError, transaction

log = logging.getLogger("qifang")


def record_refusal(db: Database, object_: str, *, detail: str, by_id: int, now: datetime) -> None:
    """Write down that something was refused to a person. The refusal stands even where it cannot be written."""
    try:
        with transaction(db):
            store.add_entry(db, "access_refused", object_, by_id=by_id, now=now, detail=detail)
    except OperationalError:
        log.exception("a refusal was not written to the audit log")
