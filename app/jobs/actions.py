"""Asking for long work, taking it up, ending it: one transaction each."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from app.db import transaction
from app.errors import TooMany
from app.i18n import N_
from app.jobs import store
from app.jobs.models import KEPT_FOR, LEASE, MOST_OPEN, Done, Job
from app.people.models import User

DIED = N_("处理时服务多次中断，没有完成。请缩小范围再试，或告诉市营商办。")


def ask(db: Database, kind: str, params: Mapping, *, by: User, now: datetime) -> int:
    """Ask for a job; its id. The same one asked for twice is one job. Raises TooMany when too many wait."""
    with transaction(db):
        same = store.find_open(db, kind, params, asked_by=by.id)
        if same is not None:
            return same
        if store.count_open(db, asked_by=by.id) >= MOST_OPEN:
            raise TooMany(N_("您有几项任务还没有完成，请等它们完成后再试。"))
        return store.insert_job(db, kind, params, asked_by=by.id, now=now)


def claim(db: Database, lease: str, *, now: datetime) -> Job | None:
    """Take up the next job under this lease, or None."""
    with transaction(db):
        store.update_exhausted(db, DIED, now=now, until=now + LEASE)
        return store.claim_job(db, lease, now=now, until=now + LEASE)


def report_progress(db: Database, lease: str, *, done: int, total: int, now: datetime) -> bool:
    """Say how far it is; False when another process has taken the job over."""
    with transaction(db):
        return store.update_progress(db, lease, done=done, total=total, until=now + LEASE)


def finish(db: Database, lease: str, came: Done, *, now: datetime) -> bool:
    """End a job well; False when another process has taken it over."""
    with transaction(db):
        return store.update_done(db, lease, came, now=now)


def fail(db: Database, lease: str, error: str, *, now: datetime) -> None:
    """End a job with a msgid for whoever asked."""
    with transaction(db):
        store.update_failed(db, lease, error, now=now)


def file_of(folder: Path, job_id: int) -> Path:
    """Where the file of a job lies."""
    return folder / f"{job_id}.result"


def purge(db: Database, folder: Path, *, now: datetime) -> int:
    """Delete what jobs made and what was known of them, a day after they ended; how many."""
    ended = store.list_ended(db, before=now - KEPT_FOR)
    for job_id in ended:
        file_of(folder, job_id).unlink(missing_ok=True)
    with transaction(db):
        for job_id in ended:
            store.delete_job(db, job_id)
    return len(ended)
