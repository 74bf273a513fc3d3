"""Telling people: from the history to their inboxes and the outbox, the morning's digest, reading.

Notices are not written by the moves themselves but read off the append-only history, each batch and its step of a
cursor in one transaction. SQLite has one writer at a time, so events get their ids in the order of their commits: what
lies behind the cursor is complete, and whoever dies between move and notice has only put the notice off.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlite_utils import Database

from app.campaigns import coverage_store as campaign_firms
from app.campaigns import store as campaigns
from app.clock import day_of, to_text
from app.db import transaction
from app.errors import NotFound
from app.i18n import N_
from app.issues.lifecycle import Status
from app.notices import delivery_store as deliveries
from app.notices import digest_store, hours, store, telling, ticker_store
from app.notices.models import Channel, Kind
from app.people.models import User
from app.rules import store as rules
from app.rules.models import Clock, Urgency
from app.settings import get_setting, set_setting

CURSOR = "notices_cursor"
NEWS_FOR = timedelta(days=3)
"""Older events are history, not news: nobody is told of them (a city just imported, a server long down)."""

BATCH = 200


@dataclass(frozen=True)
class Outgoing:
    """How messages leave: by which channels, when not, when the digest, and the address that links begin with."""

    channels: tuple[Channel, ...] = ()
    quiet_from: time = time(21)
    quiet_to: time = time(7, 30)
    digest_at: time = time(8, 30)
    site_url: str = ""


def catch_up(db: Database, *, now: datetime, outgoing: Outgoing, is_in_haste: bool = False) -> int:
    """Tell everybody what happened since the last time; how many notices were written. In haste: one batch at most.

    Costs two look-ups when nothing did. Safe beside other processes: the cursor is read and moved under the write lock.
    """
    told = 0
    while _cursor(db) < store.newest_event_id(db):
        with transaction(db):
            events = store.list_events(db, after_id=_cursor(db), since=now - NEWS_FOR, limit=BATCH)
            for event in events:
                told += _tell_event(db, event, now=now, outgoing=outgoing)
            is_all = len(events) < BATCH
            set_setting(db, CURSOR, str(store.newest_event_id(db) if is_all else events[-1]["id"]))
        if is_in_haste:
            break
    return told


def _cursor(db: Database) -> int:
    return int(get_setting(db, CURSOR) or 0)


def _tell_event(db: Database, event: Mapping, *, now: datetime, outgoing: Outgoing) -> int:
    telling_ = telling.told_of(
        event["action"],
        status=Status(event["status"]),
        has_lead=event["department_id"] is not None,
        extension_count=event["extension_count"],
    )
    if telling_ is None:
        return 0
    # Assisting departments may be set anew many times; each of their people hears of it once.
    source = "assist" if event["action"] == "assist" else f"event:{event['id']}"
    told = sum(
        store.insert_notice(
            db,
            user_id,
            issue_id=event["issue_id"],
            kind=telling_.kind,
            event_id=event["id"],
            source=source,
            at=event["at"],
        )
        for user_id in store.list_people(db, telling_.parts, event)
        if user_id != event["by_id"]
    )
    _send_out(db, event, telling_.kind, source, now=now, outgoing=outgoing)
    return told


def _send_out(
    db: Database,
    concerns: Mapping,
    kind: Kind,
    source: str,
    *,
    now: datetime,
    outgoing: Outgoing,
    clock: Clock | None = None,
) -> None:
    is_urgent = concerns["urgency"] == Urgency.URGENT
    if not outgoing.channels or not telling.goes_out(kind, is_urgent=is_urgent):
        return
    body = telling.line(
        kind,
        number=concerns["number"],
        department=concerns["department"],
        district=concerns["district"],
        is_urgent=is_urgent,
        url=f"{outgoing.site_url}/issues/{concerns['issue_id']}" if outgoing.site_url else "",
        clock=clock,
    )
    leaves_at = hours.may_leave_at(now, quiet_from=outgoing.quiet_from, quiet_to=outgoing.quiet_to, is_urgent=is_urgent)
    for channel in outgoing.channels:
        key = f"{concerns['issue_id']}:{kind}:{source}:{channel}"
        deliveries.insert_delivery(db, channel, key, body=body, is_digest=False, now=now, leaves_at=leaves_at)


def remind(db: Database, *, now: datetime, outgoing: Outgoing) -> int:
    """Tell those who must act that a clock is running out or has run out, once for each end of each clock."""
    told = 0
    while store.list_due(db, now=now, today=day_of(now), limit=1):
        with transaction(db):
            for row in store.list_due(db, now=now, today=day_of(now), limit=BATCH):
                told += _remind(db, row, now=now, outgoing=outgoing)
    return told


def _remind(db: Database, row: Mapping, *, now: datetime, outgoing: Outgoing) -> int:
    clock, is_over = Clock(row["clock"]), bool(row["is_over"])
    kind = Kind.OVERDUE if is_over else Kind.DUE_SOON
    store.insert_reminder(db, row["issue_id"], source=row["source"], is_over=is_over, now=now)
    told = sum(
        store.insert_notice(
            db, user_id, issue_id=row["issue_id"], kind=kind, event_id=None, source=row["source"], at=to_text(now)
        )
        for user_id in store.list_people(db, (telling.DUE[clock],), row)
    )
    _send_out(db, row, kind, row["source"], now=now, outgoing=outgoing, clock=clock)
    return told


def tell_campaigns(db: Database, *, now: datetime) -> int:
    """Tell the officers with firms left in a campaign, where the office or its last days ask for it; how many.

    One notice for an officer however many firms are left; nothing leaves the house.
    """
    told = 0
    while campaigns.list_untold(db):
        with transaction(db):
            for row in campaigns.list_untold(db):
                campaign = campaigns.get_campaign(db, row["campaign_id"])
                assert campaign is not None, "campaigns are never deleted"
                n = sum(
                    store.insert_campaign_notice(
                        db, user_id, campaign_id=campaign.id, source=row["source"], at=to_text(now)
                    )
                    for user_id in campaign_firms.list_behind(db, campaign)
                )
                campaigns.update_reminder(db, row["id"], told_count=n)
                told += n
    return told


def write_digest(db: Database, *, now: datetime, outgoing: Outgoing) -> int:
    """The morning's message into the outbox, one for each channel and working day; how many were written."""
    if not outgoing.channels:
        return 0
    day = hours.digest_day(now, digest_at=outgoing.digest_at, calendar=rules.get_calendar(db))
    missing = [each for each in outgoing.channels if day and not deliveries.has_delivery(db, f"digest:{day}:{each}")]
    if not missing or day is None:
        return 0
    body = telling.digest(
        day=N_("%(month)d月%(day)d日") % {"month": day.month, "day": day.day},
        total=digest_store.sum_waiting(db, now=now),
        departments=digest_store.list_waiting_departments(db, now=now),
        districts=digest_store.list_waiting_districts(db, now=now),
        url=outgoing.site_url,
    )
    with transaction(db):
        return sum(
            deliveries.insert_delivery(
                db, each, f"digest:{day}:{each}", body=body, is_digest=True, now=now, leaves_at=now
            )
            for each in missing
        )


