"""Every SQL statement on campaigns, their questions and reminders; on their firms see `coverage_store.py`."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlite_utils import Database

from app.campaigns.models import (
    Campaign,
    Choice,
    NewCampaign,
    NewQuestion,
    Question,
    QuestionKind,
    Status,
    TargetKind,
)
from app.clock import to_text
from app.db import execute, fetch_all, fetch_one, insert

_COLUMNS = "id, version, name, from_on, to_on, status, target, target_kind, remind_days"


def _campaign(row: Any) -> Campaign:
    return Campaign(
        id=row["id"],
        version=row["version"],
        name=row["name"],
        from_on=date.fromisoformat(row["from_on"]),
        to_on=date.fromisoformat(row["to_on"]),
        status=Status(row["status"]),
        target=row["target"],
        target_kind=TargetKind(row["target_kind"]) if row["target_kind"] else None,
        remind_days=row["remind_days"],
    )


def get_running(db: Database, *, on: date) -> Campaign | None:
    """The campaign that runs on that day, if one does: there is never more than one."""
    row = fetch_one(
        db,
        f"SELECT {_COLUMNS} FROM campaigns WHERE status = 'running' AND from_on <= :day AND to_on >= :day",  # noqa: S608
        {"day": on.isoformat()},
    )
    return _campaign(row) if row else None


def get_started(db: Database) -> Campaign | None:
    """The campaign that was begun and not ended, also before its first and after its last day; or None."""
    row = fetch_one(db, f"SELECT {_COLUMNS} FROM campaigns WHERE status = 'running'")  # noqa: S608
    return _campaign(row) if row else None


def get_campaign(db: Database, campaign_id: int) -> Campaign | None:
    """One campaign, whatever its status, or None."""
    row = fetch_one(db, f"SELECT {_COLUMNS} FROM campaigns WHERE id = :id", {"id": campaign_id})  # noqa: S608
    return _campaign(row) if row else None


def list_campaigns(db: Database, *, limit: int = 100) -> list[tuple[Campaign, int]]:
    """The newest first, each with the number of its firms."""
    rows = fetch_all(
        db,
        f"""
        SELECT {_COLUMNS}, (SELECT count(*) FROM campaign_firms m WHERE m.campaign_id = c.id) AS firm_count
        FROM campaigns c ORDER BY from_on DESC, id DESC LIMIT :limit
        """,  # noqa: S608
        {"limit": limit},
    )
    return [(_campaign(row), row["firm_count"]) for row in rows]


def _values(new: NewCampaign) -> dict[str, object]:
    return {
        "name": new.name,
        "from_on": new.from_on.isoformat(),
        "to_on": new.to_on.isoformat(),
        "target": new.target,
        "target_kind": new.target_kind,
        "remind_days": new.remind_days,
    }


def insert_campaign(db: Database, new: NewCampaign, *, created_by: int | None, now: datetime) -> int:
    """Add a draft with its terms and questions; its id."""
    campaign_id = insert(
        db,
        """
        INSERT INTO campaigns (name, from_on, to_on, status, target, target_kind, remind_days, created_by, created_at)
        VALUES (:name, :from_on, :to_on, 'draft', :target, :target_kind, :remind_days, :created_by, :now)
        """,
        {**_values(new), "created_by": created_by, "now": to_text(now)},
    )
    update_terms(db, campaign_id, new.choice)
    for position, question in enumerate(new.questions):
        insert_question(db, campaign_id, question, position=position)
    return campaign_id


def update_campaign(db: Database, campaign: Campaign, new: NewCampaign) -> bool:
    """Change what is said of it; False if somebody was quicker."""
    changed = execute(
        db,
        """
        UPDATE campaigns SET name = :name, from_on = :from_on, to_on = :to_on, target = :target,
               target_kind = :target_kind, remind_days = :remind_days, version = version + 1
        WHERE id = :id AND version = :version
        """,
        {**_values(new), "id": campaign.id, "version": campaign.version},
    )
    return changed == 1


def move_campaign(db: Database, campaign: Campaign, *, to: Status, to_on: date, now: datetime) -> bool:
    """Take a campaign to another status, its last day being `to_on`; False if somebody was quicker."""
    changed = execute(
        db,
        """
        UPDATE campaigns SET status = :to, to_on = :to_on, version = version + 1,
               begun_at = CASE WHEN :to = 'running' THEN :now ELSE begun_at END,
               ended_at = CASE WHEN :to <> 'running' THEN :now END
        WHERE id = :id AND version = :version
        """,
        {
            "to": to,
            "to_on": to_on.isoformat(),
            "now": to_text(now),
            "id": campaign.id,
            "version": campaign.version,
        },
    )
    return changed == 1


def get_choice(db: Database, campaign_id: int) -> Choice:
    """Whom it chooses."""
    terms: dict[str, list[str]] = {}
    for row in fetch_all(
        db,
        "SELECT kind, value FROM campaign_terms WHERE campaign_id = :id ORDER BY kind, value",
        {"id": campaign_id},
    ):
        terms.setdefault(row["kind"], []).append(row["value"])
    return Choice(
        district_ids=tuple(map(int, terms.get("district", ()))),
        township_ids=tuple(map(int, terms.get("township", ()))),
        industries=tuple(terms.get("industry", ())),
        sizes=tuple(terms.get("size", ())),
        codes=tuple(terms.get("code", ())),
    )


def update_terms(db: Database, campaign_id: int, choice: Choice) -> None:
    """Let it choose these firms instead."""
    execute(db, "DELETE FROM campaign_terms WHERE campaign_id = :id", {"id": campaign_id})
    for kind, value in choice.terms:
        execute(
            db,
            "INSERT INTO campaign_terms (campaign_id, kind, value) VALUES (:id, :kind, :value)",
            {"id": campaign_id, "kind": kind, "value": value},
        )


def list_questions(db: Database, campaign_id: int) -> list[Question]:
    """What it asks now, in order."""
    rows = fetch_all(
        db,
        """
        SELECT id, kind, text, choices, purpose, is_required FROM campaign_questions
        WHERE campaign_id = :id AND is_asked = 1 ORDER BY position
        """,
        {"id": campaign_id},
    )
    return [
        Question(
            id=row["id"],
            kind=QuestionKind(row["kind"]),
            text=row["text"],
            choices=tuple(row["choices"].splitlines()),
            purpose=row["purpose"],
            is_required=bool(row["is_required"]),
        )
        for row in rows
    ]


def get_question(db: Database, question_id: int):
    """A question of any campaign, asked still or no more: id, text, campaign_id; or None."""
    return fetch_one(db, "SELECT id, text, campaign_id FROM campaign_questions WHERE id = :id", {"id": question_id})


def list_known(db: Database, question_ids: Sequence[int]) -> set[int]:
    """Those of these ids that are questions, asked still or no more."""
    if not question_ids:
        return set()
    rows = fetch_all(
        db,
        "SELECT id FROM campaign_questions WHERE id IN (SELECT value FROM json_each(:ids))",
        {"ids": json.dumps(list(question_ids))},
    )
    return {row["id"] for row in rows}


def insert_question(db: Database, campaign_id: int, question: NewQuestion, *, position: int) -> int:
    """Ask something more; its id, by which phones name their answers."""
    return insert(
        db,
        """
        INSERT INTO campaign_questions (campaign_id, position, kind, text, choices, purpose, is_required)
        VALUES (:campaign_id, :position, :kind, :text, :choices, :purpose, :is_required)
        """,
        {
            "campaign_id": campaign_id,
            "position": position,
            "kind": question.kind,
            "text": question.text,
            "choices": "\n".join(question.choices),
            "purpose": question.purpose,
            "is_required": int(question.is_required),
        },
    )


def update_question(db: Database, question_id: int, *, position: int | None) -> None:
    """Ask it at another place, or with None no more: answers that are out there still find their question."""
    execute(
        db,
        """
        UPDATE campaign_questions SET is_asked = :is_asked, position = coalesce(:position, position) WHERE id = :id
        """,
        {"id": question_id, "position": position, "is_asked": int(position is not None)},
    )


def insert_reminder(db: Database, campaign_id: int, *, source: str, by_id: int | None, now: datetime) -> bool:
    """Ask for officers to be reminded; False if they were for this very reason. `notices` tells them."""
    changed = execute(
        db,
        """
        INSERT INTO campaign_reminders (campaign_id, source, at, by_id) VALUES (:campaign_id, :source, :now, :by_id)
        ON CONFLICT (campaign_id, source) DO NOTHING
        """,
        {"campaign_id": campaign_id, "source": source, "by_id": by_id, "now": to_text(now)},
    )
    return changed == 1


def list_reminders(db: Database, campaign_id: int) -> list:
    """When officers were reminded, the newest first: at, by (a name, or None by itself), told_count."""
    return fetch_all(
        db,
        """
        SELECT r.at, u.name AS by, r.told_count FROM campaign_reminders r LEFT JOIN users u ON u.id = r.by_id
        WHERE r.campaign_id = :id ORDER BY r.id DESC LIMIT 20
        """,
        {"id": campaign_id},
    )


def list_untold(db: Database) -> list:
    """Reminders that nobody was told of yet: id, campaign_id, source."""
    return fetch_all(
        db, "SELECT id, campaign_id, source FROM campaign_reminders WHERE told_count IS NULL ORDER BY id LIMIT 20"
    )


def update_reminder(db: Database, reminder_id: int, *, told_count: int) -> None:
    """So many were told."""
    execute(db, "UPDATE campaign_reminders SET told_count = :n WHERE id = :id", {"id": reminder_id, "n": told_count})
