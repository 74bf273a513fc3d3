"""Files copied so that a copy is whole or not there: hashed on the way, under a temporary name until complete. Pure."""

import errno
import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from app.backup.manifest import BackupError, digest_of

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

_CHUNK = 1 << 20
_TEMPORARY = ".copying"


@dataclass
class CopiedPhotos:
    """What became of the photos: the hashes of those in the backup, what was copied now, what is not well."""

    hashes: dict[str, str] = field(default_factory=dict)
    copied: int = 0
    copied_bytes: int = 0
    total_bytes: int = 0
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


def copy_file(source: Path, target: Path, *, mode: int = 0o600) -> str:
    """Copy one file; its SHA-256. `target` is whole or not there. Raises OSError, leaving nothing behind."""
    digest = sha256()
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = target.with_name(target.name + _TEMPORARY)
    try:
        with source.open("rb") as reader, temporary.open("wb") as writer:
            os.fchmod(writer.fileno(), mode)
            while chunk := reader.read(_CHUNK):
                digest.update(chunk)
                writer.write(chunk)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return digest.hexdigest()


def copy_photos(
    source: Path, target: Path, names: Sequence[str], *, known: Mapping[str, str], progress: Progress
) -> CopiedPhotos:
    """Copy those photos that are not in `target` yet. `known` are the hashes of an earlier, finished backup.

    What an earlier backup vouches for is not read again (`backup verify` does that), and never overwritten: a photo
    that is gone or damaged at its source stays as it was kept, and is told of. A file that an interrupted backup left
    is looked at like a new one.
    """
    result = CopiedPhotos()
    for nth, name in enumerate(names, start=1):
        progress("photos", nth, len(names))
        there, here = source / name, target / name
        size, held = _size(there), _size(here)
        if size is None:
            result.missing.append(name)
        if held is not None and name in known:
            digest = known[name]
            if size not in (held, None):
                result.damaged.append(name)
        elif size is None:
            continue
        elif held == size and _is_left_whole(name, here, there):
            digest = digest_of(here)
        else:
            digest = copy_file(there, here)
            if not _is_named_by(name, digest):
                here.unlink()
                result.damaged.append(name)
                continue
            result.copied += 1
            result.copied_bytes += size
        result.hashes[name] = digest
        result.total_bytes += held if held is not None and name in known else size or 0
    return result


def _is_left_whole(name: str, here: Path, there: Path) -> bool:
    """Whether what an interrupted backup left is the whole file."""
    digest = digest_of(here)
    return _is_named_by(name, digest) if name.endswith(".main.jpg") else digest == digest_of(there)


def _is_named_by(name: str, digest: str) -> bool:
    """A main picture bears the name of its content; a thumbnail that of its main picture, which proves nothing."""
    return not name.endswith(".main.jpg") or name.endswith(f"/{digest}.main.jpg")


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return None


def other_files(instance: Path, *, but: Sequence[str]) -> Iterator[Path]:
    """Every file of the instance folder that is neither hidden nor among those names (of the first level)."""
    for path in sorted(instance.rglob("*")):
        parts = path.relative_to(instance).parts
        if path.is_file() and parts[0] not in but and not any(part.startswith(".") for part in parts):
            yield path


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder of backups. Raises BackupError when another backup is being made there."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            raise BackupError(f"Another backup into {folder} is under way.") from error
        yield
