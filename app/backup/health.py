"""Whether the server can work just now, found out by writing. For `/healthz`, `/metrics` and the office's page."""

import errno
import json
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlite_utils import Database

from app import metrics
from app import settings as kept
from app.backup import store
from app.backup.actions import LAST_BACKUP
from app.clock import from_text
from app.config import Settings
from app.db import DatabaseError, get_db
from app.photos import store as photo_store

KEPT_S = 3
"""An answer is good for so long, so that asking often costs nothing."""

_WITHIN_MS = 2_000  # whoever asks wants an answer, not to wait in the queue of writers
_FAULTS = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read-only",
    errno.EACCES: "not permitted",
    errno.EPERM: "not permitted",
    errno.ENOENT: "gone",
}
_PROBE = b"0" * 4096


@dataclass(frozen=True)
class Health:
    """Each part that must work, with the word for what is wrong with it ('' where it is well)."""

    faults: Mapping[str, str]

    @property
    def is_well(self) -> bool:
        """Whether everything that must work does."""
        return not any(self.faults.values())


def probe(db: Database, settings: Settings) -> Health:
    """Try to write: to the database, beside it, and into the folder of photos. Nothing of it stays."""
    instance, photos = Path(settings.instance), settings.photos
    database = "gone" if not Path(settings.database).is_file() else store.find_write_fault(db, within_ms=_WITHIN_MS)
    faults = {
        # A rolled-back change never reaches the disk in WAL mode; a file beside the database does.
        "database": database or _write_fault(instance),
        "photos": _photos_fault(db, photos, database) or _write_fault(photos),
    }
    return Health(faults)


def _photos_fault(db: Database, photos: Path, database: str) -> str:
    """'gone' where the database knows photos and the folder holds none: a disk that is not mounted looks like that."""
    is_empty = not photos.is_dir() or next(photos.iterdir(), None) is None
    return "gone" if is_empty and not database and photo_store.has_photos(db) else ""


def _write_fault(folder: Path) -> str:
    """Why no file could be written into this folder; '' if one was, as far as the disk."""
    try:
        handle, name = tempfile.mkstemp(prefix=".health-", suffix=".tmp", dir=folder)
        try:
            os.write(handle, _PROBE)
            os.fsync(handle)
        finally:
            os.close(handle)
            Path(name).unlink()
    except OSError as error:
        return _FAULTS.get(error.errno or 0, "failed")
    return ""


@dataclass
class Probe:
    """Remembers the last answer for a few seconds. Of many who ask at once, one tries and the others wait for it."""

    _at: float = -KEPT_S
    _health: Health = field(default_factory=lambda: Health({}))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, db: Database, settings: Settings) -> Health:
        """How it stands, at most KEPT_S old."""
        with self._lock:
            if time.monotonic() - self._at >= KEPT_S:
                self._health = probe(db, settings)
                self._at = time.monotonic()
                for part, fault in self._health.faults.items():
                    metrics.is_well.labels(part).set(not fault)
            return self._health


def ask() -> Health:
    """How this server stands, at most KEPT_S old."""
    probe: Probe = current_app.extensions.setdefault("health", Probe())
    try:
        db = get_db()
    except DatabaseError as error:  # it cannot even be opened
        return Health({"database": store.get_fault_word(error), "photos": ""})
    return probe.ask(db, current_app.config["SETTINGS"])


@dataclass(frozen=True)
class Waiting:
    """What the server still has to do. Seconds are 0 where nothing waits."""

    deliveries: int
    deliveries_s: int
    failed: int
    photos: int
    photos_s: int
    tick_late_s: int


def waiting(db: Database, *, now: datetime) -> Waiting:
    """Messages that should have left the house, photos still on phones, and how late the minute's work is."""
    row = store.get_waiting(db)
    return Waiting(
        deliveries=row["deliveries"],
        deliveries_s=_since(row["delivery_at"], now),
        failed=row["failed"],
        photos=row["photos"],
        photos_s=_since(row["photo_at"], now),
        tick_late_s=_since(row["tick_until"], now),
    )


def _since(text: str | None, now: datetime) -> int:
    return max(0, int((now - from_text(text)).total_seconds())) if text else 0


def last_backup(db: Database) -> dict | None:
    """What is remembered of the newest backup (see `actions.log_backup`); None before the first."""
    text = kept.get_setting(db, LAST_BACKUP)
    return json.loads(text) if text else None


def room(settings: Settings) -> dict[str, tuple[int, int]]:
    """Bytes free and in all on the disk of each folder that is there; a disk that holds several is named once."""
    folders = {"instance": Path(settings.instance), "photos": settings.photos, "backups": settings.backups}
    found: dict[int, tuple[str, tuple[int, int]]] = {}
    for name, folder in folders.items():
        if folder.is_dir():
            usage = shutil.disk_usage(folder)
            found.setdefault(folder.stat().st_dev, (name, (usage.free, usage.total)))
    return dict(found.values())


def measure(db: Database, settings: Settings, *, now: datetime) -> None:
    """Set the gauges that are read, not counted: queues, age of the last backup, room on the disks."""
    queues, backup = waiting(db, now=now), last_backup(db)
    for what in ("deliveries", "photos"):
        metrics.waiting.labels(what).set(getattr(queues, what))
        metrics.waiting_seconds.labels(what).set(getattr(queues, f"{what}_s"))
    metrics.waiting.labels("deliveries_failed").set(queues.failed)
    metrics.waiting_seconds.labels("tick").set(queues.tick_late_s)
    if backup:
        metrics.backup_age.set(_since(backup["at"], now))
    for name, (free, _total) in room(settings).items():
        metrics.free_bytes.labels(name).set(free)
