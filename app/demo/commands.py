"""`flask --app wsgi demo load`: the demonstration city."""

import time

import click
from flask import current_app

from app.clock import now
from app.db import get_db
from app.demo.load import SEED, load_demo
from app.errors import Conflict

demo_group = click.Group("demo", help="A city to try everything in.")


@demo_group.command("load")
@click.option("--seed", default=SEED, show_default=True, help="Another seed is another city.")
def load_command(seed: int) -> None:
    """Fill a fresh database with the demo city; takes about fifteen seconds."""
    started = time.monotonic()

    def echo(line: str) -> None:
        click.echo(f"{time.monotonic() - started:5.1f} s  {line}")

    try:
        load_demo(get_db(), seed=seed, now=now(), photo_folder=current_app.config["SETTINGS"].photos, echo=echo)
    except Conflict as refusal:
        raise click.ClickException(str(refusal)) from refusal
    echo("done: sign in as officer, handler, dispatcher, head, office or auditor with the password demo")
