"""Sending what waits to leave the house: claimed, sent outside of any transaction, its outcome written down."""

import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlite_utils import Database

from app.db import transaction
from app.errors import NotFound
from app.i18n import N_
from app.notices import delivery_store as store
from app.notices import hours
from app.notices.delivery import Adapter, DeliveryFailed
from app.notices.models import Channel, Message

log = logging.getLogger("qifang")

MOST_LINES, MOST_BYTES = 20, 1800
"""Several lines leave as one message: robots take twenty messages a minute, of 2,048 bytes each at WeCom."""

MOST_MESSAGES = 10
"""So many messages leave by one channel in one go."""

LEASE = timedelta(minutes=10)
"""Longer than any sending takes; what a process claimed before it died is tried again after it."""


def deliver(db: Database, *, now: datetime, adapters: Mapping[Channel, Adapter]) -> tuple[int, int]:
    """Send what may leave now; how many messages left and how many did not.

    Lines are claimed under the write lock, sent outside of any transaction, and their outcome is written down after:
    two processes never send the same line, and one that dies in between leaves it to be tried again.
    """
    sent = missed = 0
    for channel, adapter in adapters.items():
        for _nth in range(MOST_MESSAGES):
            lease = secrets.token_hex(8)
            with transaction(db):
                rows = _bundle(store.list_deliverable(db, channel, now=now, until=now + LEASE, limit=MOST_LINES))
                store.claim_deliveries(db, [row["id"] for row in rows], lease=lease, until=now + LEASE)
            if not rows:
                break
            failure = _try(channel, adapter, rows, now=now)
            with transaction(db):
                if failure is None:
                    store.mark_sent(db, lease, now=now)
                for row in rows if failure else ():
                    again_at = hours.next_try(row["tries"] + 1, now) if failure and failure.is_temporary else None
                    store.mark_not_sent(db, [row["id"]], lease=lease, error=str(failure), again_at=again_at, now=now)
            if failure is not None:
                missed += 1
                break  # the next one would hardly fare better; its turn comes with the next tick
            sent += 1
    return sent, missed


def _bundle(rows: list) -> list:
    """The first rows that fit into one message; a digest goes alone."""
    bundle: list = []
    size = 0
    for row in rows:
        size += len(row["body"].encode()) + 1
        if bundle and (row["is_digest"] or bundle[0]["is_digest"] or size > MOST_BYTES):
            break
        bundle.append(row)
    return bundle


def _try(channel: Channel, adapter: Adapter, rows: list, *, now: datetime) -> DeliveryFailed | None:
    body = "\n".join(row["body"] for row in rows)
    message = Message(key=f"delivery-{rows[0]['id']}", subject=body.splitlines()[0][:60], body=body)
    try:
        adapter.send(message, now=now)
    except DeliveryFailed as failure:
        log.warning("a message by %s was not delivered: %s", channel, failure)
        return failure
    except Exception as error:  # one broken way out must not hold up the others
        log.exception("a message by %s was not delivered", channel)
        return DeliveryFailed(type(error).__name__, is_temporary=True)
    return None


NO_SUCH_DELIVERY = N_("这条消息不在未送达的名单里，可能已经重新发送。")


def retry(db: Database, delivery_id: int, *, now: datetime) -> None:
    """Try a message that was given up again with the next tick. Raises NotFound."""
    with transaction(db):
        if not store.retry_delivery(db, delivery_id, now=now):
            raise NotFound(NO_SUCH_DELIVERY)
