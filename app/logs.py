"""What is written about each request and each failure: JSON lines on standard output, and nothing personal in them.

A line names the endpoint, never the address (which may hold a firm's link or a search), and the role, never the person.
A failure is told by its kind, its place in the code and its message with all that might have been typed taken out.
"""

import logging
import re
import sys
import threading
import time
import traceback
from typing import Any, TextIO

import structlog
from flask import Flask, Response, g, request

from app import db, metrics
from app.config import Settings

access = logging.getLogger("qifang.access")
slow = logging.getLogger("qifang.slow")

_spent = threading.local()
_LONGEST_SQL = 800

_TYPED = re.compile(
    r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|https?://\S+|/\S*|[^\x00-\x7f]+|\b[\w.+-]+@[\w.-]+|\d{5,}"""
)
"""What may have come from a person or a setting: quoted text, addresses, paths, any letters but ASCII, long numbers."""


def without_typed(message: str) -> str:
    """A message as it may be logged: "invalid literal for int(): '13837501234'" → "invalid literal for int(): …"."""
    return _TYPED.sub("…", message)


def _plain_failure(_logger, _name, event: dict[str, Any]) -> dict[str, Any]:
    """A traceback by file, line and function, without values; each error of the chain with its cleaned message."""
    failure = event.pop("exc_info", None)
    if failure is True:
        failure = sys.exc_info()
    error = failure[1] if isinstance(failure, tuple) else failure
    lines: list[str] = []
    while isinstance(error, BaseException) and len(lines) < 200:
        lines.append(f"{type(error).__name__}: {without_typed(str(error))}")
        lines += [
            f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
        ]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if lines:
        event["exception"] = "\n".join(lines)
    return event


def _name_request(_logger, _name, event: dict[str, Any]) -> dict[str, Any]:
    """The number that the error page shows."""
    if g and "request_id" in g:
        event.setdefault("request", g.request_id)
    return event


def _clean(_logger, _name, event: dict[str, Any]) -> dict[str, Any]:
    """Libraries write the address that they were serving, a mail server's refusal names whom it refused."""
    event["event"] = without_typed(str(event["event"]))
    return event


def handler_of(kind: str, stream: TextIO) -> logging.Handler:
    """A handler that writes 'json' lines, or 'text' to read, with nothing personal in them."""
    before: list[Any] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _name_request,
        _plain_failure,
        _clean,
    ]
    last: Any = (
        structlog.processors.JSONRenderer()
        if kind == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty(), timestamp_key="at")
    )
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler = logging.StreamHandler(stream)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=before, processors=[remove, last]))
    return handler


def configure(kind: str) -> None:
    """From now on everything that is logged goes to standard output, what ends a thread too."""
    root = logging.getLogger()
    root.handlers = [handler_of(kind, sys.stdout)]
    root.setLevel(logging.INFO)
    logging.getLogger("waitress").setLevel(logging.WARNING)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    logging.raiseExceptions = False  # a log on a full disk stops nobody
    threading.excepthook = lambda failure: logging.getLogger("qifang").error(
        "a thread ended", exc_info=(failure.exc_type, failure.exc_value or failure.exc_type(), failure.exc_traceback)
    )


def watcher(slow_ms: int) -> db.Watcher:
    """Counts each statement for the request under way; writes the slow ones down by their text, never their values."""

    def watch(sql: str, seconds: float) -> None:
        if sql is db.BEGIN:
            metrics.lock_seconds.observe(seconds)
        elif sql is db.COMMIT:
            metrics.commit_seconds.observe(seconds)
        else:
            metrics.query_seconds.observe(seconds)
        _spent.seconds = getattr(_spent, "seconds", 0.0) + seconds
        _spent.count = getattr(_spent, "count", 0) + 1
        if seconds * 1000 >= slow_ms:
            text = " ".join(sql.split())[:_LONGEST_SQL]
            slow.warning("slow query", extra={"sql": text, "ms": round(seconds * 1000, 1)})

    return watch


def register(app: Flask, settings: Settings) -> None:
    """One line a request. To be registered before all else, so that it starts first and ends last."""
    db.watch(watcher(settings.slow_ms))

    @app.before_request
    def start_watch() -> None:
        g.started = time.perf_counter()
        _spent.seconds, _spent.count = 0.0, 0

    @app.after_request
    def log_request(response: Response) -> Response:
        seconds = time.perf_counter() - g.get("started", time.perf_counter())
        endpoint, status = request.endpoint or "-", response.status_code
        method = request.method if request.method in _METHODS else "other"
        metrics.requests.labels(endpoint, method, f"{status // 100}xx").inc()
        metrics.request_seconds.labels(endpoint).observe(seconds)
        metrics.request_queries.observe(_spent.count)
        if endpoint.startswith("outbox.store_"):
            metrics.outbox.labels(endpoint.removeprefix("outbox.store_"), str(status)).inc()
        if endpoint not in _QUIET or status >= 400:
            user = g.get("_login_user")
            access.info(
                "request",
                extra={
                    "endpoint": endpoint,
                    "method": method,
                    "status": status,
                    "ms": round(seconds * 1000, 1),
                    "db_ms": round(_spent.seconds * 1000, 1),
                    "queries": _spent.count,
                    "role": getattr(user, "role", "-"),
                },
            )
        return response


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "OPTIONS", "DELETE", "PATCH"})
_QUIET = frozenset({"health.healthz", "health.metrics"})
"""Asked every few seconds by machines: told only when they fail."""