NO_SUCH_NOTICE = N_("没有这条消息。请从消息列表进入。")


def read_notice(db: Database, notice_id: int, *, by: User, now: datetime) -> int | None:
    """Mark what she was told of this notice's issue or campaign as read; the issue's id, None for a campaign.

    Raises NotFound for another's notice.
    """
    with transaction(db):
        notice = store.get_notice(db, notice_id, user_id=by.id)
        if notice is None:
            raise NotFound(NO_SUCH_NOTICE)
        if notice["campaign_id"] is not None:
            store.mark_campaign_read(db, notice["campaign_id"], user_id=by.id, now=now)
            return None
        store.mark_issue_read(db, notice["issue_id"], user_id=by.id, now=now)
        return notice["issue_id"]


def read_all(db: Database, *, upto_id: int, by: User, now: datetime) -> int:
    """Mark all up to the newest that she saw as read; how many were not."""
    with transaction(db):
        return store.mark_all_read(db, by.id, upto_id=upto_id, now=now)


def take_turn(db: Database, name: str, *, holder: str, now: datetime, lasts: timedelta) -> bool:
    """Whether this process does the work of that name now; it stays its turn as long as it comes back in time."""
    with transaction(db):
        return ticker_store.take_lease(db, name, holder=holder, now=now, until=now + lasts)
