"""What a backup says of itself: `manifest.json`, and its photos as `sha256sum -c` reads them. Pure.

```
DEST/photos/ab/abcd….main.jpg            shared by all backups, each file copied once
DEST/2026-11-25T080000Z/manifest.json    written last: without it the copy is not finished
DEST/2026-11-25T080000Z/qifang.db        the database, one file
DEST/2026-11-25T080000Z/photos.sha256    the photos that this database names
DEST/2026-11-25T080000Z/files/…          whatever else lies in the instance folder, secret_key among it
```
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

FORMAT = 1
MANIFEST, DATABASE, LISTING, FILES, PHOTOS = "manifest.json", "qifang.db", "photos.sha256", "files", "photos"
UNFINISHED = ".unfinished-"
"""How the folder of a backup begins that is being made, or that was interrupted."""

_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d{6}Z")
_LINE = re.compile(r"([0-9a-f]{64})  ([0-9a-f]{2}/[0-9a-f]{64}\.(?:main|thumb)\.jpg)")
_CHUNK = 1 << 20


class BackupError(Exception):
    """Why a backup was not made, or cannot be used; in words for the administrator."""


@dataclass(frozen=True)
class Stored:
    """One file of a backup: its path within, its length and its SHA-256."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What is in a backup. `missing` and `damaged` name photos that were not well already when it was taken."""

    taken_at: str
    release: str
    schema: str
    sqlite: str
    database: Stored
    listing: Stored
    files: tuple[Stored, ...]
    photo_count: int
    photo_bytes: int
    missing: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    heads: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def all_files(self) -> tuple[Stored, ...]:
        """Everything in the backup's own folder but the manifest."""
        return (self.database, self.listing, *self.files)


def to_json(manifest: Manifest) -> str:
    """The manifest as it is written."""
    return json.dumps(asdict(manifest), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def from_json(text: str) -> Manifest:
    """The manifest as it was written. Raises BackupError for anything else."""
    try:
        raw: dict[str, Any] = json.loads(text)
        if raw["format"] != FORMAT:
            raise BackupError(f"This backup has format {raw['format']}; this release reads format {FORMAT}.")
        return Manifest(
            **{
                **raw,
                "database": Stored(**raw["database"]),
                "listing": Stored(**raw["listing"]),
                "files": tuple(Stored(**each) for each in raw["files"]),
                "missing": tuple(raw["missing"]),
                "damaged": tuple(raw["damaged"]),
            }
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{MANIFEST} cannot be read: this is not a backup, or it was damaged.") from error


def folder_name(moment: datetime) -> str:
    """What the backup of this moment is called; names sort as moments do."""
    return f"{moment:%Y-%m-%dT%H%M%SZ}"


def list_backups(folder: Path) -> list[Path]:
    """The finished backups in a folder, oldest first."""
    if not folder.is_dir():
        return []
    return sorted(each for each in folder.iterdir() if _NAME.fullmatch(each.name) and (each / MANIFEST).is_file())


def find_backup(path: Path) -> Path:
    """The backup at this path, or the newest one in it. Raises BackupError if there is none."""
    if (path / MANIFEST).is_file():
        return path
    found = list_backups(path)
    if not found:
        raise BackupError(f"There is no finished backup in {path}.")
    return found[-1]


def read_manifest(backup: Path) -> Manifest:
    """What a backup says of itself. Raises BackupError if it cannot be read."""
    try:
        return from_json((backup / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"{backup / MANIFEST} cannot be read: {error}") from error


def listing_text(hashes: Mapping[str, str]) -> str:
    """The list of photos, as `sha256sum -c` reads it in the folder of photos."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(hashes.items()))


def read_listing(backup: Path) -> dict[str, str]:
    """The photos of a backup: name → SHA-256. Raises BackupError if the list cannot be read.

    A name that leads out of the folder of photos is no name of a photo.
    """
    found = {}
    try:
        lines = (backup / LISTING).read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"{backup / LISTING} cannot be read: {error}") from error
    for nth, line in enumerate(lines, start=1):
        match = _LINE.fullmatch(line)
        if not match:
            raise BackupError(f"Line {nth} of {backup / LISTING} is damaged.")
        found[match[2]] = match[1]
    return found


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    digest = sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def stored(path: Path, within: Path) -> Stored:
    """A file as the manifest names it."""
    return Stored(path.relative_to(within).as_posix(), path.stat().st_size, digest_of(path))


def outdated(backups: Iterable[Path], keep: int) -> list[Path]:
    """All but the newest `keep`."""
    return sorted(backups)[:-keep] if keep > 0 else []
