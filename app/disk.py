"""A file that survives a power cut, or is not there: never half of it."""

import os
import tempfile
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Write under a temporary name beside `path`, force it to disk, then give it its name in one step.

    Readable by the server's own user only. Raises OSError (a full disk, a folder that may not be written) with nothing
    left behind. Only after `sync_folder` is its name sure to outlive a power cut.
    """
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Force a folder's list of names to disk: without it a power cut may forget the rename."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
