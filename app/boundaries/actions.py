"""Outlines proposed, put on the map, taken off it. The file changes last, within the transaction of its audit row."""

from datetime import datetime

from sqlite_utils import Database

from app.audit import store as audit
from app.boundaries import files, outlines
from app.boundaries.outlines import System, Unfit
from app.clock import to_text
from app.db import transaction
from app.errors import Conflict, Invalid, NotFound
from app.i18n import N_
from app.people.models import User
from app.places import store as places


def propose(db: Database, instance: str, raw: bytes, *, system: System, credit: str, by: User, now: datetime) -> None:
    """Keep a file to be looked at before the map shows it. Raises Invalid naming `file`."""
    try:
        shapes = outlines.read(raw, system, places.list_districts(db))
    except Unfit as error:
        raise Invalid(error.message, fields={"file": error.message}, **error.params) from None
    with transaction(db):
        audit.add_entry(db, "boundaries_proposed", "boundaries", by_id=by.id, now=now, detail=f"{len(shapes)} shapes")
        files.save(instance, files.DRAFT, outlines.write(shapes, credit=credit, system=system, saved_at=to_text(now)))


def publish(db: Database, instance: str, digest: str, *, by: User, now: datetime) -> None:
    """Show on the map what was looked at: the file of this digest. Raises Conflict if another has come since."""
    draft = files.load(instance, files.DRAFT)
    if draft is None or draft.digest != digest:
        raise Conflict(N_("预览的边界已被替换或撤下。请看过新的预览再启用。"))
    with transaction(db):
        audit.add_entry(db, "boundaries_shown", "boundaries", by_id=by.id, now=now, detail=f"sha256 {digest}")
        files.save(instance, files.SHOWN, draft.raw)
    files.remove(instance, files.DRAFT)


def discard(db: Database, instance: str, *, by: User, now: datetime) -> None:
    """Drop what was proposed. Raises NotFound."""
    with transaction(db):
        audit.add_entry(db, "boundaries_discarded", "boundaries", by_id=by.id, now=now)
        if not files.remove(instance, files.DRAFT):
            raise NotFound(N_("没有待启用的边界。"))


def remove(db: Database, instance: str, *, by: User, now: datetime) -> None:
    """Take the outlines off the map. Raises NotFound."""
    with transaction(db):
        audit.add_entry(db, "boundaries_removed", "boundaries", by_id=by.id, now=now)
        if not files.remove(instance, files.SHOWN):
            raise NotFound(N_("地图上没有边界。"))
