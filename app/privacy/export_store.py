"""The SQL that gathers what is held about one person."""

from sqlite_utils import Database

from app.db import fetch_all


def find_accounts(db: Database, text: str) -> list:
    """Accounts of this user name or telephone."""
    return fetch_all(
        db, "SELECT id, name FROM users WHERE username = :text OR (phone = :text AND phone <> '')", {"text": text}
    )


def find_contacts(db: Database, text: str) -> list:
    """Firms of this name, credit code or contact's telephone."""
    return fetch_all(
        db,
        """
        SELECT id, name FROM firms
        WHERE name = :text OR credit_code = upper(:text) OR (contact_phone = :text AND contact_phone <> '')
        """,
        {"text": text},
    )


def list_account(db: Database, user_id: int) -> list:
    """The account itself."""
    return fetch_all(
        db,
        """
        SELECT u.username, u.name, u.role, p.name AS district, d.name AS department, u.unit, u.title, u.phone,
          u.is_active, u.created_at, u.last_sign_in_at, u.password_changed_at, a.confirmed_at AS code_since, u.identity
        FROM users u LEFT JOIN districts p ON p.id = u.district_id LEFT JOIN departments d ON d.id = u.department_id
        LEFT JOIN authenticators a ON a.user_id = u.id
        WHERE u.id = :id
        """,
        {"id": user_id},
    )


def list_sessions(db: Database, user_id: int) -> list:
    """When and on what she was signed in."""
    return fetch_all(
        db,
        "SELECT device, way, created_at, seen_at, ended_at FROM sessions WHERE user_id = :id ORDER BY id",
        {"id": user_id},
    )


def list_entries(db: Database, user_id: int) -> list:
    """What the audit log has by her and about her account."""
    return fetch_all(
        db,
        """
        SELECT id, at, action, object, detail FROM audit_log WHERE by_id = :id
        UNION
        SELECT id, at, action, object, detail FROM audit_log WHERE object = 'user:' || :id
        ORDER BY id
        """,
        {"id": user_id},
    )


def list_visits_by(db: Database, user_id: int) -> list:
    """Visits she recorded, with where she was."""
    return fetch_all(
        db,
        """
        SELECT v.visited_at, v.received_at, f.name AS firm, v.mode, v.latitude, v.longitude, v.accuracy_m, v.distance_m
        FROM visits v JOIN firms f ON f.id = v.firm_id WHERE v.officer_id = :id ORDER BY v.id
        """,
        {"id": user_id},
    )


def list_moves_by(db: Database, user_id: int) -> list:
    """What she did to issues."""
    return fetch_all(
        db,
        """
        SELECT e.at, i.number, e.action, e.note FROM issue_events e JOIN issues i ON i.id = e.issue_id
        WHERE e.by_id = :id ORDER BY e.id
        """,
        {"id": user_id},
    )


def list_assignments(db: Database, user_id: int) -> list:
    """Firms she looks or looked after."""
    return fetch_all(
        db,
        """
        SELECT f.name AS firm, o.is_lead, o.from_on, o.to_on FROM firm_officers o JOIN firms f ON f.id = o.firm_id
        WHERE o.user_id = :id ORDER BY o.id
        """,
        {"id": user_id},
    )


def list_contact(db: Database, firm_id: int) -> list:
    """Whom the firm names."""
    return fetch_all(
        db,
        "SELECT name, credit_code, contact_name, contact_phone, created_at FROM firms WHERE id = :id",
        {"id": firm_id},
    )


def list_visits_to(db: Database, firm_id: int) -> list:
    """Visits to the firm, whom they met and what was noted."""
    return fetch_all(
        db,
        """
        SELECT v.visited_at, u.name AS officer, v.mode, v.contact_name, v.notes, v.erased_at,
          (SELECT group_concat(a.answer, char(10)) FROM visit_answers a WHERE a.visit_id = v.id) AS answers
        FROM visits v JOIN users u ON u.id = v.officer_id WHERE v.firm_id = :id ORDER BY v.id
        """,
        {"id": firm_id},
    )


def list_issues_of(db: Database, firm_id: int) -> list:
    """What the firm reported and was answered."""
    return fetch_all(
        db,
        """
        SELECT number, reported_at, title, description, public_answer, closed_at, erased_at FROM issues
        WHERE firm_id = :id ORDER BY id
        """,
        {"id": firm_id},
    )


def list_reveals(db: Database, firm_id: int) -> list:
    """Who looked the telephone up, on the firm's page or an issue's."""
    return fetch_all(
        db,
        """
        SELECT a.at, u.name AS by_name, u.role AS by_role FROM audit_log a LEFT JOIN users u ON u.id = a.by_id
        WHERE a.action = 'contact_revealed'
          AND (a.object = 'firm:' || :id OR a.object IN (SELECT 'issue:' || id FROM issues WHERE firm_id = :id))
        ORDER BY a.id
        """,
        {"id": firm_id},
    )


def list_links(db: Database, firm_id: int) -> list:
    """The links by which the firm was asked."""
    return fetch_all(
        db,
        """
        SELECT i.number, l.created_at, l.opened_at, l.used_at FROM firm_links l JOIN issues i ON i.id = l.issue_id
        WHERE i.firm_id = :id ORDER BY l.id
        """,
        {"id": firm_id},
    )
