"""What may be done to a firm's record in the field."""

from datetime import datetime

from sqlite_utils import Database

from app.audit import store as audit
from app.db import transaction
from app.errors import Invalid, NotFound
from app.firms import store
from app.firms.models import Firm, FirmStatus
from app.i18n import N_
from app.people.models import User

NO_SUCH_FIRM = N_("没有这家企业，或不在您的工作范围内。")


def reveal_contact(db: Database, firm_id: int, *, by: User, now: datetime) -> Firm:
    """The firm with its contact's number; that it was looked at is written to the audit log."""
    with transaction(db):
        firm = store.get_firm(db, firm_id, visible_to=by)
        if firm is None:
            raise NotFound(NO_SUCH_FIRM)
        audit.add_entry(db, "contact_revealed", f"firm:{firm_id}", by_id=by.id, now=now)
        return firm


def fix_position(
    db: Database,
    firm_id: int,
    *,
    latitude: float | None,
    longitude: float | None,
    accuracy_m: float | None,
    by: User,
    now: datetime,
) -> Firm | None:
    """Set the firm's position to where the officer stands. Raises Invalid without one."""
    if latitude is None or longitude is None:
        raise Invalid(N_("没有取到位置。请打开手机定位，到室外再试一次。"))
    with transaction(db):
        if store.get_firm(db, firm_id, visible_to=by) is None:
            raise NotFound(NO_SUCH_FIRM)
        store.update_position(
            db,
            firm_id,
            latitude=round(latitude, 5),
            longitude=round(longitude, 5),
            accuracy_m=None if accuracy_m is None else round(accuracy_m),
            source="officer",
            now=now,
        )
        audit.add_entry(db, "firm_positioned", f"firm:{firm_id}", by_id=by.id, now=now)
        return store.get_firm(db, firm_id, visible_to=by)


def set_status(db: Database, firm_id: int, *, status: FirmStatus, by: User, now: datetime) -> Firm | None:
    """Mark the firm operating, stopped, moved or lost."""
    with transaction(db):
        if store.get_firm(db, firm_id, visible_to=by) is None:
            raise NotFound(NO_SUCH_FIRM)
        store.update_status(db, firm_id, status=status)
        audit.add_entry(db, "firm_status_changed", f"firm:{firm_id}", by_id=by.id, now=now, detail=status.value)
        return store.get_firm(db, firm_id, visible_to=by)
