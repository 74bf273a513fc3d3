"""Every SQL statement on the imports of rosters."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all, fetch_one, insert
from app.rosters.models import Kind, State, Verdict


def insert_import(
    db: Database,
    *,
    kind: Kind,
    file_name: str,
    sha256: str,
    byte_count: int,
    is_full: bool,
    state: State,
    by_id: int | None,
    now: datetime,
) -> int:
    """Add an import; its id. `by_id` is None on the command line."""
    return insert(
        db,
        """
        INSERT INTO roster_imports (kind, file_name, sha256, byte_count, is_full, state, created_by, created_at)
        VALUES (:kind, :file_name, :sha256, :byte_count, :is_full, :state, :by_id, :now)
        """,
        {
            "kind": kind,
            "file_name": file_name,
            "sha256": sha256,
            "byte_count": byte_count,
            "is_full": int(is_full),
            "state": state,
            "by_id": by_id,
            "now": to_text(now),
        },
    )


def move_import(
    db: Database, import_id: int, *, before: Sequence[State], after: State, problem: Mapping[str, object] | None = None
) -> bool:
    """Take an import from one of these states to another; False if it was in none of them."""
    changed = execute(
        db,
        """
        UPDATE roster_imports SET state = :after, problem = :problem
        WHERE id = :id AND state IN (SELECT value FROM json_each(:before))
        """,
        {
            "id": import_id,
            "before": json.dumps(list(before)),
            "after": after,
            "problem": json.dumps(problem, ensure_ascii=False) if problem else "",
        },
    )
    return changed == 1


def update_counts(db: Database, import_id: int, counts: Mapping[Verdict, int]) -> None:
    """Store how many rows came to what."""
    execute(
        db,
        """
        UPDATE roster_imports SET new_count = :new, changed_count = :changed, same_count = :same,
               doubtful_count = :doubtful, leaving_count = :leaving, refused_count = :refused WHERE id = :id
        """,
        {"id": import_id, **{verdict.value: counts.get(verdict, 0) for verdict in Verdict}},
    )


def update_applied(db: Database, import_id: int, *, stored_count: int, by_id: int | None, now: datetime) -> None:
    """An import that was being stored is in: who took it in, when, and how many records that made or changed."""
    execute(
        db,
        """
        UPDATE roster_imports SET state = 'applied', problem = '', stored_count = :n, applied_by = :by_id,
               applied_at = :now
        WHERE id = :id AND state = 'storing'
        """,
        {"id": import_id, "n": stored_count, "by_id": by_id, "now": to_text(now)},
    )


def get_import(db: Database, import_id: int):
    """One import with the names of who brought it and who took it in, or None."""
    return fetch_one(
        db,
        """
        SELECT i.*, c.name AS created_by_name, a.name AS applied_by_name FROM roster_imports i
        LEFT JOIN users c ON c.id = i.created_by LEFT JOIN users a ON a.id = i.applied_by WHERE i.id = :id
        """,
        {"id": import_id},
    )


def list_imports(db: Database, *, limit: int) -> list:
    """The latest imports, newest first."""
    return fetch_all(
        db,
        """
        SELECT i.*, c.name AS created_by_name FROM roster_imports i LEFT JOIN users c ON c.id = i.created_by
        ORDER BY i.id DESC LIMIT :limit
        """,
        {"limit": limit},
    )


def list_imports_in(db: Database, states: Sequence[State]) -> list:
    """Imports in one of these states: id, state, created_at, created_by."""
    return fetch_all(
        db,
        """
        SELECT id, state, created_at, created_by FROM roster_imports
        WHERE state IN (SELECT value FROM json_each(:states)) ORDER BY id
        """,
        {"states": json.dumps(list(states))},
    )
