"""What may be done to an import: begin it, read its file, tick the doubtful, store it, drop it, clean up after a day.

The slow steps, `read` and `apply`, are worked off by jobs (see `routes`) or by the command line; a job whose process
died is begun anew, so both may run twice.
"""

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from app.clock import day_of, from_text
from app.db import transaction
from app.errors import Conflict, NotFound
from app.i18n import N_
from app.jobs import store as jobs
from app.people.models import User
from app.rosters import sheet_store, store
from app.rosters.cells import Wrong
from app.rosters.models import SHEET, UPLOAD, Kind, State, Verdict
from app.rosters.reading_actions import Progress, read_roster
from app.rosters.storing_actions import NOT_WAITING, store_roster

READ_JOB, STORE_JOB = "roster_read", "roster_store"
"""The kinds of jobs; their params are `{"import_id": …}`."""

NO_SUCH_IMPORT = N_("没有这次导入。请从名册页面进入。")
ROWS_GONE = N_("预览只保留一天，这次的明细已删除。请重新上传。")
INTERRUPTED = N_("处理时被中断（可能是系统重启），没有作任何改动。请重新上传。")
BROKE = N_("处理时出了问题，没有作任何改动。请重新上传；如仍不行，请联系管理员查看日志。")
KEPT_FOR = timedelta(days=1)
"""How long a preview and the rows it shows are kept."""

_ASKED_WITHIN = timedelta(minutes=1)
"""An upload's job is asked for a moment after its row is written."""


def desk_of(folder: Path, import_id: int) -> Path:
    """The folder of one import: its upload and its working copy."""
    return folder / str(import_id)


def begin(
    db: Database,
    upload: Path,
    folder: Path,
    *,
    kind: Kind,
    file_name: str,
    is_full: bool,
    by: User | None,
    now: datetime,
) -> int:
    """Take over an uploaded file; the import's id. The file is moved into the import's own folder."""
    digest = hashlib.sha256()
    with upload.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    size = upload.stat().st_size
    with transaction(db):
        import_id = store.insert_import(
            db,
            kind=kind,
            file_name=file_name,
            sha256=digest.hexdigest(),
            byte_count=size,
            is_full=is_full,
            state=State.READING,
            by_id=by.id if by else None,
            now=now,
        )
        desk = desk_of(folder, import_id)
        if desk.exists():
            shutil.rmtree(desk)  # of an import whose row was rolled back
        desk.mkdir(mode=0o700, parents=True)
        shutil.move(upload, desk / UPLOAD)
    return import_id


def read(
    db: Database,
    folder: Path,
    import_id: int,
    *,
    now: datetime,
    progress: Progress,
    problem: Mapping[str, object] | None = None,
) -> bool:
    """Read the file of an import into its preview; False where there is nothing left to read.

    What is wrong with the file ends the import in words; `problem` is what the preview is to say above its rows.
    """
    row, desk = store.get_import(db, import_id), desk_of(folder, import_id)
    if row is None or row["state"] != State.READING:
        return False
    try:
        counts = read_roster(
            db,
            desk / UPLOAD,
            desk / SHEET,
            kind=Kind(row["kind"]),
            is_full=bool(row["is_full"]),
            today=day_of(now),
            progress=progress,
        )
    except Wrong as wrong:
        break_off(db, import_id, message=wrong.message, params=wrong.params)
        return True
    with transaction(db):
        store.move_import(db, import_id, before=[State.READING], after=State.PREVIEW, problem=problem)
        store.update_counts(db, import_id, counts)
    return True


def break_off(db: Database, import_id: int, *, message: str, params: Mapping[str, Any] | None = None) -> None:
    """End an import that cannot go on, with words for the person."""
    with transaction(db):
        store.move_import(
            db,
            import_id,
            before=[State.READING, State.STORING],
            after=State.FAILED,
            problem={"message": message, "params": dict(params or {})},
        )


