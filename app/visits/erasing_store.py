"""The SQL that erases what visits said of people: rows stay and count."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all
from app.visits.models import ANSWER_ERASED

_IDS = "(SELECT value FROM json_each(:ids))"


def list_due(db: Database, *, before: datetime, limit: int) -> list[int]:
    """Visits received before then that were not erased yet; `limit` -1: all."""
    rows = fetch_all(
        db,
        """
        SELECT id FROM visits WHERE erased_at IS NULL AND received_at < :before
        LIMIT :limit
        """,
        {"before": to_text(before), "limit": limit},
    )
    return [row["id"] for row in rows]


def erase(db: Database, ids: Sequence[int], *, now: datetime) -> None:
    """Who was met, what was noted, answered in words, where it was."""
    params = {"ids": json.dumps(ids), "now": to_text(now), "gone": ANSWER_ERASED}
    execute(
        db,
        f"""
        UPDATE visits SET erased_at = :now, contact_name = '', notes = '', latitude = NULL, longitude = NULL,
          accuracy_m = NULL, distance_m = NULL
        WHERE id IN {_IDS}
        """,  # noqa: S608
        params,
    )
    execute(
        db,
        f"""
        UPDATE visit_answers SET answer = :gone
        WHERE visit_id IN {_IDS}
          AND NOT EXISTS (SELECT 1 FROM campaign_questions q WHERE q.id = question_id AND q.kind <> 'text')
        """,  # noqa: S608
        params,
    )
