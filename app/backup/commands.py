"""`flask --app wsgi backup`, `restore` and `check`: what an administrator types, or a timer runs every night."""

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup, with_appcontext

from app.backup import actions, check_actions, restore_actions
from app.backup.manifest import BackupError, find_backup, list_backups, read_manifest
from app.clock import now
from app.db import get_db, known_steps, pending_migrations


class _Bars:
    """Progress on a terminal, a bar for each thing done; nothing where nobody watches."""

    def __init__(self, is_quiet: bool):
        self._is_shown = not is_quiet and sys.stderr.isatty()
        self._what, self._done = "", 0
        self._bar: Any = None

    def __call__(self, what: str, done: int, total: int) -> None:
        if not self._is_shown:
            return
        if what != self._what or self._bar is None:
            self.close()
            self._what, self._done = what, 0
            self._bar = click.progressbar(length=total, label=f"{what:<16}", file=sys.stderr)
            self._bar.__enter__()
        self._bar.update(done - self._done)
        self._done = done

    def close(self) -> None:
        """End the bar that is shown."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None


class _TakesByDefault(AppGroup):
    """`backup` alone, and `backup FOLDER`, mean `backup take`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the word in that was left out."""
        if not args or (args[0] not in self.commands and args[0] not in ("--help", "-h")):
            args = ["take", *args]
        return super().parse_args(ctx, args)


_quiet = click.option("--quiet", is_flag=True, help="Say nothing when all is well (for timers).")
_json = click.option("--json", "is_json", is_flag=True, help="One JSON object instead of words.")


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"


def _say(values: dict[str, Any], words: str, *, is_json: bool, is_quiet: bool) -> None:
    if is_json:
        click.echo(json.dumps(values, ensure_ascii=False, default=str))
    elif not is_quiet:
        click.echo(words)


@click.group("backup", cls=_TakesByDefault)
def backup_group() -> None:
    """Copy the running instance: `backup [FOLDER]`, `backup verify`, `backup list`."""


@backup_group.command("take")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option("--keep", type=click.IntRange(1), help="Delete all but so many newest databases; photos stay.")
@_quiet
@_json
def take_command(folder: Path | None, keep: int | None, quiet: bool, is_json: bool) -> None:
    """Copy database, photos and key into FOLDER (or QIFANG_BACKUP) while all work. Exits with 1 if incomplete."""
    settings = current_app.config["SETTINGS"]
    bars, started = _Bars(quiet or is_json), time.monotonic()
    try:
        taken = actions.take_backup(
            Path(settings.instance),
            folder or settings.backups,
            release=current_app.config["RELEASE"],
            now=now(),
            keep=keep or 0,
            progress=bars,
        )
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    finally:
        bars.close()
    try:
        actions.log_backup(get_db(), taken, now=now())
    except Exception as error:  # the backup is good: a full disk here is just when it is needed
        click.echo(f"The backup is finished, but could not be noted in the database: {error}", err=True)
    manifest, seconds = taken.manifest, time.monotonic() - started
    wrong = [*(f"{name} is missing" for name in manifest.missing), *(f"{name} is damaged" for name in manifest.damaged)]
    _say(
        {
            "folder": taken.folder,
            "seconds": round(seconds, 1),
            "database_bytes": manifest.database.bytes,
            "photo_count": manifest.photo_count,
            "photo_bytes": manifest.photo_bytes,
            "copied": taken.copied,
            "copied_bytes": taken.copied_bytes,
            "wrong": wrong,
            "pruned": taken.pruned,
        },
        f"{taken.folder}: database {_megabytes(manifest.database.bytes)}, {manifest.photo_count} photo files "
        f"{_megabytes(manifest.photo_bytes)} ({taken.copied} new, {_megabytes(taken.copied_bytes)}), "
        f"{len(manifest.files)} other files; {seconds:.1f} s. It holds personal data and the key: keep it closed.",
        is_json=is_json,
        is_quiet=quiet,
    )
    _complain(wrong, "The live photos are not whole (flask --app wsgi check tells more):", is_json=is_json)


def _complain(wrong: list[str], head: str, *, is_json: bool) -> None:
    """Name what is wrong, and exit with 1; do nothing if nothing is."""
    if not wrong:
        return
    if not is_json:
        click.echo(head, err=True)
        for line in wrong[:20]:
            click.echo(f"  {line}", err=True)
        if len(wrong) > 20:
            click.echo(f"  … {len(wrong)} in all", err=True)
    raise SystemExit(1)


@backup_group.command("verify")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@_quiet
@_json
def verify_command(folder: Path | None, quiet: bool, is_json: bool) -> None:
    """Read the backup in FOLDER through, or the newest one in it: every checksum, the database's own check."""
    bars = _Bars(quiet or is_json)
    try:
        backup = find_backup(folder or current_app.config["SETTINGS"].backups)
        manifest, wrong = actions.verify(backup, progress=bars)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    finally:
        bars.close()
    words = f"{backup}: whole, {manifest.counts.get('visits', 0)} visits, {manifest.photo_count} photo files."
    values = {"folder": backup, "taken_at": manifest.taken_at, "counts": manifest.counts, "wrong": wrong}
    if not wrong or is_json:
        _say(values, words, is_json=is_json, is_quiet=quiet)
    _complain(wrong, f"{backup} is not whole:", is_json=is_json)


