"""Every SQL statement on visits but for their list, which is read in `list_store.py`."""

from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all, fetch_one, fetch_value
from app.people.models import User
from app.permissions import Role
from app.visits.models import NewVisit


def ways(visible_to: User) -> tuple[list[str], dict]:
    """In which ways a visit may be this person's to see, each a condition that an index serves; their parameters."""
    if visible_to.role is Role.OFFICER:
        hers = "v.firm_id IN (SELECT firm_id FROM firm_officers WHERE user_id = :scope_id AND to_on IS NULL)"
        return ["v.officer_id = :scope_id", hers], {"scope_id": visible_to.id}
    if visible_to.role in (Role.DISPATCHER, Role.HEAD):
        return ["v.district_id = :scope_id"], {"scope_id": visible_to.district_id}
    if visible_to.role in (Role.OFFICE, Role.AUDITOR):
        return ["1"], {}
    return ["0"], {}


def scope(visible_to: User) -> tuple[str, dict]:
    """The condition that leaves the visits this person may see, and its parameters."""
    found, params = ways(visible_to)
    return f"({' OR '.join(found)})" if len(found) > 1 else found[0], params


def is_visible(db: Database, visit_id: int, *, visible_to: User) -> bool:
    """Whether this person may see the visit."""
    where, params = scope(visible_to)
    return fetch_one(db, f"SELECT 1 FROM visits v WHERE v.id = :id AND {where}", {"id": visit_id, **params}) is not None  # noqa: S608


def get_visit(db: Database, visit_id: int, *, visible_to: User):
    """One visit with its firm and officer, or None."""
    where, params = scope(visible_to)
    return fetch_one(
        db,
        f"""
        SELECT v.*, f.name AS firm, d.name AS district, d.name_en AS district_en, u.name AS officer
        FROM visits v JOIN firms f ON f.id = v.firm_id JOIN districts d ON d.id = v.district_id
        JOIN users u ON u.id = v.officer_id
        WHERE v.id = :id AND {where}
        """,  # noqa: S608
        {"id": visit_id, **params},
    )


def get_receipt(db: Database, client_key: str):
    """What is stored under this key: id, officer_id and body_sha256, or None."""
    return fetch_one(db, "SELECT id, officer_id, body_sha256 FROM visits WHERE client_key = :key", {"key": client_key})


def _span(visible_to: User, district_id: int | None, firm_id: int | None, span: tuple[str, str]) -> tuple[str, dict]:
    where, params = scope(visible_to)
    for name, value in (("district_id", district_id), ("firm_id", firm_id)):
        if value is not None:
            where += f" AND v.{name} = :{name}"
            params[name] = value
    return f"{where} AND v.visited_at >= :since AND v.visited_at < :until", {
        **params,
        "since": span[0],
        "until": span[1],
    }


def list_ids(
    db: Database,
    *,
    visible_to: User,
    span: tuple[str, str],
    district_id: int | None = None,
    firm_id: int | None = None,
    after_id: int = 0,
    limit: int = 500,
) -> list[int]:
    """The ids of the visits in a span (UTC texts: at or after, and before), the earliest first, after `after_id`."""
    where, params = _span(visible_to, district_id, firm_id, span)
    if after_id:  # in the order of an index, so that each piece begins where the last one ended
        where += " AND (v.visited_at > :since OR v.id > :after_id)"
        params["since"] = fetch_value(db, "SELECT visited_at FROM visits WHERE id = :id", {"id": after_id})
    rows = fetch_all(
        db,
        f"SELECT v.id FROM visits v WHERE {where} ORDER BY v.visited_at, v.id LIMIT :limit",  # noqa: S608
        {**params, "after_id": after_id, "limit": limit},
    )
    return [row["id"] for row in rows]


def count_visits(
    db: Database,
    *,
    visible_to: User,
    span: tuple[str, str],
    district_id: int | None = None,
    firm_id: int | None = None,
) -> int:
    """How many visits that is."""
    where, params = _span(visible_to, district_id, firm_id, span)
    return fetch_value(db, f"SELECT count(*) FROM visits v WHERE {where}", params)  # noqa: S608


