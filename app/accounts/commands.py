"""`flask --app wsgi office-account`: the first account of a city, and the way back in when nobody keeps accounts."""

import click
from flask import current_app
from flask.cli import with_appcontext

from app.accounts import actions
from app.accounts.forms import USERNAME
from app.clock import local, now
from app.db import get_db
from app.errors import AppError
from app.people.models import ROLE_NAMES
from app.permissions import Role


@click.command("office-account")
@with_appcontext
@click.argument("username")
@click.option("--name", default=ROLE_NAMES[Role.OFFICE], show_default=True, help="Shown for a new account.")
def office_account_command(username: str, name: str) -> None:
    """Print a password for one use for the city office's account USERNAME, which is made if it is not there."""
    if not USERNAME.fullmatch(username):
        raise click.UsageError("A user name has letters, digits, dots and dashes, two or more.")
    try:
        slip = actions.let_office_in(
            get_db(), username.lower(), name=name, rules=current_app.config["PASSWORD_RULES"], now=now()
        )
    except AppError as refusal:
        raise click.ClickException(refusal.message) from refusal
    click.echo(f"{slip.username}  {slip.password}  (for one use, until {local(slip.expires_at):%Y-%m-%d %H:%M})")
