"""The command line: `flask --app wsgi <group> <command>`."""

from datetime import date

import click
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext

from app.accounts.commands import office_account_command
from app.audit import store as audit
from app.backup.commands import backup_group, check_command, restore_command
from app.clock import from_text, local, now, today
from app.clocks.calendar_actions import change_calendar, reach_of, read_days, try_calendar
from app.clocks.reckoning_actions import reckon
from app.db import SCHEMA_FILE, get_db, migrate, schema_sql
from app.demo.commands import demo_group
from app.errors import Invalid
from app.issues import history_store
from app.messages import gather
from app.notices.ticker import tick_command
from app.outbox.commands import outbox_group
from app.photos import files as photo_files
from app.photos import store as photos
from app.privacy.commands import privacy_group
from app.reference import load_reference
from app.rosters.commands import roster_group
from app.rules import accuracy, learned
from app.rules import store as rules
from app.translation import gettext


def register(app: Flask) -> None:
    """Add the commands."""
    app.cli.add_command(migrate_command)
    app.cli.add_command(messages_command)
    app.cli.add_command(calendar_group)
    app.cli.add_command(audit_group)
    app.cli.add_command(routing_group)
    app.cli.add_command(outbox_group)
    app.cli.add_command(roster_group)
    app.cli.add_command(demo_group)
    app.cli.add_command(tick_command)
    app.cli.add_command(office_account_command)
    app.cli.add_command(privacy_group)
    for command in (backup_group, restore_command, check_command):
        app.cli.add_command(command)


@click.command("migrate")
@with_appcontext
@click.option("--write-schema", is_flag=True, help="Write migrations/schema.sql too (when developing).")
def migrate_command(write_schema: bool) -> None:
    """Bring the database up to date; once per deploy, after a backup."""
    applied = migrate(current_app.config["DATABASE"])
    load_reference(get_db())
    if not photos.has_photos(get_db()):  # else a folder that is gone is to be noticed, not made anew
        photo_files.prepare(current_app.config["SETTINGS"].photos)
    click.echo(f"Applied {len(applied)} migrations." if applied else "The database is up to date.")
    if write_schema:
        SCHEMA_FILE.write_text(schema_sql(current_app.config["DATABASE"]), encoding="utf-8")


@click.command("messages")
@with_appcontext
def messages_command() -> None:
    """Gather the texts to translate into the English catalogue (when developing)."""
    count, missing = gather()
    click.echo(f"{count} texts, {len(missing)} without English")
    for text in missing:
        click.echo(f"  {text}")


calendar_group = AppGroup("calendar", help="Working days.")


@calendar_group.command("count")
@click.argument("start")
@click.argument("days", type=click.IntRange(1, 400))
@click.option("--why", is_flag=True, help="Show each day counted.")
def count_command(start: str, days: int, why: bool) -> None:
    """The last of DAYS working days after START (not counted), as in: calendar count 2020-01-22 5."""
    calendar = rules.get_calendar(get_db())
    counted = calendar.counted_days(date.fromisoformat(start), days)
    click.echo(counted[-1].isoformat())
    if why:
        for nth, day in enumerate(counted, start=1):
            click.echo(f"{nth:3d}  {day.isoformat()}")
    if calendar.is_provisional(counted[-1]):
        click.echo("provisional: the calendar of that year is not published yet", err=True)


@calendar_group.command("load")
@click.argument("file", type=click.File("r", encoding="utf-8-sig"))
@click.option("--dry-run", is_flag=True, help="Only show which deadlines would move.")
def load_command(file, dry_run: bool) -> None:
    """Take in a year's notice, lines of day,is_workday,why (2027-01-01,0,放假); open deadlines are reckoned anew."""
    db = get_db()
    try:
        days = read_days(file)
    except Invalid as refusal:
        raise click.ClickException(gettext(refusal.message, **refusal.params)) from refusal
    shifts, reach = try_calendar(db, days), reach_of(db, days)
    if not dry_run:
        change_calendar(db, days, by=None, now=now())
        if reach:
            reckon(db, reach)
    for shift in shifts:
        click.echo(f"{shift.number}  {shift.clock:<9} {_local(shift.before)} → {_local(shift.after)}")
    click.echo(f"{len(shifts)} deadlines {'would move' if dry_run else 'moved'}")


def _local(text: str | None) -> str:
    return f"{local(from_text(text)):%Y-%m-%d %H:%M}" if text else "paused"


audit_group = AppGroup("audit", help="The histories that nothing may alter.")


@audit_group.command("verify")
def verify_command() -> None:
    """Check both chains and that each has what the other names; exit with 1 and name the first wrong row."""
    db = get_db()
    faults = False
    for table, other, broken, unvouched in (
        ("issue_events", "audit_log", history_store.first_broken_event, history_store.first_unvouched_event),
        ("audit_log", "issue_events", audit.first_broken_entry, audit.first_unvouched_entry),
    ):
        broken_id, unvouched_id = broken(db), unvouched(db)
        if broken_id is not None:
            click.echo(f"{table}: broken at row {broken_id}")
        if unvouched_id is not None:
            click.echo(f"{table}: row {unvouched_id} names a row that {other} no longer has")
        if broken_id is None and unvouched_id is None:
            click.echo(f"{table}: intact")
        faults |= broken_id is not None or unvouched_id is not None
    if faults:
        raise SystemExit(1)


routing_group = AppGroup("routing", help="Which department a problem goes to.")


@routing_group.command("accuracy")
def accuracy_command() -> None:
    """How good the suggestion of category and department is on this city's own history."""
    db = get_db()
    examples = learned.list_examples(db)
    click.echo(f"{len(examples)} rightly dispatched issues, learned from four fifths, asked about the rest")
    for name, found in accuracy.measure(examples, learned.list_hints(db, on=today())).items():
        click.echo(
            f"{name:12s} category {found.category_first:.1%} first, {found.category_among_three:.1%} among three; "
            f"department {found.department_first:.1%} first, {found.department_among_three:.1%} among three; "
            f"spoke {found.spoke:.1%} of the time, then held the right category {found.held:.1%}"
        )
