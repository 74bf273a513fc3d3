"""Every SQL statement of the ledgers and of the bulletins."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all, fetch_one, insert

_LAST_OF_LEAD = "FROM issue_events e JOIN users u ON u.id = e.by_id WHERE e.issue_id = i.id AND e.actor = 'lead'"


def list_ledger_issues(db: Database, ids: Sequence[int]) -> list:
    """These issues with all that their ledger tells, by id."""
    return fetch_all(
        db,
        f"""
        SELECT i.id, i.number, i.status, i.visit_id, i.reported_at, i.title, i.description, i.closed_at, i.outcome,
               i.public_answer, i.is_solved, i.is_satisfied, i.return_count, i.rework_count, i.reopen_count,
               i.extension_count, i.extension_asked_on, i.review_on, i.reply_by_on, i.supervision, i.department_id,
               f.name AS firm, f.contact_name, f.contact_phone, p.name AS district, p.name_en AS district_en,
               c.name AS category, c.name_en AS category_en, d.name AS department, d.name_en AS department_en,
               (SELECT group_concat(a.name, char(10)) FROM issue_departments x
                JOIN departments a ON a.id = x.department_id WHERE x.issue_id = i.id) AS assisting,
               (SELECT group_concat(a.name_en, char(10)) FROM issue_departments x
                JOIN departments a ON a.id = x.department_id WHERE x.issue_id = i.id) AS assisting_en,
               (SELECT min(e.at) FROM issue_events e WHERE e.issue_id = i.id
                AND e.action = 'dispatch') AS dispatched_at,
               (SELECT max(e.at) FROM issue_events e WHERE e.issue_id = i.id
                AND e.action IN ('accept', 'designate')) AS accepted_at,
               (SELECT k.due_at FROM issue_clocks k WHERE k.issue_id = i.id AND k.clock = 'handle'
                ORDER BY k.round DESC LIMIT 1) AS handle_due_at,
               (SELECT u.name {_LAST_OF_LEAD} ORDER BY e.id DESC LIMIT 1) AS handler,
               (SELECT e.note {_LAST_OF_LEAD} AND e.note <> '' ORDER BY e.id DESC LIMIT 1) AS said,
               (SELECT count(*) FROM issue_events e WHERE e.issue_id = i.id AND e.action = 'urge') AS urge_count,
               (SELECT count(*) FROM issue_events e WHERE e.issue_id = i.id
                AND e.action = 'log_contact') AS unreached_count
        FROM issues i JOIN firms f ON f.id = i.firm_id JOIN districts p ON p.id = i.district_id
        JOIN categories c ON c.id = i.category_id LEFT JOIN departments d ON d.id = i.department_id
        WHERE i.id IN (SELECT value FROM json_each(:ids)) ORDER BY i.id
        """,  # noqa: S608
        {"ids": json.dumps(list(ids))},
    )


def list_ledger_visits(db: Database, ids: Sequence[int]) -> list:
    """These visits with all that their ledger tells, the earliest first."""
    return fetch_all(
        db,
        """
        SELECT v.id, v.visited_at, v.mode, v.topics, v.notes, v.contact_name, f.name AS firm, f.credit_code, f.industry,
               f.size, f.status AS firm_status, f.contact_phone, p.name AS district, p.name_en AS district_en,
               u.name AS visitor, o.name AS officer,
               (SELECT group_concat(i.title, char(10)) FROM issues i WHERE i.visit_id = v.id) AS issues,
               (SELECT count(*) FROM issues i WHERE i.visit_id = v.id) AS issue_count,
               (SELECT count(DISTINCT i.id) FROM issues i JOIN issue_events e ON e.issue_id = i.id
                WHERE i.visit_id = v.id AND e.action = 'answer_on_spot') AS on_spot_count,
               (SELECT count(*) FROM photos h WHERE h.visit_id = v.id) AS photo_count,
               (SELECT group_concat(coalesce(q.text, '#' || a.number) || char(31) || a.answer, char(30))
                FROM visit_answers a LEFT JOIN campaign_questions q ON q.id = a.question_id
                WHERE a.visit_id = v.id) AS answers
        FROM visits v JOIN firms f ON f.id = v.firm_id JOIN districts p ON p.id = v.district_id
        JOIN users u ON u.id = v.officer_id
        LEFT JOIN firm_officers x ON x.firm_id = v.firm_id AND x.is_lead = 1 AND x.to_on IS NULL
        LEFT JOIN users o ON o.id = x.user_id
        WHERE v.id IN (SELECT value FROM json_each(:ids)) ORDER BY v.visited_at, v.id
        """,
        {"ids": json.dumps(list(ids))},
    )


def count_visits_by_district(db: Database, *, span: tuple[str, str]) -> list:
    """In a span (UTC texts: at or after, and before): visits and firms visited, by district."""
    return fetch_all(
        db,
        """
        SELECT v.district_id, count(*) AS visits, count(DISTINCT v.firm_id) AS firms FROM visits v
        WHERE v.visited_at >= :since AND v.visited_at < :until GROUP BY v.district_id
        """,
        {"since": span[0], "until": span[1]},
    )


def list_bulletins(db: Database) -> list:
    """Every bulletin, the newest first, with the number of the one it corrects and whether it was corrected."""
    return fetch_all(
        db,
        """
        SELECT b.id, b.status, b.number, b.title, b.from_on, b.to_on, b.created_at, b.issued_at, b.corrects_id,
               (SELECT max(c.id) FROM bulletins c WHERE c.corrects_id = b.id) AS corrected_by_id
        FROM bulletins b ORDER BY b.id DESC LIMIT 200
        """,
    )


def get_bulletin(db: Database, bulletin_id: int):
    """One bulletin with who made and issued it, or None."""
    return fetch_one(
        db,
        """
        SELECT b.*, u.name AS author, s.name AS signer,
               (SELECT max(c.id) FROM bulletins c WHERE c.corrects_id = b.id) AS corrected_by_id
        FROM bulletins b JOIN users u ON u.id = b.created_by LEFT JOIN users s ON s.id = b.issued_by WHERE b.id = :id
        """,
        {"id": bulletin_id},
    )


def list_cases(db: Database, bulletin_id: int) -> list:
    """The chosen cases in the order they were chosen: issue_id, number, title, words."""
    return fetch_all(
        db,
        """
        SELECT c.id, c.issue_id, c.words, i.number, i.title FROM bulletin_cases c JOIN issues i ON i.id = c.issue_id
        WHERE c.bulletin_id = :id ORDER BY c.id
        """,
        {"id": bulletin_id},
    )


def list_candidates(db: Database, *, span: tuple[str, str], limit: int = 12) -> list:
    """Issues of a period that would make a case: confirmed and satisfied ones, then those that took several rounds."""
    return fetch_all(
        db,
        """
        SELECT i.id, i.number, i.title, d.name AS department, d.name_en AS department_en, i.is_solved, i.is_satisfied,
               i.rework_count + i.reopen_count AS rounds
        FROM issues i LEFT JOIN departments d ON d.id = i.department_id
        WHERE i.closed_at >= :since AND i.closed_at < :until AND i.is_solved IS NOT NULL AND i.public_answer <> ''
        ORDER BY i.rework_count + i.reopen_count + i.return_count DESC, i.closed_at DESC, i.id LIMIT :limit
        """,
        {"since": span[0], "until": span[1], "limit": limit},
    )


def get_case_facts(db: Database, issue_id: int):
    """What a case is told from, or None."""
    return fetch_one(
        db,
        """
        SELECT i.id, i.title, i.public_answer, i.is_solved, i.is_satisfied, f.name AS firm, d.name AS department
        FROM issues i JOIN firms f ON f.id = i.firm_id LEFT JOIN departments d ON d.id = i.department_id
        WHERE i.id = :id
        """,
        {"id": issue_id},
    )


_WRITTEN = "number title issuer addressed_to opening problems next_steps recipients copies from_on to_on".split()


def insert_bulletin(
    db: Database, values: Mapping[str, object], *, corrects_id: int | None, created_by: int, now: datetime
) -> int:
    """Add a draft; `values` has its texts, days, figures (JSON) and when they were taken."""
    names = [*_WRITTEN, "figures", "figured_at"]
    return insert(
        db,
        f"""
        INSERT INTO bulletins ({", ".join(names)}, corrects_id, created_by, created_at)
        VALUES ({", ".join(f":{name}" for name in names)}, :corrects_id, :created_by, :now)
        """,  # noqa: S608 (our own names)
        {
            **{name: values[name] for name in names},
            "corrects_id": corrects_id,
            "created_by": created_by,
            "now": to_text(now),
        },
    )


def update_texts(db: Database, bulletin_id: int, texts: Mapping[str, str], *, version: int) -> bool:
    """Write a draft's texts unless it changed or was issued meanwhile; whether it was written."""
    names = _WRITTEN[:-2]
    sets = ", ".join(f"{name} = :{name}" for name in names)
    return (
        execute(
            db,
            f"""
            UPDATE bulletins SET {sets}, version = version + 1
            WHERE id = :id AND version = :version AND status = 'draft'
            """,  # noqa: S608 (our own names)
            {**{name: texts[name] for name in names}, "id": bulletin_id, "version": version},
        )
        == 1
    )


