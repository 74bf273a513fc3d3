"""Taking in what a phone kept: a record once, then each of its photos once, and a receipt after every commit."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlite_utils import Database

from app.audit import store as audit
from app.db import transaction
from app.errors import Conflict, Invalid, NotFound
from app.i18n import N_
from app.issues import actions as issues
from app.outbox import store
from app.outbox.models import Announced, Receipt, hashes_of
from app.people.models import User
from app.photos import store as photos
from app.photos.intake import Picture
from app.visits import actions as visits
from app.visits import store as visit_store
from app.visits.models import NewVisit

NO_SUCH_RECORD = N_("没有这条走访记录。请先上传文字，再上传照片。")
OTHER_PHOTO = N_("这张照片已经入库，内容与这次上传的不同。")
NOT_ANNOUNCED = N_("这条走访入库时没有登记这张照片。")
DAMAGED = N_("照片在传输中损坏，请再传一次。")
KEY_TAKEN = N_("照片编号重复，请重新选择照片后再提交。")
OTHER_MOVE = N_("这次办理已经入库，内容与这次提交的不同。请打开问题核对。")


def store_visit(db: Database, new: NewVisit, announced: Sequence[Announced], *, by: User, now: datetime) -> Receipt:
    """Store a visit whose photos are still to come; what is there of it. The same sending twice is one visit.

    Raises what `record_visit` raises.
    """
    with transaction(db):
        was_there = visit_store.get_receipt(db, new.client_key) is not None
        visit_id = visits.record_visit(
            db,
            new,
            pictures=(),
            issue_pictures=[() for _each in new.issues],
            by=by,
            now=now,
            announced=hashes_of(announced, 1 + len(new.issues)),
        )
        if not was_there:
            issue_ids = [None, *store.list_issue_ids(db, visit_id)]
            for each in announced:
                if not store.insert_announced(
                    db,
                    key=each.key,
                    visit_id=visit_id,
                    issue_id=issue_ids[each.group],
                    sha256=each.sha256,
                    position=each.position,
                ):
                    raise Conflict(KEY_TAKEN)
        elif announced and not store.list_announced(db, visit_id):
            # The plain form was quicker: it brought the same photos along, as its hash says.
            return Receipt(new.client_key, visit_id, tuple(each.key for each in announced), ())
        return _receipt(db, new.client_key, visit_id)


def find_photo(db: Database, photo_key: str, visit_key: str, *, by: User):
    """The announced photo (a row). Raises NotFound for another's or an unknown record, Conflict if not announced."""
    row = store.get_announced(db, photo_key)
    if row is None:
        visit = visit_store.get_receipt(db, visit_key)
        if visit is None or visit["officer_id"] != by.id:
            raise NotFound(NO_SUCH_RECORD)
        raise Conflict(NOT_ANNOUNCED)
    if row["officer_id"] != by.id or row["client_key"] != visit_key:
        raise NotFound(NO_SUCH_RECORD)
    return row


def check_photo(row, sha256: str) -> bool:
    """Whether these bytes still have to be stored. Raises Conflict for other bytes than stored, Invalid if damaged."""
    if row["sha256"] == sha256:
        return row["photo_id"] is None
    if row["photo_id"] is not None:
        raise Conflict(OTHER_PHOTO)
    raise Invalid(fields={"sha256": DAMAGED})


def attach_photo(db: Database, photo_key: str, visit_key: str, picture: Picture, *, by: User, now: datetime) -> Receipt:
    """Name a stored picture as the announced one; what is there of its record now."""
    with transaction(db):
        row = find_photo(db, photo_key, visit_key, by=by)
        if check_photo(row, picture.original_sha256):
            photo_id = photos.insert_photo(
                db,
                picture,
                visit_id=None if row["issue_id"] else row["visit_id"],
                issue_id=row["issue_id"],
                position=row["position"],
                added_by=by.id,
                now=now,
            )
            store.update_announced(db, row["id"], photo_id=photo_id)
        return _receipt(db, visit_key, row["visit_id"])


def receipt_of(db: Database, visit_key: str, visit_id: int) -> Receipt:
    """What is there of a record."""
    return _receipt(db, visit_key, visit_id)


def _receipt(db: Database, client_key: str, visit_id: int) -> Receipt:
    rows = store.list_announced(db, visit_id)
    return Receipt(
        client_key,
        visit_id,
        have=tuple(row["key"] for row in rows if row["photo_id"] is not None),
        missing=tuple(row["key"] for row in rows if row["photo_id"] is None),
    )


def make_move(
    db: Database,
    client_key: str,
    issue_id: int,
    action: str,
    *,
    by: User,
    now: datetime,
    version: int,
    brought: Mapping[str, object],
    body_sha256: str,
) -> None:
    """Make a move that waited on a phone, once. Raises what `advance` raises, Conflict for the same key otherwise."""
    with transaction(db):
        if is_move_made(db, client_key, body_sha256, by=by):
            return
        issues.advance(db, issue_id, action, by=by, now=now, version=version, brought=brought)
        store.insert_move(db, key=client_key, body_sha256=body_sha256, issue_id=issue_id, by_id=by.id, now=now)


def log_import(db: Database, officer_id: int, counts: Sequence[int], *, by_id: int | None, now: datetime) -> None:
    """Write down that what a phone exported was taken in: how many were stored, known, stored in part and refused."""
    with transaction(db):
        detail = " / ".join(map(str, counts))
        audit.add_entry(db, "outbox_imported", f"user:{officer_id}", by_id=by_id, now=now, detail=detail)


def is_move_made(db: Database, client_key: str, body_sha256: str, *, by: User) -> bool:
    """Whether this very move is stored. Raises NotFound for another person's key, Conflict for another content."""
    row = store.get_move(db, client_key)
    if row is None:
        return False
    if row["by_id"] != by.id:
        raise NotFound(issues.NO_SUCH_ISSUE)
    if row["body_sha256"] != body_sha256:
        raise Conflict(OTHER_MOVE)
    return True
