"""Taking a backup and looking it over: the database at one moment, its photos, the rest, the manifest last."""

import errno
import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

from app import settings as kept
from app.audit import store as audit
from app.backup import copying, store
from app.backup.copying import Progress
from app.backup.manifest import (
    DATABASE,
    FILES,
    LISTING,
    MANIFEST,
    PHOTOS,
    UNFINISHED,
    BackupError,
    Manifest,
    Stored,
    digest_of,
    folder_name,
    list_backups,
    listing_text,
    outdated,
    read_listing,
    read_manifest,
    stored,
    to_json,
)
from app.clock import to_text
from app.db import transaction
from app.disk import sync_folder
from app.photos import files as photo_files

LAST_BACKUP = "last_backup"
"""The setting that remembers the newest backup."""

NOT_OTHER_FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", f"{DATABASE}-journal", PHOTOS, "exports", "rosters")
"""What is copied in a way of its own; exports and rosters being taken in, which are kept for a day only."""


@dataclass(frozen=True)
class Taken:
    """A finished backup: where, what it says of itself, how many photos it brought anew, what was pruned."""

    folder: Path
    manifest: Manifest
    copied: int
    copied_bytes: int
    pruned: tuple[Path, ...]

    @property
    def is_whole(self) -> bool:
        """Whether every photo that the database names was there and well."""
        return not self.manifest.missing and not self.manifest.damaged


def take_backup(
    instance: Path, to: Path, *, release: str, now: datetime, keep: int = 0, progress: Progress = lambda *_: None
) -> Taken:
    """Copy a running instance into a new folder under `to`; with `keep`, all but so many newest go (photos stay).

    An interrupted backup is told by its folder's name, and is cleaned away by the next one, which takes over the photos
    that were copied. Raises BackupError, in words for the administrator, with the live data untouched.
    """
    instance, to = instance.resolve(), to.resolve()
    if not (instance / DATABASE).is_file():
        raise BackupError(f"There is no database in {instance}.")
    if to == instance or instance in to.parents:
        raise BackupError("A backup inside of what it backs up is lost with it. Name a folder elsewhere.")
    try:
        with copying.only_one(to):
            for left in to.glob(f"{UNFINISHED}*"):
                shutil.rmtree(left)
            made = _copy(instance, to, release=release, now=now, progress=progress)
            finished = list_backups(to)
            pruned = tuple(outdated(finished, keep))
            for each in pruned:
                each.rename(to / f"{UNFINISHED}{each.name}")  # never half a backup under a backup's name
                shutil.rmtree(to / f"{UNFINISHED}{each.name}")
            return Taken(*made, pruned)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise BackupError(f"The disk under {to} is full. Make room there and run it again: it goes on.") from error
        raise BackupError(f"The backup could not be written: {error}") from error


def _copy(
    instance: Path, to: Path, *, release: str, now: datetime, progress: Progress
) -> tuple[Path, Manifest, int, int]:
    name = folder_name(now)
    if (to / name).exists():
        raise BackupError(f"{to / name} is there already.")
    unfinished, photos = to / f"{UNFINISHED}{name}", to / PHOTOS
    unfinished.mkdir(mode=0o700)
    photos.mkdir(mode=0o700, exist_ok=True)
    database = unfinished / DATABASE
    store.copy_database(instance / DATABASE, database, progress=progress)
    database.chmod(0o600)
    with store.open_copy(database) as copy:
        faults = store.list_faults(copy)
        if faults:
            raise BackupError(f"The database is damaged, so its copy is too. Keep earlier backups. {faults[0]}")
        schema, counts, heads = store.get_schema(copy), store.count_rows(copy), store.get_heads(copy)
        names = photo_names(copy)
    found = copying.copy_photos(instance / PHOTOS, photos, names, known=_known(to), progress=progress)
    (unfinished / LISTING).write_text(listing_text(found.hashes), encoding="ascii")
    others = [path.relative_to(instance) for path in copying.other_files(instance, but=NOT_OTHER_FILES)]
    for path in others:
        copying.copy_file(instance / path, unfinished / FILES / path)
    manifest = Manifest(
        taken_at=to_text(now),
        release=release,
        schema=schema,
        sqlite=store.SQLITE,
        database=stored(database, unfinished),
        listing=stored(unfinished / LISTING, unfinished),
        files=tuple(stored(unfinished / FILES / path, unfinished) for path in others),
        photo_count=len(found.hashes),
        photo_bytes=found.total_bytes,
        missing=tuple(found.missing),
        damaged=tuple(found.damaged),
        counts=counts,
        heads=heads,
    )
    os.sync()  # all of it at once: a sync for each of many thousand photos would take hours
    (unfinished / MANIFEST).write_text(to_json(manifest), encoding="utf-8")
    os.sync()
    unfinished.rename(to / name)
    sync_folder(to)
    return to / name, manifest, found.copied, found.copied_bytes


