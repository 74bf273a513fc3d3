"""The file of outlines in the instance folder: one that the map shows, one that is being looked at. Pure."""

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.boundaries.outlines import MOST_BYTES
from app.disk import sync_folder, write_whole

SHOWN = "boundaries.geojson"
DRAFT = ".boundaries-draft.geojson"
"""Hidden: a backup need not hold it."""
_MOST_STORED = 2 * MOST_BYTES
"""What is written may be a little longer than what was read: a name by us, every shape a MultiPolygon."""


@dataclass(frozen=True)
class Kept:
    """A file as it lies there: its bytes, packed bytes, and the SHA-256 that names them."""

    raw: bytes
    packed: bytes
    digest: str


def load(instance: str, name: str) -> Kept | None:
    """The file, or None when there is none or it is no GeoJSON (one put there by hand)."""
    path = Path(instance) / name
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    if found.st_size > _MOST_STORED:
        return None
    return _load(path, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=2)
def _load(path: Path, _changed_ns: int, _size: int) -> Kept | None:
    raw = path.read_bytes()
    try:
        whole = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(whole, dict) or whole.get("type") not in ("FeatureCollection", "Feature"):
        return None
    return Kept(raw, gzip.compress(raw, 6), hashlib.sha256(raw).hexdigest())


def save(instance: str, name: str, data: bytes) -> None:
    """Write it whole or not at all. Raises OSError."""
    write_whole(Path(instance) / name, data)
    sync_folder(Path(instance))


def remove(instance: str, name: str) -> bool:
    """Take it away; whether it was there."""
    path = Path(instance) / name
    if not path.exists():
        return False
    path.unlink()
    sync_folder(Path(instance))
    return True