def update_figures(db: Database, bulletin_id: int, figures: str, *, now: datetime) -> bool:
    """Take a draft's figures anew."""
    return (
        execute(
            db,
            "UPDATE bulletins SET figures = :figures, figured_at = :now, version = version + 1"
            " WHERE id = :id AND status = 'draft'",
            {"figures": figures, "id": bulletin_id, "now": to_text(now)},
        )
        == 1
    )


def move_to_issued(
    db: Database, bulletin_id: int, document: str, *, version: int, issued_by: int, now: datetime
) -> bool:
    """Issue a draft as it was looked at; whether it still was a draft of that version."""
    return (
        execute(
            db,
            """
            UPDATE bulletins SET status = 'issued', document = :document, issued_by = :by, issued_at = :now,
                   version = version + 1 WHERE id = :id AND version = :version AND status = 'draft'
            """,
            {"document": document, "by": issued_by, "now": to_text(now), "id": bulletin_id, "version": version},
        )
        == 1
    )


def insert_case(db: Database, bulletin_id: int, issue_id: int, words: str) -> None:
    """Choose a case, or write it anew; the draft counts as changed."""
    execute(
        db,
        """
        INSERT INTO bulletin_cases (bulletin_id, issue_id, words) VALUES (:bulletin_id, :issue_id, :words)
        ON CONFLICT (bulletin_id, issue_id) DO UPDATE SET words = :words
        """,
        {"bulletin_id": bulletin_id, "issue_id": issue_id, "words": words},
    )
    _touch(db, bulletin_id)


def delete_case(db: Database, bulletin_id: int, issue_id: int) -> None:
    """Leave a case out again."""
    execute(
        db,
        "DELETE FROM bulletin_cases WHERE bulletin_id = :bulletin_id AND issue_id = :issue_id",
        {"bulletin_id": bulletin_id, "issue_id": issue_id},
    )
    _touch(db, bulletin_id)


def _touch(db: Database, bulletin_id: int) -> None:
    execute(db, "UPDATE bulletins SET version = version + 1 WHERE id = :id", {"id": bulletin_id})
