"""The SQL that erases photos: that there was one stays, what it showed goes."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all, fetch_value

_OF = """
  erased_at IS NULL AND (visit_id IN (SELECT value FROM json_each(:visits))
    OR issue_id IN (SELECT value FROM json_each(:issues)))
"""


def count_photos_of(db: Database, *, visits: Sequence[int] = (), issues: Sequence[int] = ()) -> int:
    """How many photos these visits and issues still show."""
    params = {"visits": json.dumps(visits), "issues": json.dumps(issues)}
    return fetch_value(db, f"SELECT count(*) FROM photos WHERE {_OF}", params)  # noqa: S608


def erase_photos_of(db: Database, *, visits: Sequence[int] = (), issues: Sequence[int] = (), now: datetime) -> int:
    """They show none any more; how many there were. The files are deleted after that."""
    params = {"visits": json.dumps(visits), "issues": json.dumps(issues), "now": to_text(now)}
    return execute(db, f"UPDATE photos SET erased_at = :now WHERE {_OF}", params)  # noqa: S608


def list_unnamed_pictures(db: Database) -> list[str]:
    """The SHA-256 of pictures that only erased photos name."""
    rows = fetch_all(
        db,
        """
        SELECT DISTINCT sha256 FROM photos p
        WHERE erased_at IS NOT NULL
          AND NOT EXISTS (SELECT 1 FROM photos o WHERE o.sha256 = p.sha256 AND o.erased_at IS NULL)
        """,
    )
    return [row["sha256"] for row in rows]


def is_unnamed(db: Database, sha256: str) -> bool:
    """Whether no photo that is to be kept names this picture."""
    return not fetch_value(
        db, "SELECT 1 FROM photos WHERE sha256 = :sha256 AND erased_at IS NULL LIMIT 1", {"sha256": sha256}
    )
