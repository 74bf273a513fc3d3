"""`flask --app wsgi demo load`: the demonstration city."""

import time

import click
from flask import current_app
from flask.cli import AppGroup

from app.clock import now
from app.db import get_db
from app.demo.load import SEED, load_demo
from app.errors import Conflict
from app.people import store as people
from app.permissions import Role
from app.settings import get_setting

demo_group = AppGroup("demo", help="A city to try everything in.")


@demo_group.command("load")
@click.option("--seed", default=SEED, show_default=True, help="Another seed is another city.")
@click.option("--if-empty", is_flag=True, help="Do nothing when there are accounts already.")
def load_command(seed: int, if_empty: bool) -> None:
    """Fill a fresh database with the demo city; takes about fifteen seconds."""
    if if_empty and get_db()["users"].count:
        return
    started = time.monotonic()

    def echo(line: str) -> None:
        click.echo(f"{time.monotonic() - started:5.1f} s  {line}")

    try:
        load_demo(get_db(), seed=seed, now=now(), photo_folder=current_app.config["SETTINGS"].photos, echo=echo)
    except Conflict as refusal:
        raise click.ClickException(str(refusal)) from refusal
    echo("done: sign in as officer, handler, dispatcher, head, office or auditor with the password demo")


@demo_group.command("accounts")
@click.option("--port", default=8000)
def accounts_command(port: int) -> None:
    """Say where to look and, in a demo city, as whom."""
    click.echo(f"\n企访通  http://127.0.0.1:{port}\n")
    if get_setting(get_db(), "demo") is None:
        return
    click.echo("演示账号 demo accounts (password: demo)")
    for row in people.list_users_by_username(get_db(), [role.value for role in Role]):
        click.echo(f"  {row['username']:<12} {row['name']}")
    click.echo("")
