"""What a phone sends, read strictly: JSON into the same forms that the pages use. Whatever it is, never a 5xx."""

import hashlib
import json
import re
from collections.abc import Collection, Sequence
from io import BytesIO
from typing import Any

from werkzeug.datastructures import MultiDict

from app.errors import Invalid
from app.forms import read_id
from app.i18n import N_
from app.issues.forms import WITH_PHOTOS, move_form
from app.issues.lifecycle import NOUNS
from app.outbox.models import SCHEMAS, Announced, PhoneMove
from app.photos.actions import MOST_PHOTOS, TOO_MANY_PHOTOS
from app.visits.forms import VisitForm
from app.visits.models import MOST_ISSUES, NewVisit

NOT_READABLE = N_("手机发来的内容读不懂。请更新页面后再发；内容仍在手机里。")
UNKNOWN_SCHEMA = N_("手机上的页面版本与服务器不符。请联网刷新页面后再发；内容仍在手机里。")
BAD_KEY = N_("编号不对，请重新打开页面后再提交。")

MOVES_BY_PHONE = frozenset({"note", "supplement", "verify", "reject_answer"})
"""Moves that may wait in a phone's outbox."""

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FIELD = re.compile(r"photos|issues-([0-4])-photos")
_NAME = re.compile(r"[a-z0-9_-]{1,60}")
_MOST_FIELDS, _MOST_VALUES = 200, 40


def read_key(raw: str) -> str:
    """A key in lower case. Raises Invalid."""
    if not _UUID.fullmatch(raw.lower()):
        raise Invalid(BAD_KEY)
    return raw.lower()


def _no_constant(name: str):
    raise ValueError(name)


def read_json(raw: bytes) -> dict[str, Any]:
    """The object of a schema that we know. Raises Invalid for anything else, however long or deep."""
    try:
        body = json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:  # a number of more than 4,300 digits is a ValueError too
        raise Invalid(NOT_READABLE) from error
    if not isinstance(body, dict):
        raise Invalid(NOT_READABLE)
    check_schema(body)
    return body


def check_schema(body: dict[str, Any]) -> None:
    """Raises Invalid for a layout that we do not know."""
    if type(body.get("schema")) is not int or body["schema"] not in SCHEMAS:
        raise Invalid(UNKNOWN_SCHEMA)


def _fields(body: dict[str, Any], name: str) -> MultiDict:
    """Names and texts as a form would bring them."""
    record = body.get(name)
    if not isinstance(record, dict) or len(record) > _MOST_FIELDS:
        raise Invalid(NOT_READABLE)
    found: MultiDict[str, str] = MultiDict()
    for field, value in record.items():
        values = value if isinstance(value, list) else [value]
        if not _NAME.fullmatch(field) or len(values) > _MOST_VALUES:
            raise Invalid(NOT_READABLE)
        if not all(isinstance(each, str) for each in values):
            raise Invalid(NOT_READABLE)
        found.setlist(field, values)
    return found


def _manifest(body: dict[str, Any]) -> list[tuple[str, str, int]]:
    """(key, sha256, number of the form's field: 0 for the visit's photos, 1 + k for problem k's), in order."""
    photos = body.get("photos", [])
    if not isinstance(photos, list) or len(photos) > MOST_PHOTOS * (1 + MOST_ISSUES):
        raise Invalid(NOT_READABLE)
    found = []
    for each in photos:
        if not isinstance(each, dict) or not all(
            isinstance(each.get(name), str) for name in ("key", "sha256", "field")
        ):
            raise Invalid(NOT_READABLE)
        field = _FIELD.fullmatch(each["field"])
        if not field or not _UUID.fullmatch(each["key"]) or not _SHA256.fullmatch(each["sha256"]):
            raise Invalid(NOT_READABLE)
        found.append((each["key"], each["sha256"], int(field[1]) + 1 if field[1] else 0))
    if len({key for key, _sha256, _nth in found}) < len(found):
        raise Invalid(NOT_READABLE)
    for nth in range(1 + MOST_ISSUES):
        if sum(each[2] == nth for each in found) > MOST_PHOTOS:
            raise Invalid(fields={f"issues-{nth - 1}-photos" if nth else "photos": TOO_MANY_PHOTOS})
    return found


def read_visit(
    body: dict[str, Any], client_key: str, *, category_ids: Collection[int]
) -> tuple[NewVisit, tuple[Announced, ...]]:
    """The visit and the photos that will follow. Raises Invalid with every message, as the visit form does."""
    fields = _fields(body, "record")
    fields["client_key"] = client_key
    manifest = _manifest(body)
    form = VisitForm(fields, with_photos={nth - 1 for _key, _sha256, nth in manifest if nth}, category_ids=category_ids)
    visit = form.read_visit()
    groups = {0: 0} | {position + 1: nth for nth, position in enumerate(form.reported(), start=1)}
    counts: dict[int, int] = {}
    announced = []
    for key, sha256, nth in manifest:
        announced.append(Announced(key, sha256, groups[nth], counts.get(nth, 0)))
        counts[nth] = counts.get(nth, 0) + 1
    return visit, tuple(announced)


def read_move(body: dict[str, Any], *, departments: Sequence) -> PhoneMove:
    """The move and the photos that will follow. Raises Invalid with every message, as the move's own form does."""
    issue_id, noun, version = body.get("issue_id"), body.get("noun"), body.get("version")
    row = NOUNS.get(noun) if isinstance(noun, str) else None
    ids = [read_id(str(each)) if type(each) is int and each < 2**53 else None for each in (issue_id, version)]
    if row is None or row.action not in MOVES_BY_PHONE or ids[0] is None or ids[1] is None:
        raise Invalid(NOT_READABLE)
    fields = _fields(body, "fields")
    fields["version"] = str(ids[1])
    manifest = _manifest(body)
    if any(nth for _key, _sha256, nth in manifest) or (manifest and row.action not in WITH_PHOTOS):
        raise Invalid(NOT_READABLE)
    form = move_form(row, fields, departments=departments)
    brought = form.read_move(row.action, photo_count=len(manifest))
    # What came with a later release counts only where it is filled: see NewVisit.body_sha256.
    same: list[object] = [ids[0], row.noun, ids[1], {k: v for k, v in brought.items() if k == "note" or v}]
    if manifest:
        same.append([sha256 for _key, sha256, _nth in manifest])
    text = json.dumps(same, ensure_ascii=False, sort_keys=True, default=str)
    return PhoneMove(
        issue_id=ids[0],
        action=row.action,
        version=ids[1],
        brought=brought,
        announced=tuple(Announced(key, sha256, 0, position) for position, (key, sha256, _nth) in enumerate(manifest)),
        body_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def sha256_of(raw: bytes) -> str:
    """What the phone's manifest says of these bytes, if they came whole."""
    return hashlib.sha256(raw).hexdigest()


def stream_of(raw: bytes) -> BytesIO:
    """The bytes as an upload."""
    return BytesIO(raw)
