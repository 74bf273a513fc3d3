"""Every SQL statement of the ledgers and of the bulletins."""

import json
from collections.abc import Sequence

from sqlite_utils import Database

from app.db import fetch_all

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
               (SELECT group_concat(a.name, char(10)) FROM issue_departments x JOIN departments a ON a.id = x.department_id
                WHERE x.issue_id = i.id) AS assisting,
               (SELECT group_concat(a.name_en, char(10)) FROM issue_departments x
                JOIN departments a ON a.id = x.department_id WHERE x.issue_id = i.id) AS assisting_en,
               (SELECT min(e.at) FROM issue_events e WHERE e.issue_id = i.id AND e.action = 'dispatch') AS dispatched_at,
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
    """These visits with all that their ledger tells, by id."""
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
               (SELECT count(*) FROM photos h WHERE h.visit_id = v.id) AS photo_count
        FROM visits v JOIN firms f ON f.id = v.firm_id JOIN districts p ON p.id = v.district_id
        JOIN users u ON u.id = v.officer_id
        LEFT JOIN firm_officers x ON x.firm_id = v.firm_id AND x.is_lead = 1 AND x.to_on IS NULL
        LEFT JOIN users o ON o.id = x.user_id
        WHERE v.id IN (SELECT value FROM json_each(:ids)) ORDER BY v.id
        """,
        {"ids": json.dumps(list(ids))},
    )
