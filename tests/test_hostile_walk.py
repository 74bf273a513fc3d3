"""Nonsense at every address by everybody: each view of the address map × role × hostile values in its path, query,
form, files, body and headers. Never a 5xx, never a row of a refused request, never a word of another's.

By default a fixed walk; `QIFANG_HOSTILE=20000` walks so many random steps more widely.
"""

import os
from collections import defaultdict
from io import BytesIO
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlite_utils.utils import sqlite3
from werkzeug.exceptions import HTTPException

from app.db import fetch_all
from app.issues.lifecycle import Status
from app.permissions import Role
from tests import factories
from tests.factories import OTHER_DEPARTMENT, OTHER_DISTRICT
from tests.issues.test_hostile import NASTY
from tests.page_checks import read_html
from tests.walk import stops_of

STEPS = int(os.environ.get("QIFANG_HOSTILE", "0"))
walk = settings(
    max_examples=STEPS or 700,
    derandomize=not STEPS,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)
MARK = "界外密语"
"""Stands in every text of what lies outside the small world's district and department."""
KEPT_OF_REFUSALS = {"sessions", "sign_in_attempts", "audit_log"}
"""What a refused request may leave: when the session was last used, a wrong password, and that it was refused."""
LIMITED = {None, Role.OFFICER, Role.HANDLER, Role.DISPATCHER, Role.HEAD}
NEVER = {"static", "people.logout"}
HEADERS = [
    {},
    {"HX-Request": "true"},
    {"HX-Request": "true", "HX-Current-URL": "\xff", "HX-Target": "x" * 10_000},
    {"X-Forwarded-For": "x" * 10_000, "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"},
    {"Accept": "application/json", "Accept-Language": ",;q=" * 2_000, "Accept-Encoding": "\xff"},
    {"Range": "bytes=5-1", "If-None-Match": "x" * 10_000, "If-Modified-Since": "0000"},
    {"User-Agent": "%0d%0aSet-Cookie: a=b", "Referer": "http://localhost/\xff"},
    {"Cookie": "language=../../x; theme=%00; qifang=" + "x" * 10_000},
]
FILES = {
    "good.jpg": factories.jpeg_bytes(),
    "../../etc/passwd": b"\xff\xd8\xff" + b"x" * 100,
    "": b"",
    "a\x00.jpg": factories.jpeg_bytes()[:-40],
    "名册.xlsx": b"PK\x03\x04" + b"\x00" * 60,
    "x.csv": "企业名称,统一社会信用代码\n=1+1,@SUM(A1)\n".encode("gb18030"),
    "map.geojson": b'{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Polygon"}}]}',
    "deep.json": b"[" * 50_000,
    "x" * 3_000 + ".png": b"\x89PNG\r\n\x1a\n",
}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
VALUE = st.one_of(st.sampled_from([*NASTY, "1", "2", "3", "39", "demo-not"]), TEXT)
BODIES = [
    b"",
    b"\x00\xff\xfe",
    b"a=%ff&b=%00&=&&=x",
    b'{"a":' * 3_000,
    b'{"a": NaN, "b": 1e999, "c": [[[[]]]], "a": null}',
    b'{"n": ' + b"9" * 6_000 + b"}",
    b"[]",
    b'"text"',
    b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>",
    b'--XX\r\nContent-Disposition: form-data; name="note"\r\n\r\nnever closed',
    b'--XX\r\nContent-Disposition: form-data; name="photos"; filename="../x"\r\nContent-Type: \xff\r\n\r\nx\r\n--XX--',
    b"--XX\r\n\r\n--XX\r\n--XX--\r\n--XX--",
]
TYPES = [
    "application/x-www-form-urlencoded",
    "application/json",
    "multipart/form-data; boundary=XX",
    "multipart/form-data",
    "text/xml",
    "\xff/\xff; charset=utf-7",
    "image/jpeg",
]


class World:
    """The app over a small world: a client of each role, the forms its pages show, and the way back to how it stood."""

    def __init__(self, app, db, clients):
        self.db, self.clients = db, clients
        self.here = app.url_map.bind("localhost")
        self.views = sorted(
            (rule.rule, method, rule.endpoint, tuple(rule._trace))
            for rule in app.url_map.iter_rules()
            if rule.endpoint not in NEVER
            for method in rule.methods
        )
        self.forms: dict[str, list[tuple[str, dict]]] = defaultdict(list)
        for role in Role:
            self._gather_forms(app, role)
        names = (row["name"] for row in fetch_all(db, "SELECT name FROM sqlite_master WHERE type = 'table'"))
        self.tables = [name for name in names if not name.startswith("sqlite_") and "_fts" not in name]
        self.saved = sqlite3.connect(":memory:")
        db.conn.backup(self.saved)
        self.rows = self._read()
        self.changes = db.conn.total_changes

    def _gather_forms(self, app, role: Role) -> None:
        for stop in stops_of(app, role):
            for form in read_html(self.clients[role].get(stop.url).text)[0].all("form[action]"):
                url = form.get("action") or ""
                try:
                    endpoint, _ids = self.here.match(urlsplit(url).path, method=(form.get("method") or "get").upper())
                except HTTPException:
                    continue
                names = {node.get("name"): "" for tag in ("input", "select", "textarea") for node in form.all(tag)}
                self.forms[endpoint].append((url, {**{n: v for n, v in names.items() if n}, **form.values}))

    def _read(self) -> dict[str, list[tuple]]:
        sql = 'SELECT * FROM "{}"'
        return {name: [tuple(row) for row in fetch_all(self.db, sql.format(name))] for name in self.tables}

    def changed(self) -> set[str]:
        """The tables that are no longer as they stood."""
        if self.db.conn.total_changes == self.changes:
            return set()
        return {name for name, rows in self._read().items() if rows != self.rows[name]}

    def put_back(self) -> None:
        """Everything as it stood."""
        assert not self.db.conn.in_transaction, "a transaction was left open"
        if self.db.conn.total_changes != self.changes:
            self.saved.backup(self.db.conn)
            self.changes = self.db.conn.total_changes


