"""Every SQL statement on deliveries: lines that leave the house, who is sending them, what became of them."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all, fetch_one, fetch_value
from app.notices.models import Channel


def insert_delivery(
    db: Database, channel: Channel, dedupe_key: str, *, body: str, is_digest: bool, now: datetime, leaves_at: datetime
) -> int:
    """Put a message into the outbox; 0 if it is or was there already."""
    return execute(
        db,
        """
        INSERT INTO deliveries (channel, dedupe_key, body, is_digest, created_at, next_try_at)
        VALUES (:channel, :key, :body, :is_digest, :now, :leaves_at) ON CONFLICT (dedupe_key) DO NOTHING
        """,
        {
            "channel": channel,
            "key": dedupe_key,
            "body": body,
            "is_digest": int(is_digest),
            "now": to_text(now),
            "leaves_at": to_text(leaves_at),
        },
    )


def has_delivery(db: Database, dedupe_key: str) -> bool:
    """Whether this message is or was in the outbox."""
    return fetch_one(db, "SELECT 1 FROM deliveries WHERE dedupe_key = :key", {"key": dedupe_key}) is not None


def list_deliverable(db: Database, channel: Channel, *, now: datetime, until: datetime, limit: int) -> list:
    """What may leave by this channel now and no other process is sending, oldest first.

    A lease beyond `until`, when one taken now ends, is by a clock that has been set back since.
    """
    return fetch_all(
        db,
        """
        SELECT id, body, is_digest, tries FROM deliveries
        WHERE channel = :channel AND sent_at IS NULL AND failed_at IS NULL AND next_try_at <= :now
          AND (leased_until IS NULL OR leased_until <= :now OR leased_until > :until)
        ORDER BY id LIMIT :limit
        """,
        {"channel": channel, "now": to_text(now), "until": to_text(until), "limit": limit},
    )


def claim_deliveries(db: Database, ids: Sequence[int], *, lease: str, until: datetime) -> None:
    """Keep others from sending these; `lease` is what their outcome must name."""
    execute(
        db,
        """
        UPDATE deliveries SET tries = tries + 1, lease = :lease, leased_until = :until
        WHERE id IN (SELECT value FROM json_each(:ids))
        """,
        {"ids": json.dumps(list(ids)), "lease": lease, "until": to_text(until)},
    )


def mark_sent(db: Database, lease: str, *, now: datetime) -> None:
    """What was claimed under this lease has left."""
    execute(
        db,
        """
        UPDATE deliveries SET sent_at = :now, lease = NULL, leased_until = NULL, error = '' WHERE lease = :lease
        """,
        {"lease": lease, "now": to_text(now)},
    )


def mark_not_sent(
    db: Database, ids: Sequence[int], *, lease: str, error: str, again_at: datetime | None, now: datetime
) -> None:
    """These, claimed under this lease, did not leave: try again at that moment, or give up without one."""
    execute(
        db,
        """
        UPDATE deliveries SET error = :error, lease = NULL, leased_until = NULL,
          next_try_at = coalesce(:again_at, next_try_at), failed_at = CASE WHEN :again_at IS NULL THEN :now END
        WHERE lease = :lease AND id IN (SELECT value FROM json_each(:ids))
        """,
        {
            "ids": json.dumps(list(ids)),
            "lease": lease,
            "error": error[:200],
            "again_at": to_text(again_at) if again_at else None,
            "now": to_text(now),
        },
    )


def retry_delivery(db: Database, delivery_id: int, *, now: datetime) -> bool:
    """Try one that was given up again from the start; whether there was one."""
    changed = execute(
        db,
        """
        UPDATE deliveries SET failed_at = NULL, tries = 0, next_try_at = :now WHERE id = :id AND failed_at IS NOT NULL
        """,
        {"id": delivery_id, "now": to_text(now)},
    )
    return changed == 1


def list_deliveries(db: Database, *, page: int, limit: int) -> list:
    """The outbox: what was given up, then what waits, then what has left, newest first; one row more tells of more."""
    return fetch_all(
        db,
        """
        SELECT id, channel, body, is_digest, created_at, next_try_at, tries, sent_at, failed_at, error FROM deliveries
        ORDER BY failed_at IS NULL, sent_at IS NOT NULL, id DESC LIMIT :limit OFFSET :offset
        """,
        {"limit": limit + 1, "offset": (page - 1) * limit},
    )


def count_failed(db: Database) -> int:
    """How many messages were given up and await somebody."""
    return fetch_value(db, "SELECT count(*) FROM deliveries WHERE failed_at IS NOT NULL")