def insert_visit(
    db: Database,
    new: NewVisit,
    *,
    body_sha256: str,
    district_id: int,
    officer_id: int,
    distance_m: int | None,
    now: datetime,
) -> int | None:
    """Add a visit; None if its key is already there."""
    row = fetch_one(
        db,
        """
        INSERT INTO visits (client_key, body_sha256, firm_id, district_id, officer_id, visited_at, received_at, mode,
          topics, notes, contact_name, latitude, longitude, accuracy_m, distance_m)
        VALUES (:client_key, :body_sha256, :firm_id, :district_id, :officer_id, :visited_at, :received_at, :mode,
          :topics, :notes, :contact_name, :latitude, :longitude, :accuracy_m, :distance_m)
        ON CONFLICT (client_key) DO NOTHING RETURNING id
        """,
        {
            "client_key": new.client_key,
            "body_sha256": body_sha256,
            "firm_id": new.firm_id,
            "district_id": district_id,
            "officer_id": officer_id,
            "visited_at": to_text(new.visited_at or now),
            "received_at": to_text(now),
            "mode": new.mode,
            "topics": " ".join(new.topics),
            "notes": new.notes,
            "contact_name": new.contact_name,
            "latitude": new.latitude,
            "longitude": new.longitude,
            "accuracy_m": new.accuracy_m,
            "distance_m": distance_m,
        },
    )
    return row["id"] if row else None


def insert_answer(db: Database, visit_id: int, *, number: int, question_id: int | None, answer: str) -> None:
    """Keep an answer: `number` is what the page called its question, `question_id` the question if it is known."""
    execute(
        db,
        """
        INSERT INTO visit_answers (visit_id, question_id, number, answer)
        VALUES (:visit_id, :question_id, :number, :answer)
        """,
        {"visit_id": visit_id, "question_id": question_id, "number": number, "answer": answer},
    )


def list_answers(db: Database, visit_id: int) -> list:
    """What was answered on a visit: number, answer, and question (its words, or None where there is none of it)."""
    return fetch_all(
        db,
        """
        SELECT a.number, a.answer, q.text AS question FROM visit_answers a
        LEFT JOIN campaign_questions q ON q.id = a.question_id
        WHERE a.visit_id = :id ORDER BY q.position, a.number
        """,
        {"id": visit_id},
    )


def has_answered(db: Database, firm_id: int, *, campaign_id: int, since: str) -> bool:
    """Whether the firm has answered anything of the campaign on a visit since then (a UTC text)."""
    found = fetch_one(
        db,
        """
        SELECT 1 FROM visits v JOIN visit_answers a ON a.visit_id = v.id
        JOIN campaign_questions q ON q.id = a.question_id AND q.campaign_id = :campaign_id
        WHERE v.firm_id = :firm_id AND v.visited_at >= :since LIMIT 1
        """,
        {"firm_id": firm_id, "campaign_id": campaign_id, "since": since},
    )
    return found is not None


def count_answers(db: Database, campaign_id: int, *, district_id: int | None = None) -> list:
    """How often each question of a campaign was answered, asked still or no more: id, text, is_asked, answer, n.

    `answer` is None for questions that are answered in words of one's own: those are read, not counted.
    """
    place = "" if district_id is None else "AND v.district_id = :district_id"
    return fetch_all(
        db,
        f"""
        SELECT q.id, q.text, q.is_asked, CASE WHEN q.kind <> 'text' THEN a.answer END AS answer, count(*) AS n
        FROM campaign_questions q JOIN visit_answers a ON a.question_id = q.id JOIN visits v ON v.id = a.visit_id
        WHERE q.campaign_id = :campaign_id {place} GROUP BY 1, 4 ORDER BY q.position, q.id, n DESC, 4
        """,  # noqa: S608
        {"campaign_id": campaign_id, "district_id": district_id},
    )
