"""`flask --app wsgi outbox import FILE.zip --officer USERNAME`: what was rescued from a phone."""

import click
from flask import current_app

from app.db import get_db
from app.errors import Invalid
from app.outbox import rescue

outbox_group = click.Group("outbox", help="What phones kept.")


@outbox_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--officer", required=True, help="The account that recorded it.")
def import_command(file: str, officer: str) -> None:
    """Take in what a phone exported; what is stored already is left as it is. Exits with 1 if something was refused."""
    db, settings = get_db(), current_app.config["SETTINGS"]
    try:
        with current_app.test_request_context():
            outcomes = rescue.take_in(db, file, officer=rescue.find_officer(db, officer), by=None, settings=settings)
    except Invalid as error:
        raise click.ClickException(error.message) from error
    refused = 0
    for each in outcomes:
        is_refused = each.state in (rescue.State.REFUSED, rescue.State.PARTLY)
        refused += is_refused
        why = " ".join(str(reason) % each.params for reason in each.reasons)
        click.echo(f"{each.state} {each.key}: {why or f'{each.photo_count} photos'}", err=is_refused)
    if refused:
        raise SystemExit(1)
