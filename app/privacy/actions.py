"""Erasing what is past its time: batch by batch, so that everybody goes on working, each with its audit entry.

What was interrupted is taken up by the next run; what was erased is not found again.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from app.audit import store as audit
from app.db import transaction
from app.firms import erasing_store as firms
from app.i18n import N_
from app.issues import erasing_store as issues
from app.notices import erasing_store as messages
from app.people import erasing_store as people
from app.photos import erasing_store as photo_rows
from app.photos import files
from app.privacy import store
from app.privacy.masking import without_phones
from app.privacy.periods import Periods
from app.visits import erasing_store as visits

PARTS: Mapping[str, tuple[str, Callable[..., list[int]]]] = {
    "visits": ("texts", visits.list_due),
    "issues": ("texts", issues.list_due),
    "messages": ("texts", messages.list_due),
    "contacts": ("contacts", firms.list_due),
    "accounts": ("accounts", people.list_due_accounts),
    "sessions": ("sessions", people.list_due_sessions),
}
"""What is erased: by which period, and how it is found."""
GONE = N_("已注销人员")
"""What an erased account is called."""
_BATCH = 200
_YOUNG_S = 3600
"""A picture file touched within so many seconds may just be getting a new row: it waits for the next run."""

Progress = Callable[[str, int, int], None]


def find_due(db: Database, periods: Periods, at: datetime) -> dict[str, int]:
    """How many of each part are past their time at this moment, photos among them; nothing is changed."""
    due: dict[str, list[int]] = {}
    for part, (period, list_due) in PARTS.items():
        before = periods.ends(period, at)
        due[part] = list_due(db, before=before, limit=-1) if before else []
    photos = photo_rows.count_photos_of(db, visits=due["visits"], issues=due["issues"])
    return {**{part: len(ids) for part, ids in due.items()}, "photos": photos}


def erase(
    db: Database, photos: Path, periods: Periods, *, now: datetime, progress: Progress = lambda *_: None
) -> dict[str, int]:
    """Erase it; how many of each part were, and how many picture files went with them."""
    due, erased = find_due(db, periods, now), dict.fromkeys((*PARTS, "photos"), 0)
    store.overwrite_what_is_freed(db)
    for part, (period, list_due) in PARTS.items():
        before = periods.ends(period, now)
        while before and (ids := list_due(db, before=before, limit=_BATCH)):
            with transaction(db):
                erased["photos"] += _ERASE[part](db, ids, now)
            erased[part] += len(ids)
            progress(part, erased[part], max(due[part], erased[part]))
    erased["files"] = _delete_pictures(db, photos, now)
    store.empty_log(db)
    return erased


def _note(db: Database, part: str, ids: Sequence[int], now: datetime, *more: str) -> int:
    """The audit entry of a batch, without personal data; its id."""
    detail = ", ".join([f"{len(ids)} {part}", *more])
    return audit.add_entry(db, "data_erased", f"erasing:{part}", by_id=None, now=now, detail=detail)


def _erase_visits(db: Database, ids: Sequence[int], now: datetime) -> int:
    visits.erase(db, ids, now=now)
    photos = photo_rows.erase_photos_of(db, visits=ids, now=now)
    _note(db, "visits", ids, now, f"{photos} photos")
    return photos


def _erase_issues(db: Database, ids: Sequence[int], now: datetime) -> int:
    issues.erase(db, ids, now=now)
    photos = photo_rows.erase_photos_of(db, issues=ids, now=now)
    for row in issues.list_titles(db, ids):
        if (title := without_phones(row["title"])) != row["title"]:
            issues.update_title(db, row["id"], title)
    events = issues.list_spoken_events(db, ids)
    left = [{**dict(row), "note": "", "data": row["left"]} for row in events]
    said = f"{len(events)} events, sha256:{issues.digest_of_left(left)}"
    entry_id = _note(db, "issues", ids, now, f"{photos} photos", said)
    issues.erase_events(db, [row["id"] for row in events], entry_id=entry_id)
    return photos


def _without_photos(part: str, erase_rows: Callable[..., None]) -> Callable[[Database, Sequence[int], datetime], int]:
    def _erase_batch(db: Database, ids: Sequence[int], now: datetime) -> int:
        erase_rows(db, ids)
        _note(db, part, ids, now)
        return 0

    return _erase_batch


def _erase_accounts(db: Database, ids: Sequence[int], now: datetime) -> int:
    people.erase_accounts(db, ids, name=GONE, now=now)
    _note(db, "accounts", ids, now)
    return 0


_ERASE: Mapping[str, Callable[[Database, Sequence[int], datetime], int]] = {
    "visits": _erase_visits,
    "issues": _erase_issues,
    "messages": _without_photos("messages", messages.erase),
    "contacts": _without_photos("contacts", firms.erase),
    "accounts": _erase_accounts,
    "sessions": _without_photos("sessions", people.delete_sessions),
}
"""One batch with its audit entry, in the caller's transaction; how many photos went."""


def _delete_pictures(db: Database, root: Path, now: datetime) -> int:
    """Delete the files that only erased photos name, those of an interrupted run too; how many."""
    count = 0
    for sha256 in photo_rows.list_unnamed_pictures(db):
        for size_name in files.SIZE_NAMES:
            path = files.path_of(root, sha256, size_name)
            with transaction(db):  # nobody names it meanwhile
                is_there = path.is_file() and now.timestamp() - path.stat().st_mtime > _YOUNG_S
                if is_there and photo_rows.is_unnamed(db, sha256):
                    path.unlink()
                    count += 1
    return count