@pytest.fixture
def world(app, db, settings, sign_in):
    """An issue in every status, a visit with a photo, a bulletin, and as much on the other side of each border."""
    picture = factories.make_picture(settings.photos)
    officer = factories.the_user(db, Role.OFFICER)
    firm = factories.make_firm(db, officer=officer, latitude=33.7, longitude=113.2, position_source="officer")
    for status in Status:
        factories.make_issue(db, status=status, firm=firm, officer=officer, pictures=[picture])
    factories.make_visit(db, firm=firm, by=officer, pictures=[picture])
    stranger = factories.make_user(db, Role.OFFICER, username="stranger", district_id=OTHER_DISTRICT)
    beyond = factories.make_firm(db, officer=stranger, name=f"{MARK}铸造有限公司", contact_name=MARK)
    told = {"title": f"{MARK}积水", "description": MARK}
    for status in (Status.SUBMITTED, Status.IN_PROGRESS, Status.CALLBACK, Status.CLOSED):
        factories.make_issue(
            db, status=status, firm=beyond, officer=stranger, department_id=OTHER_DEPARTMENT, pictures=[picture], **told
        )
    factories.make_visit(db, firm=beyond, by=stranger, pictures=[picture], notes=MARK, contact_name=MARK)
    clients = {role: sign_in(role.value) for role in Role}
    body = {"from": "2026-09-01", "to": "2026-10-31"}
    assert clients[Role.OFFICE].post("/reports/bulletins/", data=body).status_code == 303
    whole = World(app, db, {**clients, None: app.test_client()})
    yield whole
    whole.saved.close()


def address(draw, world: World, view) -> tuple[str, dict]:
    """An address of this view and what its form on a page would send: a real one, or one with nonsense in its parts."""
    _rule, _method, endpoint, trace = view
    if world.forms[endpoint] and draw(st.integers(0, 3)):
        return draw(st.sampled_from(world.forms[endpoint]))
    parts = []
    for is_named, part in trace:
        if not is_named:
            parts.append(part if part != "|" else "")
        elif part.endswith("_id") and draw(st.integers(0, 4)):
            parts.append(str(draw(st.integers(1, 20))))
        else:
            parts.append(quote(draw(VALUE), safe="") or "x")
    return "".join(parts), {}


def request_of(draw, world: World) -> dict:
    """One request: a view, an address of it, and its form as a page sends it, with some of it turned to nonsense."""
    view = draw(st.sampled_from(world.views))
    url, typed = address(draw, world, view)
    names = [*typed, "version", "note", "page", "q", "client_key", "next", "photos"]
    nonsense = draw(st.dictionaries(st.sampled_from(names), st.one_of(VALUE, st.lists(VALUE, max_size=3)), max_size=5))
    query = draw(st.dictionaries(st.sampled_from(names), VALUE, max_size=3)) if draw(st.booleans()) else {}
    sent = {"method": view[1], "path": url, "headers": draw(st.sampled_from(HEADERS))}
    if query and "?" not in url:
        sent["query_string"] = query
    if view[1] in ("GET", "HEAD", "OPTIONS"):
        return sent
    way = draw(st.sampled_from(["form", "files", "raw", "json"]))
    if way == "raw":
        return {**sent, "data": draw(st.sampled_from(BODIES)), "content_type": draw(st.sampled_from(TYPES))}
    if way == "json":
        return {**sent, "json": draw(st.recursive(VALUE, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner)))}
    data: dict = {**typed, **nonsense}
    if way == "files":
        data = {name: value for name, value in data.items() if value != []}
        for name in draw(st.sets(st.sampled_from([*typed, "photos", "file", "issues-0-photos"]), max_size=2)):
            named = draw(st.lists(st.sampled_from(sorted(FILES)), min_size=1, max_size=3))
            data[name] = [(BytesIO(FILES[each]), each) for each in named]
        sent["content_type"] = "multipart/form-data"
    return {**sent, "data": data}


@walk
@given(data=st.data())
def test_no_request_breaks_anything(world, data):
    for role in data.draw(st.permutations([None, *Role]), "roles")[:3]:
        request = request_of(data.draw, world)
        response = world.clients[role].open(**request)
        text = response.get_data(as_text=True) if response.mimetype in ("text/html", "application/json") else ""
        status, changed = response.status_code, world.changed()
        response.close()
        world.put_back()
        said = f"{role} {request} → {status}"
        assert status < 500, said
        assert "Traceback" not in text and "<script>alert" not in text, said
        assert role not in LIMITED or MARK not in text, f"another's: {said}"
        assert status < 400 or not changed - KEPT_OF_REFUSALS, f"a refused request left something in {changed}: {said}"
        if request["method"] in ("HEAD", "OPTIONS"):
            assert not changed - {"sessions", "audit_log"}, f"{changed}: {said}"
        for name, value in response.headers:
            assert "\r" not in value and "\n" not in value and name != "a", said
        where = response.headers.get("Location", "/")
        assert where.startswith("/") and not where.startswith(("//", "/\\")), said
