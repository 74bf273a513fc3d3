"""The SQL on who somebody is at the city's identity provider."""

from sqlite_utils import Database

from app.db import IntegrityError, execute, fetch_value


def get_user_id_of(db: Database, identity: str) -> int | None:
    """The active account that this identity was linked to, or None."""
    return fetch_value(db, "SELECT id FROM users WHERE identity = :identity AND is_active = 1", {"identity": identity})


def has_identity(db: Database, user_id: int) -> bool:
    """Whether the account is linked to one."""
    return bool(fetch_value(db, "SELECT identity IS NOT NULL FROM users WHERE id = :id", {"id": user_id}))


def update_identity(db: Database, user_id: int, identity: str | None) -> bool:
    """Link an account, or unlink it with None; False when the identity is another account's."""
    try:
        execute(db, "UPDATE users SET identity = :identity WHERE id = :id", {"id": user_id, "identity": identity})
    except IntegrityError:
        return False
    return True
