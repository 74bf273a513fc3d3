"""`flask --app wsgi outbox import FILE.zip --officer USERNAME`: what was rescued from a phone."""

import json
import zipfile
from io import BytesIO

import click
from flask import current_app

from app.clock import now
from app.db import get_db
from app.departments import store as departments
from app.errors import AppError, Invalid
from app.outbox import actions, reading
from app.people import store as people
from app.people.models import User
from app.permissions import Role
from app.photos import actions as photos

outbox_group = click.Group("outbox", help="What phones kept.")

MOST_BYTES = 2_000_000
"""Of the list of records; photos have a limit of their own."""


@outbox_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--officer", required=True, help="The account that recorded it.")
def import_command(file: str, officer: str) -> None:
    """Take in what a phone exported; what is stored already is left as it is. Exits with 1 if something was refused."""
    by = people.get_user_by_username(get_db(), officer)
    if by is None or by.role is not Role.OFFICER:
        raise click.ClickException(f"{officer} is no active officer")
    refused = 0
    try:
        with zipfile.ZipFile(file) as held, current_app.test_request_context():
            text = held.read("record.json") if held.getinfo("record.json").file_size <= MOST_BYTES else b""
            for record in reading.read_json(text).get("records", []):
                try:
                    click.echo(_take_in(held, record, by=by))
                except AppError as error:
                    refused += 1
                    fields = error.fields if isinstance(error, Invalid) else {}
                    click.echo(f"refused {record.get('client_key')}: {error.message} {fields}", err=True)
    except (zipfile.BadZipFile, KeyError, AppError, AttributeError, TypeError) as error:
        raise click.ClickException(f"{file} is no export of a phone: {error}") from error
    if refused:
        raise SystemExit(1)


def _take_in(held: zipfile.ZipFile, record: dict, *, by: User) -> str:
    db, settings = get_db(), current_app.config["SETTINGS"]
    key = reading.read_key(str(record.get("client_key")))
    body = reading.read_json(json.dumps({**record, "schema": record.get("schema", 0)}).encode())
    if record.get("kind") == "move":
        issue_id, row, version, brought, sha256 = reading.read_move(body, departments=departments.list_departments(db))
        actions.make_move(
            db, key, issue_id, row.action, by=by, now=now(), version=version, brought=brought, body_sha256=sha256
        )
        return f"stored {key}"
    categories = {each["id"] for each in departments.list_categories(db)}
    visit, announced = reading.read_visit(body, key, category_ids=categories)
    receipt = actions.store_visit(db, visit, announced, by=by, now=now())
    for photo_key in receipt.missing:
        most = settings.photo_mb * 1024 * 1024
        with held.open(f"photos/{photo_key}.jpg") as file:
            [picture] = photos.receive([BytesIO(file.read(most + 1))], folder=settings.photos, max_bytes=most)
        receipt = actions.attach_photo(db, photo_key, key, picture, by=by, now=now())
    return f"stored {key}: {len(receipt.have)} photos"