def photo_names(db: Database) -> list[str]:
    """The files of the photos that a database names, below the folder of photos."""
    return [
        photo_files.path_of(Path(), row["sha256"], size).as_posix()
        for row in store.list_photos(db)
        for size in photo_files.SIZE_NAMES
    ]


def _known(to: Path) -> Mapping[str, str]:
    """What the newest backup that can be read vouches for."""
    for backup in reversed(list_backups(to)):
        try:
            manifest = read_manifest(backup)
            if digest_of(backup / LISTING) == manifest.listing.sha256:
                return read_listing(backup)
        except (BackupError, OSError):
            continue  # `backup verify` tells of it; here it only vouches for nothing
    return {}


def verify(backup: Path, *, progress: Progress = lambda *_: None) -> tuple[Manifest, list[str]]:
    """Read a backup through: every checksum, the database's own check. What is wrong, nothing when all is well.

    Raises BackupError if it does not even say what should be there.
    """
    manifest = read_manifest(backup)
    wrong = []
    for nth, each in enumerate(manifest.all_files, start=1):
        progress("files", nth, len(manifest.all_files))
        wrong += _compare(backup / each.path, each)
    if not wrong:
        with store.open_copy(backup / DATABASE) as db:
            wrong += [f"{DATABASE}: {fault}" for fault in store.list_faults(db)]
            listing = read_listing(backup)
            named = set(photo_names(db)) - set(manifest.missing) - set(manifest.damaged)
        wrong += [
            f"{PHOTOS}/{name} is named by the database and not in the list" for name in sorted(named - set(listing))
        ]
        for nth, (name, digest) in enumerate(listing.items(), start=1):
            progress("photos", nth, len(listing))
            wrong += _compare(backup.parent / PHOTOS / name, Stored(f"{PHOTOS}/{name}", -1, digest))
    return manifest, wrong


def _compare(path: Path, told: Stored) -> list[str]:
    try:
        if told.bytes not in (-1, path.stat().st_size) or digest_of(path) != told.sha256:
            return [f"{told.path} is damaged"]
    except FileNotFoundError:
        return [f"{told.path} is missing"]
    except OSError as error:
        return [f"{told.path} cannot be read: {error.strerror}"]
    return []


def log_backup(db: Database, taken: Taken, *, now: datetime) -> None:
    """Write down that everything was copied out, and remember it for the office's page."""
    manifest = taken.manifest
    remembered = {
        "at": manifest.taken_at,
        "database_bytes": manifest.database.bytes,
        "photo_count": manifest.photo_count,
        "photo_bytes": manifest.photo_bytes,
        "problem_count": len(manifest.missing) + len(manifest.damaged),
    }
    with transaction(db):
        audit.add_entry(db, "backup_taken", f"backup:{taken.folder.name}", by_id=None, now=now)
        kept.set_setting(db, LAST_BACKUP, json.dumps(remembered))
