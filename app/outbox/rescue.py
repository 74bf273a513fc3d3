"""What was rescued from a phone as a ZIP, taken in: each record by itself, what is stored already left as it is."""

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from io import BytesIO
from typing import IO, Any

from sqlite_utils import Database

from app.clock import now
from app.config import Settings
from app.departments import store as departments
from app.errors import AppError, Invalid
from app.i18n import N_
from app.outbox import actions, reading
from app.outbox.models import Announced, account_of
from app.people import store as people
from app.people.models import User
from app.permissions import Role
from app.photos import actions as photos
from app.visits import store as visits

MOST_BYTES = 2_000_000
"""Of the list of records; photos have a limit of their own."""

NO_EXPORT = N_("这不是手机里“导出到文件”得到的压缩包，请换一个文件。")
NO_OFFICER = N_("没有这个首席服务官账号，或账号已停用。请核对后再填。")
NOT_HERS = N_("这个文件是另一个账号的手机导出的，请填写记录时的账号。")
PHOTO_MISSING = N_("压缩包里缺少这条记录的照片，或照片已损坏。")


class State(StrEnum):
    """What became of a record."""

    STORED = "stored"
    ALREADY = "already"
    PARTLY = "partly"  # its text is stored, a photo is not
    REFUSED = "refused"


STATE_WORDS = {
    State.STORED: N_("已入库"),
    State.ALREADY: N_("之前已入库，没有改动"),
    State.PARTLY: N_("文字已入库，有照片没有收下"),
    State.REFUSED: N_("没有收下"),
}


@dataclass(frozen=True)
class Outcome:
    """A record's key and title, what became of it, and why it was refused (messages with their parameters)."""

    key: str
    title: str
    state: State
    reasons: tuple[str, ...] = ()
    params: dict[str, object] = field(default_factory=dict)
    photo_count: int = 0


def find_officer(db: Database, username: str) -> User:
    """The account that recorded it. Raises Invalid on `username`."""
    user = people.get_user_by_username(db, username)
    if user is None or user.role is not Role.OFFICER:
        raise Invalid(NO_OFFICER, fields={"username": NO_OFFICER})
    return user


def take_in(
    db: Database, file: str | IO[bytes], *, officer: User, by: User | None, settings: Settings
) -> list[Outcome]:
    """Each record's outcome, in order, and one line in the audit log. Raises Invalid if it is no export of hers."""
    try:
        with zipfile.ZipFile(file) as held:
            records = _records(held, officer)
            outcomes = [_take_in_one(db, held, record, officer=officer, settings=settings) for record in records]
    except zipfile.BadZipFile as error:
        raise Invalid(NO_EXPORT, fields={"file": NO_EXPORT}) from error
    counts = [sum(each.state is state for each in outcomes) for state in State]
    actions.log_import(db, officer.id, counts, by_id=by.id if by else None, now=now())
    return outcomes


def _read(held: zipfile.ZipFile, name: str, *, most: int) -> bytes | None:
    """The content, one byte more than `most` at the longest; None if it is not there or cannot be read."""
    try:
        if held.getinfo(name).compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            return None
        with held.open(name) as file:
            return file.read(most + 1)
    except (KeyError, RuntimeError, EOFError, zlib.error, zipfile.BadZipFile):  # a password is a RuntimeError
        return None


def _records(held: zipfile.ZipFile, officer: User) -> Sequence[Any]:
    text = _read(held, "record.json", most=MOST_BYTES)
    try:
        body = reading.read_json(text if text and len(text) <= MOST_BYTES else b"")
    except Invalid as error:
        raise Invalid(NO_EXPORT, fields={"file": NO_EXPORT}) from error
    records = body.get("records")
    if not isinstance(records, list):
        raise Invalid(NO_EXPORT, fields={"file": NO_EXPORT})
    if body.get("account") not in (None, account_of(officer.id)):
        raise Invalid(NOT_HERS, fields={"username": NOT_HERS})
    return records


def _take_in_one(db: Database, held: zipfile.ZipFile, record: Any, *, officer: User, settings: Settings) -> Outcome:
    if not isinstance(record, dict):
        return Outcome("", "", State.REFUSED, (reading.NOT_READABLE,))
    key, title = str(record.get("client_key"))[:36], str(record.get("title", ""))[:100]
    try:
        key = reading.read_key(key)
        reading.check_schema(record)
        if record.get("kind") == "move":
            stored = Outcome(key, title, State.STORED)
            return _take_in_move(db, held, record, stored, officer=officer, settings=settings)
        visit, announced = reading.read_visit(record, key, category_ids=departments.list_category_ids(db))
        was_there = visits.get_receipt(db, key) is not None
        receipt = actions.store_visit(db, visit, announced, by=officer, now=now())
    except AppError as error:
        return _refused(key, title, State.REFUSED, error)
    if was_there and not receipt.missing:
        return Outcome(key, title, State.ALREADY, photo_count=len(receipt.have))
    sent = [each for each in announced if each.key in receipt.missing]
    return _take_in_photos(db, held, Outcome(key, title, State.STORED), sent, officer=officer, settings=settings)


def _take_in_move(
    db: Database, held: zipfile.ZipFile, record: dict, stored: Outcome, *, officer: User, settings: Settings
) -> Outcome:
    move = reading.read_move(record, departments=departments.list_departments(db))
    was_there = actions.find_move(db, stored.key, move, by=officer) is not None
    receipt = actions.make_move(db, stored.key, move, by=officer, now=now())
    if was_there and not receipt.missing:
        return replace(stored, state=State.ALREADY, photo_count=len(receipt.have))
    sent = [each for each in move.announced if each.key in receipt.missing]
    return _take_in_photos(db, held, stored, sent, officer=officer, settings=settings)


def _take_in_photos(
    db: Database,
    held: zipfile.ZipFile,
    stored: Outcome,
    missing: Sequence[Announced],
    *,
    officer: User,
    settings: Settings,
) -> Outcome:
    """The photos of a record whose text is stored: one that cannot be taken holds up no other."""
    most, first, count = settings.photo_mb * 1024 * 1024, None, 0
    for each in missing:
        try:
            raw = _read(held, f"photos/{each.key}.jpg", most=most)
            if raw is None:
                raise Invalid(PHOTO_MISSING)
            [picture] = photos.receive([BytesIO(raw)], folder=settings.photos, max_bytes=most)
            receipt = actions.attach_photo(db, each.key, stored.key, picture, by=officer, now=now())
            count = len(receipt.have)
        except AppError as error:
            first = first or error
    if first:
        return _refused(stored.key, stored.title, State.PARTLY, first)
    return Outcome(stored.key, stored.title, State.STORED, photo_count=count)


def _refused(key: str, title: str, state: State, error: AppError) -> Outcome:
    fields = tuple(dict.fromkeys(error.fields.values())) if isinstance(error, Invalid) else ()
    return Outcome(key, title, state, fields or (error.message,), error.params)
