"""Which pages there are: found by walking the app as each role, one address for each kind of page and issue's state.

New pages are met by themselves once they have an address without an id or are linked from one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

from app.issues.lifecycle import Status
from app.permissions import ROLES, Role
from tests.page_checks import read_html

NO_PAGES = {"static", "healthz", "kept.manifest", "kept.service_worker", "kept.list_pages"}
_TELLING = {"noun", "size", "kind"}
"""Parts of an address that make another kind of page of it."""
_STEPS = 4


@dataclass(frozen=True)
class Stop:
    """One page to look at: who opens it, where, and what kind of page it is."""

    role: Role | None
    url: str
    kind: str


def sign_in(app: Flask, role: Role) -> FlaskClient:
    """A client of the demo city's account of this role."""
    client = app.test_client()
    assert client.post("/login", data={"username": role.value, "password": "demo"}).status_code == 303
    return client


def stops_of(app: Flask, role: Role) -> list[Stop]:
    """Every kind of page that this role can reach within a few steps, the first address of each."""
    client = sign_in(app, role)
    found: dict[str, str] = {}
    looked_at: set[str] = set()
    ahead = list(dict.fromkeys([*_without_ids(app, role), *(f"/issues/?status={each}" for each in Status)]))
    for _step in range(_STEPS):
        further = []
        for url in ahead:
            status = parse_qs(urlsplit(url).query).get("status", [""])[0] if url.startswith("/issues/?") else ""
            answer = client.get(url)
            if answer.status_code == 200 and answer.mimetype == "text/html" and b"<html" in answer.data:
                found.setdefault(_kind(app, url) or url, url)
                further += [(link, status) for link in _links(answer.text)]
            answer.close()
        ahead = []
        for link, status in further:
            kind = _kind(app, link)
            mark = f"{kind} {status}" if kind == "issues.show" else kind
            if mark and mark not in looked_at:
                looked_at.add(mark)
                ahead.append(link)
                if kind == "issues.show" and status:
                    found.setdefault(mark, link)
    return [Stop(role, url, kind) for kind, url in found.items()]


def _without_ids(app: Flask, role: Role) -> Iterator[str]:
    for rule in app.url_map.iter_rules():
        permission = getattr(app.view_functions[rule.endpoint], "permission", None)
        may = permission is None or permission in ROLES[role]
        if may and "GET" in (rule.methods or ()) and not rule.arguments and rule.endpoint not in NO_PAGES:
            yield rule.rule


def _links(text: str) -> Iterator[str]:
    for node in read_html(text)[0].all("a[href]"):
        url = (node.get("href") or "").split("#")[0]
        if url.startswith("/") and not url.startswith(("//", "/static/")):
            yield url


def _kind(app: Flask, url: str) -> str | None:
    """As in 'issues.move noun=answer'; None for no address of ours."""
    parts = urlsplit(url)
    try:
        endpoint, values = app.url_map.bind("localhost").match(parts.path)
    except HTTPException:
        return None
    if endpoint in NO_PAGES:
        return None
    told = {name: str(value) for name, value in values.items() if name in _TELLING}
    asked = parse_qs(parts.query)
    if endpoint == "visits.new" and "firm_id" in asked:
        told["firm_id"] = "…"
    if endpoint == "review.index" and asked.get("by") == ["department"]:
        told["by"] = "department"
    return " ".join([endpoint, *(f"{name}={value}" for name, value in sorted(told.items()))])
