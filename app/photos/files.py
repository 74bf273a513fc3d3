"""Photos on disk, each stored under the SHA-256 of its main picture.

`root/ab/abcdef….main.jpg` and `root/ab/abcdef….thumb.jpg`. A name is never written twice with other content, so
a reader needs no lock, an address may be cached for ever, and a backup may copy files in any order after the
database. Readable by the server's own user only.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from app.disk import sync_folder, write_whole

SIZE_NAMES = ("main", "thumb")

_SHA256 = re.compile(r"[0-9a-f]{64}")


def path_of(root: Path, sha256: str, size_name: str) -> Path:
    """Where a picture lies, whether it is there or not.

    Raises ValueError unless `sha256` is 64 lower-case hex digits and `size_name` is one of SIZE_NAMES: what
    comes from an address cannot lead out of `root`.
    """
    if not _SHA256.fullmatch(sha256) or size_name not in SIZE_NAMES:
        raise ValueError("not the name of a photo")
    return Path(root) / sha256[:2] / f"{sha256}.{size_name}.jpg"


def prepare(root: Path) -> None:
    """Make the folder of photos, once and for good. `save` never does: that it is gone would not be noticed."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    sync_folder(root.parent)


def save(root: Path, sha256: str, size_name: str, data: bytes) -> Path:
    """Store a picture so that it survives a power cut, and return its path. Twice is the same as once.

    Only when this has returned may the database name the photo. Raises ValueError as path_of does, FileNotFoundError
    where `root` is gone, and other OSErrors (a full disk, a folder that may not be written) with nothing left behind.
    A process killed meanwhile may leave a hidden `.tmp` file, which nothing reads.
    """
    path = path_of(root, sha256, size_name)
    folder = path.parent
    if not folder.is_dir():
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)
    if _has_length(path, len(data)):
        os.utime(path)  # an erasing run leaves alone what was touched just now
    else:
        write_whole(path, data)
    # Also when it was there: whoever put it there may not have come this far yet.
    sync_folder(folder)
    return path


def open_photo(root: Path, sha256: str, size_name: str) -> BinaryIO:
    """Open a stored picture for reading. Raises ValueError as path_of does, FileNotFoundError if it is not there."""
    return path_of(root, sha256, size_name).open("rb")


def list_files(root: Path) -> Iterator[str]:
    """The names of all stored pictures below `root`, as in 'ab/abcdef….main.jpg', none half written."""
    for path in Path(root).glob("[0-9a-f][0-9a-f]/*.jpg"):
        yield path.relative_to(root).as_posix()


def _has_length(path: Path, length: int) -> bool:
    try:
        return path.stat().st_size == length
    except FileNotFoundError:
        return False
