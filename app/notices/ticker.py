"""What falls due by the clock: `flask --app wsgi tick`, and the same every minute inside the running server.

Every step happens once however often and in how many processes it runs: a move is compare and set, a notice, a reminder
and a digest have a key, a delivery is claimed. The lease only spares several workers of one machine the same work.
"""

import logging
import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import click
from flask import Flask, current_app
from sqlite_utils import Database

from app import metrics
from app.assignments import actions as assignments
from app.campaigns import actions as campaigns
from app.clock import day_of, now
from app.config import Settings
from app.db import get_db
from app.errors import Conflict, NotFound
from app.issues import actions as issues
from app.jobs import actions as jobs
from app.jobs.runner import runner
from app.notices import actions, delivery, delivery_actions, hours, ticker_store
from app.notices.models import Channel
from app.rosters import actions as rosters

log = logging.getLogger("qifang")

EVERY_S = 60
_FIRST_S = 3
_TURN = timedelta(seconds=150)
"""Whoever ticks keeps the turn for so long; if it dies, another takes over after that."""


def adapters_of(settings: Settings) -> dict[Channel, delivery.Adapter]:
    """The ways out that the settings configure."""
    names = (
        "wecom_webhook dingtalk_webhook dingtalk_secret smtp_host smtp_port smtp_user smtp_password smtp_from smtp_to "
        "smtp_tls"
    ).split()
    return delivery.adapters(**{name: getattr(settings, name) for name in names})


def outgoing_of(settings: Settings) -> actions.Outgoing:
    """How messages leave by the settings."""
    return actions.Outgoing(
        channels=tuple(adapters_of(settings)),
        quiet_from=hours.read_time(settings.quiet_from),
        quiet_to=hours.read_time(settings.quiet_to),
        digest_at=hours.read_time(settings.digest_at),
        site_url=settings.site_url.rstrip("/"),
    )


def resume_due(db: Database, *, at: datetime) -> int:
    """Resume the suspended issues whose review day has come; how many. Another process may be quicker."""
    resumed = 0
    for issue_id in ticker_store.list_suspended_until(db, day_of(at)):
        try:
            issues.advance_by_system(db, issue_id, "resume", brought={}, now=at)
        except (Conflict, NotFound):
            continue
        resumed += 1
    return resumed


def remind_of_campaigns(db: Database, *, at: datetime) -> int:
    """Remind of the running campaign where its last days have come, and tell whom a reminder still has to reach."""
    campaigns.remind_due(db, now=at)
    return actions.tell_campaigns(db, now=at)


def tick(settings: Settings, *, at: datetime) -> dict[str, object]:
    """Do all that is due at this moment, each step on its own; what came of each, or the error that ended it."""
    db = get_db()
    outgoing, adapters = outgoing_of(settings), adapters_of(settings)
    steps: dict[str, Callable[[], object]] = {
        "resumed": lambda: resume_due(db, at=at),
        "assignments ended": lambda: assignments.end_run_out(db, now=at),
        "campaigns ended": lambda: campaigns.end_over(db, now=at),
        "campaign reminders": lambda: remind_of_campaigns(db, at=at),
        "told": lambda: actions.catch_up(db, now=at, outgoing=outgoing),
        "reminded": lambda: actions.remind(db, now=at, outgoing=outgoing),
        "digests": lambda: actions.write_digest(db, now=at, outgoing=outgoing),
        "sent, missed": lambda: delivery_actions.deliver(db, now=at, adapters=adapters),
        "jobs purged": lambda: jobs.purge(db, settings.exports, now=at),
        "rosters cleaned": lambda: rosters.clean(db, settings.rosters, now=at),
        "jobs looked after": runner().wake,
    }
    outcome: dict[str, object] = {}
    for name, step in steps.items():
        try:
            outcome[name] = step()
            metrics.tick_steps.labels(name, "done").inc()
        except Exception as error:  # a step that fails is tried again in a minute, and keeps no other from its turn
            log.exception("tick: %s", name)
            metrics.tick_steps.labels(name, "failed").inc()
            outcome[name] = error
    return outcome


@click.command("tick")
def tick_command() -> None:
    """Do what is due now: resume, remind, digest, deliver. The server does it by itself every minute."""
    outcome = tick(current_app.config["SETTINGS"], at=now())
    for name, came in outcome.items():
        click.echo(f"{name}: {came}")
    if any(isinstance(came, Exception) for came in outcome.values()):
        raise SystemExit(1)


def start(app: Flask) -> threading.Event:
    """Tick every minute in a thread that ends with the process, or when the event returned is set."""
    stop, holder = threading.Event(), secrets.token_hex(8)

    def run() -> None:
        wait = _FIRST_S
        while not stop.wait(wait):
            wait = EVERY_S
            take_turn(app, holder)

    threading.Thread(target=run, name="ticker", daemon=True).start()
    return stop


def take_turn(app: Flask, holder: str) -> bool:
    """One tick, if it is this process's turn; errors are logged and end nothing."""
    try:
        with app.app_context():
            if not actions.take_turn(get_db(), "ticker", holder=holder, now=now(), lasts=_TURN):
                return False
            tick(app.config["SETTINGS"], at=now())
    except Exception:  # the ticker outlives a locked database and a full disk
        log.exception("the ticker missed a turn")
        return False
    return True
