"""Clients that hold the session which every made-up city has for each account."""

from flask import Flask
from flask.testing import FlaskClient

from app.clock import now, to_text
from app.db import connect
from benchmarks.city import token_of


def reopen(database: str) -> None:
    """Open the sessions anew that idled too long or grew too old since the city was made or asked last."""
    db = connect(database)
    db.conn.execute(
        "UPDATE sessions SET created_at = :now, seen_at = :now, ended_at = NULL"
        " WHERE ended_at IS NULL OR ended_at > created_at",
        {"now": to_text(now())},
    )
    db.conn.close()


def cookie_of(app: Flask, user_id: int) -> str:
    """What the account's browser would hold after signing in."""
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return serializer.dumps({"_user_id": token_of(user_id), "_fresh": True})


def client_of(app: Flask, username: str) -> FlaskClient:
    """A client signed in as this account."""
    client = app.test_client()
    client.set_cookie("qifang", cookie_of(app, id_of(app.config["DATABASE"], username)))
    return client


def id_of(database: str, username: str) -> int:
    """The account's id."""
    db = connect(database)
    row = db.conn.execute("SELECT id FROM users WHERE username = ?", (username,)).fetchone()
    db.conn.close()
    return row[0]
