"""`/healthz` for whoever watches the server, `/metrics` for what collects its figures."""

import hmac
import ipaddress
from dataclasses import asdict

from flask import Blueprint, Response, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.backup import health
from app.clock import now
from app.db import get_db
from app.errors import NotFound
from app.guard import public
from app.i18n import N_

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def healthz():
    """Whether it can write just now, part by part, and what waits. 503 when it cannot."""
    found = health.ask()
    body: dict[str, object] = {
        "status": "ok" if found.is_well else "failed",
        "release": current_app.config["RELEASE"],
        "parts": {part: fault or "ok" for part, fault in found.faults.items()},
    }
    if found.is_well:  # a database that is gone answers no questions
        body["waiting"] = asdict(health.waiting(get_db(), now=now()))
    return body, 200 if found.is_well else 503, {"Cache-Control": "no-store"}


@bp.get("/metrics")
@public
def metrics():
    """The figures, as Prometheus reads them: for this machine, and for whoever brings the token."""
    settings = current_app.config["SETTINGS"]
    if not (_is_local() or _brings_token(settings.metrics_token)):
        raise NotFound(N_("没有找到这个页面。"))
    if health.ask().is_well:
        health.measure(get_db(), settings, now=now())
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _is_local() -> bool:
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _brings_token(token: str) -> bool:
    brought = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(token) and hmac.compare_digest(brought.encode(), token.encode())