def apply(
    db: Database, folder: Path, import_id: int, *, by_id: int | None, now: datetime, progress: Progress
) -> int | None:
    """Store a preview; how many rows. Raises Conflict if somebody was first, or if its rows are gone.

    None where nothing was stored: the city changed since the preview, so the file was read anew for another look.
    """
    desk = desk_of(folder, import_id)
    with transaction(db):
        row = import_or_404(db, import_id)
        if not (desk / SHEET).exists():
            raise Conflict(ROWS_GONE)
        is_begun = row["state"] == State.STORING  # by a process that died
        if not is_begun and not store.move_import(db, import_id, before=[State.PREVIEW], after=State.STORING):
            raise Conflict(NOT_WAITING)
    try:
        with sheet_store.opened(desk / SHEET) as sheet:
            return store_roster(db, sheet, import_id, kind=Kind(row["kind"]), by_id=by_id, now=now, progress=progress)
    except Conflict as conflict:
        problem = {"message": conflict.message, "params": conflict.params}
        with transaction(db):
            store.move_import(db, import_id, before=[State.STORING], after=State.READING, problem=problem)
        read(db, folder, import_id, now=now, progress=progress, problem=problem)
        return None


def drop(db: Database, folder: Path, import_id: int) -> None:
    """Give a preview up; its rows go. Raises Conflict when it was stored already."""
    with transaction(db):
        if not store.move_import(db, import_id, before=[State.PREVIEW, State.FAILED], after=State.DROPPED):
            raise Conflict(NOT_WAITING)
    shutil.rmtree(desk_of(folder, import_id), ignore_errors=True)


def leave(db: Database, folder: Path, import_id: int, *, message: str) -> None:
    """End an import that nobody looks at any more, whatever came of it, and remove its files (command line)."""
    with transaction(db):
        break_off(db, import_id, message=message)
        store.move_import(db, import_id, before=[State.PREVIEW], after=State.DROPPED)
    shutil.rmtree(desk_of(folder, import_id), ignore_errors=True)


def tick_rows(folder: Path, import_id: int, *, shown: Sequence[int], ticked: Sequence[int]) -> None:
    """Remember which of the doubtful rows on a page are to be taken."""
    with sheet_store.opened(_sheet(folder, import_id)) as sheet:
        sheet_store.update_taken(sheet, shown=shown, ticked=ticked)


def tick_all(folder: Path, import_id: int, *, is_taken: bool) -> None:
    """Take every doubtful row, or none."""
    with sheet_store.opened(_sheet(folder, import_id)) as sheet:
        sheet_store.update_all_taken(sheet, is_taken=is_taken)


def _sheet(folder: Path, import_id: int) -> Path:
    path = desk_of(folder, import_id) / SHEET
    if not path.exists():
        raise Conflict(ROWS_GONE)
    return path


def clean(db: Database, folder: Path, *, now: datetime) -> int:
    """End what no job works on any more, drop previews of yesterday and their files (the tick calls it); how many."""
    removed = 0
    with transaction(db):
        for row in store.list_imports_in(db, [State.READING, State.STORING, State.PREVIEW]):
            age = now - from_text(row["created_at"])
            if row["state"] == State.PREVIEW:
                if age > KEPT_FOR:
                    store.move_import(db, row["id"], before=[State.PREVIEW], after=State.DROPPED)
            elif age > KEPT_FOR or _is_forsaken(db, row, age):
                break_off(db, row["id"], message=INTERRUPTED)
    for desk in folder.iterdir() if folder.is_dir() else ():
        row = store.get_import(db, int(desk.name)) if desk.name.isdigit() else None
        if row is None or now - from_text(row["created_at"]) > KEPT_FOR or row["state"] == State.DROPPED:
            shutil.rmtree(desk, ignore_errors=True)
            removed += 1
    return removed


def _is_forsaken(db: Database, row: Any, age: timedelta) -> bool:
    """Whether no job works on it any more. The command line (no creator) works without one."""
    params = {"import_id": row["id"]}
    return (
        row["created_by"] is not None
        and age > _ASKED_WITHIN
        and not any(jobs.has_open(db, each, params) for each in (READ_JOB, STORE_JOB))
    )


def import_or_404(db: Database, import_id: int) -> Any:
    """One import. Raises NotFound."""
    row = store.get_import(db, import_id)
    if row is None:
        raise NotFound(NO_SUCH_IMPORT)
    return row


def counts_of(row: Any) -> dict[Verdict, int]:
    """How many rows of an import came to what."""
    return {verdict: row[f"{verdict.value}_count"] for verdict in Verdict}
