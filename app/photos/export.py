"""The photos of a visit or an issue as one ZIP, firm and time written under each. What is stored stays unstamped."""

import tempfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.photos import files
from app.photos.stamp import stamp

IN_MEMORY = 8 * 1024 * 1024
"""A larger ZIP lies on disk while it is made and sent."""


@dataclass(frozen=True)
class Stamped:
    """A stored photo, its name in the ZIP, and the lines to be written under it."""

    sha256: str
    name: str
    lines: tuple[str, ...]


def pack(folder: Path, photos: Iterable[Stamped]) -> tuple[IO[bytes], int]:
    """The ZIP, to be closed by whoever sends it, and how many photos are in it: a file that is gone is left out."""
    file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 (closed once it is sent)
    count = 0
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as held:  # a JPEG does not shrink
            for photo in photos:
                try:
                    with files.open_photo(folder, photo.sha256, "main") as stored:
                        picture = stored.read()
                except FileNotFoundError:
                    continue
                held.writestr(photo.name, stamp(picture, list(photo.lines)))
                count += 1
    except BaseException:
        file.close()
        raise
    return file, count
