"""Every SQL statement on notices, deliveries and the ticker's lease; who is told is read from people, firms, issues."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all, fetch_one, fetch_value
from app.notices.models import Kind, Part

MOST_COUNTED = 100


def newest_event_id(db: Database) -> int:
    """The id of the newest line of any issue's history; 0 if there is none."""
    return fetch_value(db, "SELECT max(id) FROM issue_events") or 0


_CONCERNS = """
    i.id AS issue_id, i.number, i.status, i.urgency, i.district_id, i.department_id, i.firm_id, i.reported_by,
    i.extension_count, p.name AS district, d.short_name AS department
"""


_JOINS = "JOIN districts p ON p.id = i.district_id LEFT JOIN departments d ON d.id = i.department_id"


def list_events(db: Database, *, after_id: int, since: datetime, limit: int) -> list:
    """What happened after this event (and not before `since`), oldest first, with the issue as it stands now."""
    return fetch_all(
        db,
        f"""
        SELECT e.id, e.action, e.at, e.by_id, {_CONCERNS}
        FROM issue_events e JOIN issues i ON i.id = e.issue_id {_JOINS}
        WHERE e.id > :after_id AND e.at >= :since ORDER BY e.id LIMIT :limit
        """,  # noqa: S608
        {"after_id": after_id, "since": to_text(since), "limit": limit},
    )


def list_due(db: Database, *, now: datetime, today: date, limit: int) -> list:
    """Issues whose running clock, or supervision, is amber or beyond its end, and of which nobody was reminded yet.

    `source` names the clock, its round and its end: an extension is another end, of which people are reminded anew.
    """
    return fetch_all(
        db,
        f"""
        WITH due AS (
          SELECT i.id, i.clock AS clock, i.due_at < :now AS is_over,
                 i.clock || ':' || coalesce((SELECT max(k.round) FROM issue_clocks k
                   WHERE k.issue_id = i.id AND k.clock = i.clock), 0) || ':' || i.due_at AS source
          FROM issues i WHERE i.amber_at <= :now
          UNION ALL
          SELECT i.id, k.clock, k.due_at < :now, k.clock || ':' || k.round || ':' || k.due_at
          FROM issues i JOIN issue_clocks k ON k.issue_id = i.id AND k.clock = 'reply' AND k.stopped_at IS NULL
          WHERE i.reply_by_on <= :today
        )
        SELECT due.clock, due.is_over, due.source, {_CONCERNS}
        FROM due JOIN issues i ON i.id = due.id {_JOINS}
        WHERE NOT EXISTS (SELECT 1 FROM reminders r
                          WHERE r.issue_id = due.id AND r.source = due.source AND r.is_over = due.is_over)
        ORDER BY i.id LIMIT :limit
        """,  # noqa: S608
        {"now": to_text(now), "today": today.isoformat(), "limit": limit},
    )


def insert_reminder(db: Database, issue_id: int, *, source: str, is_over: bool, now: datetime) -> None:
    """Remember that people were reminded of this end of a clock, whoever they were."""
    execute(
        db,
        "INSERT INTO reminders (issue_id, source, is_over, at) VALUES (:issue_id, :source, :is_over, :now)",
        {"issue_id": issue_id, "source": source, "is_over": int(is_over), "now": to_text(now)},
    )


_PEOPLE: Mapping[Part, str] = {
    Part.LEAD: "SELECT id FROM users WHERE department_id = :department_id AND is_active = 1",
    Part.ASSISTING: """
        SELECT u.id FROM users u JOIN issue_departments a ON a.department_id = u.department_id
        WHERE a.issue_id = :issue_id AND u.is_active = 1
    """,
    Part.DISPATCHERS: "SELECT id FROM users WHERE district_id = :district_id AND role = 'dispatcher' AND is_active = 1",
    Part.HEADS: "SELECT id FROM users WHERE district_id = :district_id AND role = 'head' AND is_active = 1",
    Part.OFFICE: "SELECT id FROM users WHERE role = 'office' AND is_active = 1",
    # Who looks after the firm now; where nobody does, who reported it.
    Part.OFFICER: """
        SELECT id FROM users WHERE is_active = 1 AND id = coalesce(
          (SELECT user_id FROM firm_officers WHERE firm_id = :firm_id AND is_lead = 1 AND to_on IS NULL), :reported_by)
    """,
    # Who reported it, as long as the firm is still hers or nobody's; else who looks after the firm now.
    Part.REPORTER: """
        SELECT id FROM users WHERE is_active = 1 AND id = coalesce(
          (SELECT u.id FROM users u WHERE u.id = :reported_by AND u.is_active = 1 AND (
             EXISTS (SELECT 1 FROM firm_officers o WHERE o.firm_id = :firm_id AND o.user_id = u.id AND o.to_on IS NULL)
             OR NOT EXISTS (SELECT 1 FROM firm_officers o
                            WHERE o.firm_id = :firm_id AND o.is_lead = 1 AND o.to_on IS NULL))),
          (SELECT user_id FROM firm_officers WHERE firm_id = :firm_id AND is_lead = 1 AND to_on IS NULL))
    """,
    Part.SUPERVISOR: """
        SELECT id FROM users WHERE is_active = 1 AND id =
          (SELECT by_id FROM issue_events WHERE issue_id = :issue_id AND action = 'supervise' ORDER BY id DESC LIMIT 1)
    """,
}


