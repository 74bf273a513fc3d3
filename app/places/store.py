"""Every SQL statement on districts and townships."""

from sqlite_utils import Database

from app.db import fetch_all, fetch_one


def list_districts(db: Database) -> list:
    """All districts in the order of their codes."""
    return fetch_all(db, "SELECT * FROM districts ORDER BY id")


def get_district(db: Database, district_id: int):
    """One district, or None."""
    return fetch_one(db, "SELECT * FROM districts WHERE id = :id", {"id": district_id})


def list_townships(db: Database, district_id: int) -> list:
    """The townships of a district."""
    return fetch_all(db, "SELECT * FROM townships WHERE district_id = :id ORDER BY id", {"id": district_id})


def list_all_townships(db: Database) -> list:
    """The townships of every district, district by district."""
    return fetch_all(db, "SELECT * FROM townships ORDER BY district_id, id")


def get_township(db: Database, township_id: int):
    """One township, or None."""
    return fetch_one(db, "SELECT * FROM townships WHERE id = :id", {"id": township_id})