@backup_group.command("list")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
def list_command(folder: Path | None) -> None:
    """The finished backups, oldest first."""
    for backup in list_backups(folder or current_app.config["SETTINGS"].backups):
        manifest = read_manifest(backup)
        size = _megabytes(manifest.database.bytes)
        click.echo(f"{backup}  {size}  {manifest.counts.get('visits', 0)} visits  {manifest.photo_count} photo files")


@click.command("restore")
@with_appcontext
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_quiet
@_json
def restore_command(folder: Path, quiet: bool, is_json: bool) -> None:
    """Put the backup in FOLDER (or the newest in it) back into an empty QIFANG_INSTANCE. All sign in anew."""
    settings = current_app.config["SETTINGS"]
    bars = _Bars(quiet or is_json)
    try:
        backup = find_backup(folder)
        manifest = restore_actions.restore(
            backup, Path(settings.instance), known_steps=known_steps(), now=now(), progress=bars
        )
        pending = pending_migrations(settings.database)
        findings = check_actions.check(get_db(), settings.photos, pending=[], progress=bars)
    except BackupError as error:
        raise click.ClickException(str(error)) from error
    finally:
        bars.close()
    _say(
        {
            "folder": backup,
            "counts": manifest.counts,
            "pending": pending,
            "findings": [asdict(each) for each in findings],
        },
        f"Restored {backup.name} into {settings.instance}: {manifest.counts.get('visits', 0)} visits, "
        f"{manifest.photo_count} photo files."
        + (" Now run: flask --app wsgi migrate" if pending else "")
        + (
            ""
            if any(each.path.endswith("secret_key") for each in manifest.files)
            else " Set QIFANG_SECRET_KEY as before."
        ),
        is_json=is_json,
        is_quiet=quiet,
    )
    _complain(_wrong(findings), "The restored data were not whole when they were backed up:", is_json=is_json)


def _wrong(findings: list[check_actions.Finding]) -> list[str]:
    return [f"{each.part}: {example}" for each in findings if each.is_fault for example in each.examples]


@click.command("check")
@with_appcontext
@click.option("--deep", is_flag=True, help="Read every photo and compare it with its name.")
@_quiet
@_json
def check_command(deep: bool, quiet: bool, is_json: bool) -> None:
    """Whether all is as it should be: database, references, photos, histories, search, clocks. Exits with 1 if not."""
    settings = current_app.config["SETTINGS"]
    bars = _Bars(quiet or is_json)
    try:
        pending = pending_migrations(settings.database)
        findings = check_actions.check(get_db(), settings.photos, pending=pending, deep=deep, progress=bars)
    finally:
        bars.close()
    try:
        check_actions.remember(get_db(), findings, deep=deep, by=None, now=now())
    except Exception as error:  # a damaged or read-only database is just what a check is for
        click.echo(f"The check could not be noted in the database: {error}", err=True)
    faults = [each for each in findings if each.is_fault and each.count]
    if is_json:
        _say({"is_well": not faults, "findings": [asdict(each) for each in findings]}, "", is_json=True, is_quiet=quiet)
    for each in findings if not is_json else ():
        if each.count or not quiet:
            state = "well" if not each.count else (f"{each.count} FAULTS" if each.is_fault else f"{each.count}")
            click.echo(f"{each.part:<28} {state}" + (f" (of {each.looked_at})" if each.looked_at else ""))
            for example in each.examples:
                click.echo(f"  {example}")
    if faults:
        raise SystemExit(1)
