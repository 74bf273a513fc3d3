"""`flask --app wsgi privacy erase` and `privacy export`: what an administrator types, or a timer runs every month."""

import json
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from app.clock import now
from app.db import get_db
from app.errors import AppError
from app.privacy import actions, export_actions
from app.privacy.holdings import KINDS, find_subject, sections_of
from app.privacy.periods import Periods
from app.privacy.sheets import write_sections
from app.translation import speaking

privacy_group = AppGroup("privacy", help="What is kept of people.")


@privacy_group.command("erase")
@with_appcontext
@click.option("--apply", "is_applied", is_flag=True, help="Erase it; without this, only say what would be.")
@click.option("--json", "is_json", is_flag=True, help="One JSON object instead of words.")
def erase_command(is_applied: bool, is_json: bool) -> None:
    """Say what is past the periods of QIFANG_KEEP_…, and with --apply erase it. Rows and figures stay as they are."""
    settings = current_app.config["SETTINGS"]
    periods: Periods = current_app.config["PERIODS"]
    db, moment = get_db(), now()
    if is_applied:
        counts = actions.erase(db, settings.photos, periods, now=moment, progress=_say_progress(is_json))
    else:
        counts = actions.find_due(db, periods, moment)
    if is_json:
        click.echo(json.dumps({"is_applied": is_applied, **counts}))
        return
    for part, count in counts.items():
        days = getattr(periods, actions.PARTS[part][0] if part in actions.PARTS else "texts")
        click.echo(f"{part:<9} {count:>8}   {f'after {days} days' if days else 'kept for ever'}")
    click.echo("Erased." if is_applied else "Nothing was changed. Take a backup, then say --apply to erase this.")


def _say_progress(is_json: bool):
    def say(part: str, done: int, total: int) -> None:
        if not is_json and sys.stderr.isatty():
            click.echo(f"\r{part} {done}/{total} ", nl=done == total, err=True)

    return say


@privacy_group.command("export")
@with_appcontext
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("name")
@click.argument("file", type=click.File("wb"))
def export_command(kind: str, name: str, file) -> None:
    """Write all that is held about one person to FILE (.xlsx).

    KIND `account`: NAME is a user name or telephone. KIND `contact`: NAME is a firm's name, credit code or telephone.
    """
    db = get_db()
    try:
        subject = find_subject(db, kind, name)
    except AppError as refusal:
        raise click.ClickException(refusal.message) from refusal
    with speaking("zh"):
        count = write_sections(file, sections_of(db, subject))
    export_actions.log_export(db, subject, by=None, now=now())
    click.echo(f"{count} lines about {subject.kind} {subject.id} in {Path(file.name).name}")
