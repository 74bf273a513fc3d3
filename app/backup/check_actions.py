"""Whether everything is as it should be: file, references, histories, search, clocks, photos."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from app import settings
from app.audit import store as audit
from app.backup import store
from app.backup.copying import Progress
from app.backup.manifest import digest_of
from app.clock import to_text
from app.db import transaction
from app.issues import actions as issues
from app.issues import history_store
from app.people.models import User
from app.photos import files
from app.rules import store as rules
from app.search import spaced

LAST_CHECK = "last_check"
"""The setting that remembers the newest check."""

_SAMPLED = 500
_MOST_NAMED = 10


@dataclass(frozen=True)
class Finding:
    """What one part of the check found. `count` things are not as they should be, the first of them named."""

    part: str
    count: int
    examples: tuple[str, ...] = ()
    is_fault: bool = True  # else only worth knowing
    looked_at: int = 0


def check(
    db: Database, photos: Path, *, pending: Iterable[str], deep: bool = False, progress: Progress = lambda *_: None
) -> list[Finding]:
    """Look at everything; a finding a part, of count 0 where all is well. `deep` reads every photo."""
    steps: list[Callable[[], list[Finding]]] = [
        lambda: [_found("database", store.list_faults(db))],
        lambda: [_found("schema", [f"{step} is not applied" for step in pending])],
        lambda: [_found("references", store.list_loose_rows(db))],
        lambda: [
            _found(
                "issue history",
                _broken("event", history_store.first_broken_event(db), history_store.first_unvouched_event(db)),
            )
        ],
        lambda: [_found("audit log", _broken("entry", audit.first_broken_entry(db), audit.first_unvouched_entry(db)))],
        lambda: [_found("search", [*store.list_unindexed(db), *_stale_index(db)])],
        lambda: [_check_clocks(db, progress)],
        lambda: _check_photos(db, photos, deep=deep, progress=progress),
    ]
    findings = []
    for nth, step in enumerate(steps, start=1):
        progress("check", nth, len(steps))
        findings += step()
        if findings[0].count:
            break  # a damaged file answers other questions wrongly, or not at all
    return findings


def remember(db: Database, findings: Iterable[Finding], *, deep: bool, by: User | None, now: datetime) -> None:
    """Keep what was found for the office's page: how many, never which, and that somebody looked (None: the server)."""
    kept = [{"part": each.part, "count": each.count, "is_fault": each.is_fault} for each in findings]
    with transaction(db):
        settings.set_setting(db, LAST_CHECK, json.dumps({"at": to_text(now), "is_deep": deep, "findings": kept}))
        audit.add_entry(db, "data_checked", "check", by_id=by.id if by else None, now=now)


def last_check(db: Database) -> dict | None:
    """What `remember` kept; None before the first."""
    text = settings.get_setting(db, LAST_CHECK)
    return json.loads(text) if text else None


def _found(part: str, wrong: list[str], *, is_fault: bool = True, looked_at: int = 0) -> Finding:
    return Finding(part, len(wrong), tuple(wrong[:_MOST_NAMED]), is_fault, looked_at)


def _broken(what: str, row_id: int | None, unvouched_id: int | None) -> list[str]:
    """What is wrong with one history; `unvouched_id` names a row of the other that is gone."""
    altered = [] if row_id is None else [f"altered at {what} {row_id} or before"]
    return (
        altered if unvouched_id is None else [*altered, f"{what} {unvouched_id} names a row of the other that is gone"]
    )


def _stale_index(db: Database) -> list[str]:
    return [
        f"{row['kind']} {row['id']} is indexed by another text"
        for row in store.read_indexed_texts(db)
        if row["indexed"] != spaced(row["text"])
    ]


def _check_clocks(db: Database, progress: Progress) -> Finding:
    """A sample of issues, reckoned anew from the history. Frozen lateness may differ by a later calendar."""
    ids = store.list_sample(db, limit=_SAMPLED)
    wrong = []
    with rules.read_once(db):
        for nth, issue_id in enumerate(ids, start=1):
            progress("clocks", nth, len(ids))
            held = {
                (row["clock"], row["round"]): (row["started_at"], row["stopped_at"])
                for row in store.list_clocks(db, issue_id)
            }
            reckoned = {
                (str(state.clock), state.round): (
                    to_text(state.started_at),
                    to_text(state.stopped_at) if state.stopped_at else None,
                )
                for state in issues.clocks_of(db, issue_id)
            }
            if held != reckoned:
                wrong.append(f"issue {issue_id}: stored clocks are not those of its history")
    return _found("clocks", wrong, looked_at=len(ids))


def _check_photos(db: Database, photos: Path, *, deep: bool, progress: Progress) -> list[Finding]:
    rows = store.list_photos(db)
    named: set[str] = set()
    missing, damaged = [], []
    for nth, row in enumerate(rows, start=1):
        progress("photos", nth, len(rows))
        for size in files.SIZE_NAMES:
            path = files.path_of(photos, row["sha256"], size)
            name = path.relative_to(photos).as_posix()
            named.add(name)
            if not path.is_file():
                missing.append(name)
            elif size == "main" and (
                path.stat().st_size != row["byte_count"] or (deep and digest_of(path) != row["sha256"])
            ):
                damaged.append(name)
    # A photo that is being taken in lies there before its row; one whose visit was then refused stays.
    orphans = sorted(set(files.list_files(photos)) - named)
    return [
        _found("photo files missing", missing, looked_at=len(named)),
        _found("photo files damaged", damaged, looked_at=len(rows)),
        _found("photo files that no row names", orphans, is_fault=False),
    ]
