"""Taking in what a phone kept: a record once, then each of its photos once, and a receipt after every commit."""

from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from app.audit import store as audit
from app.db import transaction
from app.errors import Conflict, Invalid, NotFound
from app.i18n import N_
from app.issues import actions as issues
from app.issues import history_store
from app.issues import store as issue_store
from app.outbox import store
from app.outbox.models import Announced, PhoneMove, Receipt, hashes_of
from app.people.models import User
from app.photos import store as photos
from app.photos.intake import Picture
from app.visits import actions as visits
from app.visits import store as visit_store
from app.visits.models import NewVisit

NO_SUCH_RECORD = N_("没有这条记录。请先上传文字，再上传照片。")
OTHER_PHOTO = N_("这张照片已经入库，内容与这次上传的不同。")
NOT_ANNOUNCED = N_("这条记录入库时没有登记这张照片。")
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
                _announce(db, each, visit_id=visit_id, issue_id=issue_ids[each.group])
        elif announced and not store.list_announced(db, visit_id=visit_id):
            # The plain form was quicker: it brought the same photos along, as its hash says.
            return Receipt(new.client_key, tuple(each.key for each in announced), (), visit_id=visit_id)
        return _receipt(db, new.client_key, visit_id=visit_id)


def _announce(db: Database, each: Announced, *, issue_id: int | None, **owner: int) -> None:
    if not store.insert_announced(
        db, key=each.key, issue_id=issue_id, sha256=each.sha256, position=each.position, **owner
    ):
        raise Conflict(KEY_TAKEN)


def find_photo(db: Database, photo_key: str, record_key: str, *, by: User):
    """The announced photo (a row). Raises NotFound for another's or an unknown record, Conflict if not announced."""
    row = store.get_announced(db, photo_key)
    if row is None:
        visit, move = visit_store.get_receipt(db, record_key), store.get_move(db, record_key)
        if (visit["officer_id"] if visit else move["by_id"] if move else None) != by.id:
            raise NotFound(NO_SUCH_RECORD)
        raise Conflict(NOT_ANNOUNCED)
    if row["by_id"] != by.id or row["client_key"] != record_key:
        raise NotFound(NO_SUCH_RECORD)
    return row


def check_photo(row, sha256: str) -> bool:
    """Whether these bytes still have to be stored. Raises Conflict for other bytes than stored, Invalid if damaged."""
    if row["sha256"] == sha256:
        return row["photo_id"] is None
    if row["photo_id"] is not None:
        raise Conflict(OTHER_PHOTO)
    raise Invalid(fields={"sha256": DAMAGED})


def attach_photo(
    db: Database, photo_key: str, record_key: str, picture: Picture, *, by: User, now: datetime
) -> Receipt:
    """Name a stored picture as the announced one; what is there of its record now."""
    with transaction(db):
        row = find_photo(db, photo_key, record_key, by=by)
        if check_photo(row, picture.original_sha256):
            photo_id = photos.insert_photo(
                db,
                picture,
                visit_id=None if row["issue_id"] else row["visit_id"],
                issue_id=row["issue_id"],
                event_id=row["event_id"],
                position=row["position"],
                added_by=by.id,
                now=now,
            )
            store.update_announced(db, row["id"], photo_id=photo_id)
        return receipt_of(db, row)


def receipt_of(db: Database, row) -> Receipt:
    """What is there of the record that an announced photo (a row) belongs to."""
    if row["event_id"]:
        return _receipt(db, row["client_key"], event_id=row["event_id"], issue_id=row["issue_id"])
    return _receipt(db, row["client_key"], visit_id=row["visit_id"])


def _receipt(
    db: Database,
    client_key: str,
    *,
    visit_id: int | None = None,
    event_id: int | None = None,
    issue_id: int | None = None,
) -> Receipt:
    rows = store.list_announced(db, visit_id=visit_id, event_id=event_id)
    return Receipt(
        client_key,
        have=tuple(row["key"] for row in rows if row["photo_id"] is not None),
        missing=tuple(row["key"] for row in rows if row["photo_id"] is None),
        visit_id=visit_id,
        issue_id=issue_id,
    )


def make_move(db: Database, client_key: str, move: PhoneMove, *, by: User, now: datetime) -> Receipt:
    """Make a move that waited on a phone, once; what is there of it.

    Raises what `advance` raises, Conflict for the same key with other content.
    """
    with transaction(db):
        row = find_move(db, client_key, move, by=by)
        if row is None:
            version = _version_now(db, move, now=now)
            issues.advance(db, move.issue_id, move.action, by=by, now=now, version=version, brought=move.brought)
            event_id = history_store.list_events(db, move.issue_id)[-1]["id"]
            store.insert_move(
                db,
                key=client_key,
                body_sha256=move.body_sha256,
                issue_id=move.issue_id,
                event_id=event_id,
                by_id=by.id,
                now=now,
            )
            for each in move.announced:
                _announce(db, each, event_id=event_id, issue_id=move.issue_id)
        else:
            event_id = row["event_id"]
        if event_id is None:  # made before moves could announce photos
            return Receipt(client_key, (), (), issue_id=move.issue_id)
        return _receipt(db, client_key, event_id=event_id, issue_id=move.issue_id)


def _version_now(db: Database, move: PhoneMove, *, now: datetime) -> int:
    """The version that the move is made against: hers, or today's where nothing but notes came since.

    A note decides nothing and is taken whatever happened meanwhile; her own note, sent a moment before from the same
    phone, must not make her answer stale. Every version of an issue is one line of its history.
    """
    issue = issue_store.get_issue_for_system(db, move.issue_id, now=now)
    if issue is None or issue.version <= move.version:
        return move.version
    if move.action == "note":
        return issue.version
    since = history_store.list_events(db, move.issue_id)[move.version - issue.version :]
    return issue.version if all(each["action"] == "note" for each in since) else move.version


def find_move(db: Database, client_key: str, move: PhoneMove, *, by: User):
    """This very move, if it is stored, else None. Raises NotFound for another's key, Conflict for other content."""
    row = store.get_move(db, client_key)
    if row is None:
        return None
    if row["by_id"] != by.id:
        raise NotFound(issues.NO_SUCH_ISSUE)
    if row["body_sha256"] != move.body_sha256:
        raise Conflict(OTHER_MOVE)
    return row


def log_import(db: Database, officer_id: int, counts: Sequence[int], *, by_id: int | None, now: datetime) -> None:
    """Write down that what a phone exported was taken in: how many were stored, known, stored in part and refused."""
    with transaction(db):
        detail = " / ".join(map(str, counts))
        audit.add_entry(db, "outbox_imported", f"user:{officer_id}", by_id=by_id, now=now, detail=detail)
