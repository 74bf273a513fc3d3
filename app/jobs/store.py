"""Every SQL statement on jobs."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlite_utils import Database

from app.clock import to_text
from app.db import execute, fetch_all, fetch_one, fetch_value, insert
from app.jobs.models import MOST_TRIES, Done, Job, State

_JOB = "id, kind, asked_by, params, state, done_count, total_count, file_name, result_url, error"


def _job(row) -> Job:
    return Job(**{**dict(row), "params": json.loads(row["params"]), "state": State(row["state"])})


def insert_job(db: Database, kind: str, params: Mapping, *, asked_by: int, now: datetime) -> int:
    """Add a job that waits."""
    return insert(
        db,
        "INSERT INTO jobs (kind, params, asked_by, asked_at) VALUES (:kind, :params, :asked_by, :now)",
        {"kind": kind, "params": _text(params), "asked_by": asked_by, "now": to_text(now)},
    )


def _text(params: Mapping) -> str:
    return json.dumps(params, ensure_ascii=False, sort_keys=True)


def get_job(db: Database, job_id: int, *, asked_by: int) -> Job | None:
    """One of a person's own jobs, or None."""
    row = fetch_one(
        db,
        f"SELECT {_JOB} FROM jobs WHERE id = :id AND asked_by = :asked_by",  # noqa: S608
        {"id": job_id, "asked_by": asked_by},
    )
    return _job(row) if row else None


def find_open(db: Database, kind: str, params: Mapping, *, asked_by: int) -> int | None:
    """The same job of the same person that has not ended, or None."""
    return fetch_value(
        db,
        "SELECT id FROM jobs WHERE asked_by = :asked_by AND state IN ('waiting', 'running') AND kind = :kind"
        " AND params = :params",
        {"asked_by": asked_by, "kind": kind, "params": _text(params)},
    )


def has_open(db: Database, kind: str, params: Mapping) -> bool:
    """Whether anybody's job of this kind and these params has not ended."""
    found = fetch_value(
        db,
        "SELECT 1 FROM jobs WHERE state IN ('waiting', 'running') AND kind = :kind AND params = :params",
        {"kind": kind, "params": _text(params)},
    )
    return found is not None


def count_open(db: Database, *, asked_by: int) -> int:
    """How many of a person's jobs have not ended."""
    return fetch_value(
        db,
        "SELECT count(*) FROM jobs WHERE asked_by = :asked_by AND state IN ('waiting', 'running')",
        {"asked_by": asked_by},
    )


# A lease beyond :until, when one taken now ends, is by a clock that has been set back since.
_ABANDONED = "state = 'running' AND (leased_until <= :now OR leased_until > :until)"


def claim_job(db: Database, lease: str, *, now: datetime, until: datetime) -> Job | None:
    """Take the oldest job that waits, or whose process has died, under this lease; None if there is none."""
    row = fetch_one(
        db,
        f"""
        UPDATE jobs SET state = 'running', lease = :lease, leased_until = :until, tries = tries + 1
        WHERE id = (SELECT id FROM jobs WHERE state = 'waiting' OR ({_ABANDONED}) ORDER BY id LIMIT 1)
        RETURNING {_JOB}
        """,  # noqa: S608
        {"lease": lease, "now": to_text(now), "until": to_text(until)},
    )
    return _job(row) if row else None


def update_exhausted(db: Database, error: str, *, now: datetime, until: datetime) -> int:
    """Give up the jobs whose processes died too often; how many."""
    return execute(
        db,
        f"""
        UPDATE jobs SET state = 'failed', error = :error, ended_at = :now, lease = NULL, leased_until = NULL
        WHERE {_ABANDONED} AND tries >= :most
        """,  # noqa: S608
        {"error": error, "now": to_text(now), "until": to_text(until), "most": MOST_TRIES},
    )


def update_progress(db: Database, lease: str, *, done: int, total: int, until: datetime) -> bool:
    """Say how far the job under this lease is, and keep it; whether it is still ours."""
    changed = execute(
        db,
        "UPDATE jobs SET done_count = :done, total_count = :total, leased_until = :until WHERE lease = :lease",
        {"done": done, "total": total, "until": to_text(until), "lease": lease},
    )
    return changed == 1


def update_done(db: Database, lease: str, came: Done, *, now: datetime) -> bool:
    """End the job under this lease well; whether it was still ours."""
    changed = execute(
        db,
        """
        UPDATE jobs SET state = 'done', done_count = total_count, file_name = :file_name, result_url = :result_url,
               ended_at = :now, lease = NULL, leased_until = NULL WHERE lease = :lease
        """,
        {"file_name": came.file_name, "result_url": came.result_url, "now": to_text(now), "lease": lease},
    )
    return changed == 1


def update_failed(db: Database, lease: str, error: str, *, now: datetime) -> None:
    """End the job under this lease with words for whoever asked."""
    execute(
        db,
        """
        UPDATE jobs SET state = 'failed', error = :error, ended_at = :now, lease = NULL, leased_until = NULL
        WHERE lease = :lease
        """,
        {"error": error, "now": to_text(now), "lease": lease},
    )


def list_ended(db: Database, *, before: datetime) -> list[int]:
    """The jobs that ended before this moment."""
    rows = fetch_all(db, "SELECT id FROM jobs WHERE ended_at < :before ORDER BY id", {"before": to_text(before)})
    return [row["id"] for row in rows]


def delete_job(db: Database, job_id: int) -> None:
    """Forget a job."""
    execute(db, "DELETE FROM jobs WHERE id = :id", {"id": job_id})