def list_people(db: Database, parts: Sequence[Part], concerns: Mapping) -> list[int]:
    """The open accounts that play these parts for an issue, given as `list_events` and `list_due` give it."""
    names = ("issue_id", "department_id", "district_id", "firm_id", "reported_by")
    params = {name: concerns[name] for name in names}
    found = {row["id"] for part in parts for row in fetch_all(db, _PEOPLE[part], params)}
    return sorted(found)


def insert_notice(
    db: Database, user_id: int, *, issue_id: int, kind: Kind, event_id: int | None, source: str, at: str
) -> int:
    """Tell one person one thing; 0 if she was told already."""
    return execute(
        db,
        """
        INSERT INTO notices (user_id, issue_id, kind, event_id, source, at)
        VALUES (:user_id, :issue_id, :kind, :event_id, :source, :at)
        ON CONFLICT (user_id, issue_id, kind, source) DO NOTHING
        """,
        {"user_id": user_id, "issue_id": issue_id, "kind": kind, "event_id": event_id, "source": source, "at": at},
    )


def list_notices(db: Database, user_id: int, *, page: int, limit: int) -> list:
    """A page of a person's notices, newest first; one row more than `limit` tells that there are more."""
    return fetch_all(
        db,
        """
        SELECT n.id, n.issue_id, n.kind, n.at, n.read_at, i.number, i.title, i.urgency, c.name AS campaign,
               c.to_on AS campaign_to_on
        FROM notices n LEFT JOIN issues i ON i.id = n.issue_id LEFT JOIN campaigns c ON c.id = n.campaign_id
        WHERE n.user_id = :user_id ORDER BY n.id DESC LIMIT :limit OFFSET :offset
        """,
        {"user_id": user_id, "limit": limit + 1, "offset": (page - 1) * limit},
    )


def insert_campaign_notice(db: Database, user_id: int, *, campaign_id: int, source: str, at: str) -> int:
    """Tell an officer that firms of hers are left in a campaign; 0 if she was told for this reason."""
    return execute(
        db,
        """
        INSERT INTO notices (user_id, campaign_id, kind, source, at)
        VALUES (:user_id, :campaign_id, 'campaign', :source, :at)
        ON CONFLICT (user_id, campaign_id, source) WHERE campaign_id IS NOT NULL DO NOTHING
        """,
        {"user_id": user_id, "campaign_id": campaign_id, "source": source, "at": at},
    )


def count_unread(db: Database, user_id: int) -> int:
    """How many notices a person has not read; 100 stands for more than 99."""
    return fetch_value(
        db,
        "SELECT count(*) FROM (SELECT 1 FROM notices WHERE user_id = :user_id AND read_at IS NULL LIMIT :most)",
        {"user_id": user_id, "most": MOST_COUNTED},
    )


def get_notice(db: Database, notice_id: int, *, user_id: int):
    """One of a person's own notices, or None."""
    return fetch_one(
        db, "SELECT * FROM notices WHERE id = :id AND user_id = :user_id", {"id": notice_id, "user_id": user_id}
    )


def mark_issue_read(db: Database, issue_id: int, *, user_id: int, now: datetime) -> None:
    """Whoever opens an issue has read all that she was told of it."""
    execute(
        db,
        "UPDATE notices SET read_at = :now WHERE user_id = :user_id AND issue_id = :issue_id AND read_at IS NULL",
        {"user_id": user_id, "issue_id": issue_id, "now": to_text(now)},
    )


def mark_campaign_read(db: Database, campaign_id: int, *, user_id: int, now: datetime) -> None:
    """Whoever opens one reminder of a campaign has read them all."""
    execute(
        db,
        "UPDATE notices SET read_at = :now WHERE user_id = :user_id AND campaign_id = :id AND read_at IS NULL",
        {"user_id": user_id, "id": campaign_id, "now": to_text(now)},
    )


def mark_all_read(db: Database, user_id: int, *, upto_id: int, now: datetime) -> int:
    """Mark a person's notices up to this one as read; how many were not."""
    return execute(
        db,
        "UPDATE notices SET read_at = :now WHERE user_id = :user_id AND id <= :upto_id AND read_at IS NULL",
        {"user_id": user_id, "upto_id": upto_id, "now": to_text(now)},
    )
