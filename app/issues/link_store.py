"""Every SQL statement on the firms' links."""

from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all, fetch_one, insert


def insert_link(db: Database, issue_id: int, *, created_by: int, now: datetime, expires_at: datetime) -> int:
    """Make a link for the firm; earlier unused ones of the issue end."""
    execute(
        db,
        "UPDATE firm_links SET revoked_at = :now WHERE issue_id = :id AND used_at IS NULL AND revoked_at IS NULL",
        {"id": issue_id, "now": to_text(now)},
    )
    return insert(
        db,
        """
        INSERT INTO firm_links (issue_id, created_by, created_at, expires_at)
        VALUES (:issue_id, :created_by, :now, :expires_at)
        """,
        {"issue_id": issue_id, "created_by": created_by, "now": to_text(now), "expires_at": to_text(expires_at)},
    )


def get_link(db: Database, link_id: int):
    """A link by its id, or None."""
    return fetch_one(db, "SELECT * FROM firm_links WHERE id = :id", {"id": link_id})


def get_live_link(db: Database, issue_id: int, *, now: datetime):
    """The link that works for the issue now, or None."""
    return fetch_one(
        db,
        """
        SELECT * FROM firm_links WHERE issue_id = :id AND used_at IS NULL AND revoked_at IS NULL AND expires_at > :now
        ORDER BY id DESC LIMIT 1
        """,
        {"id": issue_id, "now": to_text(now)},
    )


def list_links(db: Database, issue_id: int) -> list:
    """Every link that was made for the firm, newest first, with who made it."""
    return fetch_all(
        db,
        """
        SELECT l.id, l.created_at, l.expires_at, l.opened_at, l.used_at, l.revoked_at, u.name AS by_name,
               u.role AS by_role
        FROM firm_links l JOIN users u ON u.id = l.created_by WHERE l.issue_id = :id ORDER BY l.id DESC
        """,
        {"id": issue_id},
    )


def mark_link_opened(db: Database, link_id: int, *, now: datetime) -> None:
    """Remember when the firm first opened its link."""
    execute(
        db,
        "UPDATE firm_links SET opened_at = :now WHERE id = :id AND opened_at IS NULL",
        {"id": link_id, "now": to_text(now)},
    )


def use_link(db: Database, link_id: int, *, now: datetime) -> bool:
    """Use up a link; whether it was still unused."""
    changed = execute(
        db,
        "UPDATE firm_links SET used_at = :now WHERE id = :id AND used_at IS NULL AND revoked_at IS NULL",
        {"id": link_id, "now": to_text(now)},
    )
    return changed == 1
