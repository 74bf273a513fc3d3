"""Putting a backup back into an empty instance folder. The database gets its name last."""

import errno
import os
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from app.audit import store as audit
from app.backup import copying, store
from app.backup.actions import verify
from app.backup.copying import Progress
from app.backup.manifest import DATABASE, FILES, PHOTOS, BackupError, Manifest, digest_of, read_listing
from app.db import transaction
from app.disk import sync_folder
from app.people import session_store as sessions

RESTORING = ".restoring"
_MAY_BE_THERE = {"secret_key", RESTORING}
"""The app makes itself a key whenever it starts; one without a database has signed nothing that is worth keeping."""


def refuse_unless_empty(instance: Path) -> None:
    """Raises BackupError, naming what lies in the instance folder. What an interrupted restore left may lie there."""
    if (instance / DATABASE).exists():
        raise BackupError(f"There is a database in {instance}. Move the folder away first: restoring never overwrites.")
    may_be_there = _MAY_BE_THERE | ({PHOTOS} if (instance / RESTORING).exists() else set())
    held = [each.name for each in instance.iterdir()] if instance.is_dir() else []
    others = [name for name in held if name not in may_be_there and not name.startswith(".")]
    if others:
        raise BackupError(f"{instance} is not empty ({', '.join(sorted(others)[:5])}). Restore into an empty folder.")


def restore(
    backup: Path,
    instance: Path,
    *,
    known_steps: Sequence[str],
    now: datetime,
    progress: Progress = lambda *_: None,
) -> Manifest:
    """Verify a backup and put it back; interrupted, run it again. Raises BackupError with no database in place."""
    instance = instance.resolve()
    refuse_unless_empty(instance)
    manifest, wrong = verify(backup, progress=progress)
    if wrong:
        raise BackupError(f"The backup is not whole, nothing was restored: {'; '.join(wrong[:5])}")
    if manifest.schema not in ("", *known_steps):
        raise BackupError(f"The backup is of a newer release (schema {manifest.schema}). Install that release first.")
    try:
        _put_back(backup, instance, manifest, now=now, progress=progress)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BackupError(f"The disk under {instance} is full. Make room and run it again: it goes on.") from error
        raise BackupError(f"It could not be put back: {error}") from error
    return manifest


def _put_back(backup: Path, instance: Path, manifest: Manifest, *, now: datetime, progress: Progress) -> None:
    instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    work = instance / RESTORING
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    listing = read_listing(backup)
    (instance / PHOTOS).mkdir(exist_ok=True, mode=0o700)
    for nth, (name, digest) in enumerate(listing.items(), start=1):
        progress("restoring photos", nth, len(listing))
        target = instance / PHOTOS / name
        if not (target.exists() and digest_of(target) == digest):
            copying.copy_file(backup.parent / PHOTOS / name, target)
    copying.copy_file(backup / DATABASE, work / DATABASE)
    with store.open_restored(work / DATABASE) as db:
        _log_restore(db, backup.name, now=now)
    for each in manifest.files:
        copying.copy_file(backup / each.path, instance / Path(each.path).relative_to(FILES))
    os.sync()
    (work / DATABASE).rename(instance / DATABASE)
    shutil.rmtree(work)
    sync_folder(instance)


def _log_restore(db: Database, name: str, *, now: datetime) -> None:
    """Sessions that were ended after the backup would live again, so all end: everybody signs in anew."""
    with transaction(db):
        sessions.end_all_sessions(db, now=now)
        audit.add_entry(db, "backup_restored", f"backup:{name}", by_id=None, now=now)
