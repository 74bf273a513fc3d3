"""The thread that works jobs off: started by whoever asks for one, gone when none is left.

Every process may run one; a job is claimed under a lease that its progress renews, so that each is worked off once and
one whose process was killed is taken over by the next that looks (the ticker does, every minute).
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from flask import Flask, current_app
from sqlite_utils import Database

from app.clock import now
from app.config import Settings
from app.db import close_all, get_db
from app.errors import AppError
from app.i18n import N_
from app.jobs import actions
from app.jobs.models import Done, Job
from app.people import store as people
from app.people.models import User
from app.permissions import Permission
from app.translation import gettext as _
from app.translation import speaking

log = logging.getLogger("qifang")

SAID_EVERY_S = 0.5
FAILED = N_("没有完成，原因已记录。请稍后再试，或告诉市营商办。")


class TakenOver(Exception):
    """Another process works on this job now."""


@dataclass
class Task:
    """What a kind's function works with: it writes its file, if any, to `file`, and says how far it is."""

    db: Database
    by: User
    params: Mapping
    settings: Settings
    file: Path
    lease: str
    _said_at: float = 0.0

    def progress(self, done: int, total: int) -> None:
        """Say that `done` of `total` are done. Raises TakenOver when the job is no longer this thread's."""
        if time.monotonic() - self._said_at < SAID_EVERY_S:
            return
        self._said_at = time.monotonic()
        if not actions.report_progress(self.db, self.lease, done=done, total=total, now=now()):
            raise TakenOver


class Kind(NamedTuple):
    """How one kind of job is worked off, who may have it, its title (a msgid), and the page to go back to."""

    work: Callable[[Task], Done]
    permission: Permission
    title: str
    back_to: str


class Runner:
    """The kinds of jobs, and the thread."""

    def __init__(self, app: Flask):
        self.app = app
        self.kinds: dict[str, Kind] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_wanted = False

    def ask(self, kind: str, params: Mapping, *, by: User) -> int:
        """Ask for a job of this kind and have it worked off; its id. Raises TooMany when too many wait."""
        job_id = actions.ask(get_db(), kind, params, by=by, now=now())
        self.wake()
        return job_id

    def wake(self) -> None:
        """See to it that the jobs which wait are worked off."""
        with self._lock:
            self._is_wanted = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
                self._thread.start()

    def join(self) -> None:
        """Wait until the thread has nothing left to do (tests)."""
        thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        try:
            while self._goes_on():
                with self.app.app_context():
                    while self._take_one():
                        pass
        finally:
            close_all()

    def _goes_on(self) -> bool:
        with self._lock:
            if not self._is_wanted:
                self._thread = None
                return False
            self._is_wanted = False
            return True

    def _take_one(self) -> bool:
        """Work one job off; whether there was one."""
        lease = secrets.token_hex(8)
        try:
            job = actions.claim(get_db(), lease, now=now())
            if job is None:
                return False
            self._work_off(job, lease)
        except TakenOver:
            log.warning("a job was taken over by another process")
        except Exception:  # a locked database or a full disk: the ticker wakes us again in a minute
            log.exception("jobs wait")
            return False
        return True

    def _work_off(self, job: Job, lease: str) -> None:
        db, settings = get_db(), self.app.config["SETTINGS"]
        settings.exports.mkdir(mode=0o700, parents=True, exist_ok=True)
        written = settings.exports / f"{job.id}.{lease}.part"
        by = people.get_user(db, job.asked_by)
        assert by is not None, "an account is never deleted"
        with speaking("en" if job.params.get("language") == "en" else "zh"):
            try:
                came = self.kinds[job.kind].work(Task(db, by, job.params, settings, written, lease))
                if came.file_name:
                    written.chmod(0o600)
                    written.replace(actions.file_of(settings.exports, job.id))
                actions.finish(db, lease, came, now=now())
            except TakenOver:
                raise
            except AppError as refusal:
                actions.fail(db, lease, _(refusal.message, **refusal.params), now=now())
            except Exception:
                log.exception("job %s (%s) failed", job.id, job.kind)
                actions.fail(db, lease, _(FAILED), now=now())
            finally:
                written.unlink(missing_ok=True)


def runner() -> Runner:
    """This app's runner."""
    return current_app.extensions["jobs"]


def register(app: Flask, name: str, kind: Kind) -> None:
    """Say how one kind of job is worked off."""
    app.extensions["jobs"].kinds[name] = kind
