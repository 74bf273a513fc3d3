"""`flask --app wsgi roster …`: the same import from the command line, for starting a city and for scripts."""

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlite_utils import Database

from app.clock import day_of, now
from app.db import get_db
from app.rosters import actions, preview, sheet_store
from app.rosters.cells import Wrong
from app.rosters.models import SHEET, Kind, Verdict
from app.rosters.reading_actions import Progress, read_roster
from app.translation import gettext

roster_group = AppGroup("roster", help="Rosters from Excel files.")

SHOWN = 20


@roster_group.command("import")
@click.argument("kind", type=click.Choice([each.value for each in Kind]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what the file comes to; nothing is stored.")
@click.option("--full", is_flag=True, help="The file is complete: who is not in it has left.")
@click.option("--doubtful", is_flag=True, help="Take the doubtful rows too.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON: counts, and each row left out with its reasons.")
def import_command(kind: str, file: Path, dry_run: bool, full: bool, doubtful: bool, as_json: bool) -> None:
    """Take in a roster FILE (.xlsx, .xls, .csv), all rows in one transaction; exit 1 if some were refused.

    KIND is firms, officers, departments, handlers or assignments.
    """
    which, quiet = Kind(kind), as_json
    if dry_run:
        with tempfile.TemporaryDirectory() as held:
            sheet = Path(held) / SHEET
            with _words(), _bar("reading", quiet=quiet) as progress:
                today = day_of(now())
                read_roster(get_db(), file, sheet, kind=which, is_full=full, today=today, progress=progress)
            counts = _say(sheet, None, as_json=as_json)
    else:
        counts = _take_in(which, file, is_full=full, doubtful=doubtful, as_json=as_json)
    if counts.get(Verdict.REFUSED):
        raise SystemExit(1)


def _take_in(kind: Kind, file: Path, *, is_full: bool, doubtful: bool, as_json: bool) -> dict[Verdict, int]:
    db, folder = get_db(), preview.folder()
    with tempfile.NamedTemporaryFile(dir=folder, prefix=".upload-", delete=False) as copy:
        shutil.copyfile(file, copy.name)
    import_id = actions.begin(
        db, Path(copy.name), folder, kind=kind, file_name=file.name[:120], is_full=is_full, by=None, now=now()
    )
    sheet = actions.desk_of(folder, import_id) / SHEET
    try:
        with _bar("reading", quiet=as_json) as progress:
            actions.read(db, folder, import_id, now=now(), progress=progress)
        _stop_at_problem(import_id)
        if doubtful:
            actions.tick_all(folder, import_id, is_taken=True)
        with sheet_store.opened(sheet) as rows:
            stored: int | None = sheet_store.count_to_store(rows)
        if stored:
            with _bar("storing", quiet=as_json) as progress:
                stored = actions.apply(db, folder, import_id, by_id=None, now=now(), progress=progress)
            _stop_at_problem(import_id)
        return _say(sheet, stored, as_json=as_json)
    finally:
        actions.leave(db, folder, import_id, message=actions.INTERRUPTED)


def _stop_at_problem(import_id: int) -> None:
    """What is wrong with the file, or changed since it was read, ends the command."""
    row = actions.import_or_404(get_db(), import_id)
    if row["problem"]:
        raise click.ClickException(preview.problem_words(json.loads(row["problem"])))


@contextmanager
def _words() -> Iterator[None]:
    try:
        yield
    except Wrong as wrong:
        raise click.ClickException(gettext(wrong.message, **wrong.params)) from wrong


@contextmanager
def _bar(label: str, *, quiet: bool) -> Iterator[Progress]:
    """A progress bar on the standard error; rows are counted as they go."""
    with click.progressbar(length=1, label=label, file=sys.stderr, hidden=quiet) as bar:

        def say(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield say
        bar.update((bar.length or 1) - bar.pos)


def _say(path: Path, stored: int | None, *, as_json: bool) -> dict[Verdict, int]:
    """Tell what the file came to; the counts."""
    with sheet_store.opened(path) as sheet:
        counts = sheet_store.count_verdicts(sheet)
        left_out = _left_out(sheet)
        if as_json:
            told = {each.value: counts.get(each, 0) for each in Verdict}
            click.echo(json.dumps({"counts": told, "stored": stored, "left_out": list(left_out)}, ensure_ascii=False))
            return counts
        click.echo("  ".join(f"{each.value} {counts.get(each, 0)}" for each in Verdict))
        for row in islice(left_out, SHOWN):
            click.echo(f"{row['line']:>7}  {row['verdict']:<9} {row['label']}  {' '.join(row['reasons'])}")
        if next(left_out, None):
            click.echo("         … (--json tells all)")
        click.echo("nothing stored (dry run)" if stored is None else f"{stored} stored")
        return counts


def _left_out(sheet: Database) -> Iterator[dict[str, Any]]:
    after = 0
    while rows := sheet_store.list_left_out(sheet, after=after, limit=500):
        for row in rows:
            reasons = [f"{each.cell} {preview.words(each)}".strip() for each in sheet_store.read_reasons(row)]
            yield {"line": row["line"], "verdict": row["verdict"], "label": row["label"], "reasons": reasons}
        after = rows[-1]["line"]
