"""Nonsense from outside, by the hundred: always an answer in words, never a 5xx, nothing half stored."""

import math
from functools import partial
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from app import clock
from app.db import fetch_one, fetch_value
from app.issues import actions, link_store, links, lists
from app.issues.lifecycle import NOUNS, Outcome, Status
from app.permissions import Role
from tests import factories
from tests.issues.by_hand import HAPPY, stand, stored

SECRET = "test-key-of-no-worth"
many = partial(
    settings,
    deadline=None,
    derandomize=False,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
)

NASTY = [
    "",
    " ",
    "0",
    "-1",
    "00",
    "1.5",
    "1e9",
    "9" * 16,
    "9" * 400,
    str(2**63),
    str(-(2**63)),
    str(math.nan),
    str(math.inf),
    "null",
    "[]",
    "[1,2]",
    '{"a":1}',
    "true",
    "\x00",
    "a\x00b",
    "\x1b[31m",
    "\r\nSet-Cookie: a=b",
    "\u202e\u200b\ufeff",
    "\ud7ff\ue000",
    "🙂🏽‍🚒",
    "٣",
    "１２",
    "字" * 10_000,
    "a" * 10_000,
    "9999-12-31",
    "0001-01-01",
    "2026-02-30",
    "20261120",
    "2026-W47-5",
    "2026-11-20T00:00:00Z",
    "-0001-01-01",
    "' OR 1=1 --",
    '"; DROP TABLE issues; --',
    '" AND "',
    "NEAR(a b, 2)",
    "a* OR b",
    "%",
    "_",
    "{{7*7}}",
    "${7*7}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "yes",
    "no",
    "open",
    *Status,
    *Outcome,
]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
VALUE = st.one_of(st.sampled_from(NASTY), TEXT, st.integers().map(str), st.floats().map(str), st.dates().map(str))
VALUES = st.one_of(VALUE, st.lists(VALUE, max_size=4))


def events(db) -> int:
    return fetch_value(db, "SELECT count(*) FROM issue_events")


# --- Lists


@pytest.fixture
def readers(db, sign_in):
    """Clients of every role, over a small city."""
    for status in (Status.SUBMITTED, Status.DISPATCHED, Status.CLOSED):
        factories.make_issue(db, status=status)
    return {role: sign_in(role.value) for role in Role}


@many(max_examples=60)
@given(
    role=st.sampled_from(list(Role)),
    query=st.dictionaries(st.sampled_from([*lists._KNOWN, "page", "x", "q"]), VALUES, max_size=5),
    is_htmx=st.booleans(),
)
@example(role=Role.OFFICE, query={"q": "\x00"}, is_htmx=False)
@example(role=Role.OFFICE, query={"page": "400", "q": "字" * 10_000}, is_htmx=True)
@example(role=Role.OFFICE, query={"reported_to": "2100-12-31", "closed_from": "2000-01-01"}, is_htmx=False)
def test_any_query_of_the_list(readers, role, query, is_htmx):
    headers = {"HX-Request": "true"} if is_htmx else {}
    response = readers[role].get("/issues/", query_string=query, headers=headers)
    assert response.status_code in (200, 404), query
    assert "<script>alert" not in response.text


@many(max_examples=60)
@given(
    role=st.sampled_from(list(Role)),
    path=st.sampled_from(["/issues/", "/firms/", "/visits/", "/visits/new", "/review/", "/notices/", "/office/audit/"]),
    raw=st.one_of(
        st.binary(max_size=40).map(lambda each: "q=" + "".join(f"%{byte:02x}" for byte in each)),
        st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="#"), max_size=60),
    ),
)
def test_any_bytes_after_the_question_mark(readers, role, path, raw):
    response = readers[role].get(f"{path}?{raw}")
    assert response.status_code < 500, raw
    response.close()


@many(max_examples=60)
@given(
    method=st.sampled_from(["GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"]),
    first=st.one_of(st.sampled_from(["1", "0", "9" * 30, "-1", "acceptances", "forecast"]), TEXT),
    second=st.one_of(st.sampled_from([*NOUNS, "clock", "contact", "firm-link"]), TEXT),
)
def test_any_address(db, readers, method, first, second):
    before = events(db)
    for url in (f"/issues/{quote(first, safe='')}", f"/issues/{quote(first, safe='')}/{quote(second, safe='')}"):
        response = readers[Role.OFFICE].open(url, method=method)
        assert response.status_code < 500, (method, url)
        response.close()
    assert events(db) == before


# --- Moves


FIELDS = sorted(
    {name for row in NOUNS.values() for name in row.brings} | {"assisting_ids", "evidence", "then", "photos"}
)


class Desk:
    """An issue ready for each noun, with a client of who makes the move; made anew when a move was really made."""

    def __init__(self, db, sign_in):
        self.db, self._ready = db, {}
        self.clients = {role.value: sign_in(role.value) for role in Role}

    def ready(self, noun: str):
        if noun not in self._ready:
            self._ready[noun] = stand(self.db, noun)
        return self._ready[noun]

    def post(self, noun: str, body: dict, *, is_right: bool):
        role, issue, typed = self.ready(noun)
        version = {"version": str(issue.version)} if is_right else {}
        sent = {**(typed if is_right else {}), **version, **body}
        response = self.clients[role].post(f"/issues/{issue.id}/{noun}", data=sent)
        if response.status_code == 303:
            del self._ready[noun]
        return response


@pytest.fixture
def desk(db, sign_in):
    made = Desk(db, sign_in)
    for noun in HAPPY:
        made.ready(noun)
    return made


def assert_whole(db, response, before: int, sent) -> None:
    """Done, with its line of history, or refused with none; a page in words either way."""
    after = events(db)
    if response.status_code == 303:
        assert after > before, sent
    else:
        assert response.status_code in (400, 404, 409, 413, 422), (response.status_code, sent)
        assert after == before, sent
        assert "<h1" in response.text
    assert "<script>alert" not in response.text


@many(max_examples=60)
@given(
    nouns=st.lists(st.sampled_from(sorted(HAPPY)), min_size=3, max_size=6, unique=True),
    body=st.dictionaries(st.sampled_from([*FIELDS, "version"]), VALUES, max_size=8),
    is_right=st.booleans(),
)
def test_any_body_of_a_move(db, desk, nouns, body, is_right):
    """Nonsense alone, and nonsense over a form that is otherwise right."""
    for noun in nouns:
        desk.ready(noun)
        before = events(db)
        assert_whole(db, desk.post(noun, body, is_right=is_right), before, (noun, body))
    assert fetch_value(db, "SELECT count(*) FROM photos") == 0


@many(max_examples=60)
@given(data=st.data())
def test_each_field_in_turn(db, desk, data):
    """One field of a right form is nonsense: the form's own field, so that what is behind its check is reached."""
    noun = data.draw(st.sampled_from([noun for noun, (_, _, _, typed) in HAPPY.items() if typed]))
    name = data.draw(st.sampled_from([*HAPPY[noun][3], "version"]))
    value = data.draw(VALUES)
    desk.ready(noun)
    before = events(db)
    assert_whole(db, desk.post(noun, {name: value}, is_right=True), before, (noun, name, value))


@pytest.mark.parametrize("name", ["note", "public_answer", "department_id", "extend_to_on", "version"])
def test_every_nasty_value_in_turn(db, desk, name):
    nouns = {"public_answer": "answer", "department_id": "dispatch", "extend_to_on": "extension-request"}
    noun = nouns.get(name, "reply")
    for value in NASTY:
        desk.ready(noun)
        before = events(db)
        assert_whole(db, desk.post(noun, {name: value}, is_right=True), before, (name, value))


@many(max_examples=30)
@given(
    noun=st.sampled_from(sorted(HAPPY)),
    raw=st.one_of(
        st.binary(max_size=200), st.sampled_from([b'{"note": "x"}', b"[1,2,3]", b"note", b"=", b"&&&", b"%"])
    ),
    kind=st.sampled_from(
        [
            "application/x-www-form-urlencoded",
            "application/json",
            "multipart/form-data",
            "multipart/form-data; boundary=x",
            "multipart/form-data; boundary=",
            "text/plain; charset=nonsense",
            "",
        ]
    ),
)
def test_any_bytes_as_a_body(db, desk, noun, raw, kind):
    role, issue, _typed = desk.ready(noun)
    before = events(db)
    response = desk.clients[role].post(f"/issues/{issue.id}/{noun}", data=raw, content_type=kind)
    assert response.status_code in (400, 409, 413, 415, 422), (noun, raw, kind, response.status_code)
    assert events(db) == before


def test_a_body_beyond_all_bounds(db, desk):
    role, issue, _typed = desk.ready("notes")
    url, before = f"/issues/{issue.id}/notes", events(db)
    client = desk.clients[role]
    assert client.post(url, data={"version": "1", "note": "字" * 1_000_000}).status_code == 413
    crowd = {f"field{nth}": "x" for nth in range(2000)}
    assert client.post(url, data=crowd).status_code in (400, 413, 422)
    assert events(db) == before


@many(max_examples=40)
@given(ids=st.lists(VALUE, max_size=30))
def test_any_batch_of_acceptances(db, desk, ids):
    before = events(db)
    status = desk.clients["handler"].post("/issues/acceptances", data={"issue_id": ids}).status_code
    assert status in (303, 422)
    assert events(db) - before <= len(ids)


@many(max_examples=40)
@given(
    body=st.dictionaries(st.sampled_from(["firm_id", "category_id", "kind", "urgency", "title", "description"]), VALUES)
)
def test_any_forecast(db, desk, body):
    firm_id = fetch_value(db, "SELECT min(firm_id) FROM issues")
    for sent in (body, {"firm_id": firm_id, "category_id": factories.ROUTED, **body}):
        assert desk.clients["officer"].post("/issues/forecast", data=sent).status_code in (200, 404, 422), sent


# --- The firm's link


@many(max_examples=60)
@given(body=st.dictionaries(st.sampled_from(["is_solved", "is_satisfied", "note", "version", "x"]), VALUES))
def test_any_word_of_a_firm(app, db, client, body):
    issue = factories.make_issue(db, status="callback")
    link_id = actions.make_link(db, issue.id, by=factories.the_user(db, "officer"), now=clock.now(), days=14)
    url, before = f"/c/{links.token_for(link_id, SECRET)}", events(db)
    response = client.post(url, data=body)
    assert response.status_code in (303, 422), body
    row = fetch_one(db, "SELECT status FROM issues WHERE id = :id", {"id": issue.id})
    used = link_store.get_link(db, link_id)["used_at"]
    if response.status_code == 303:
        assert events(db) == before + 1 and used and row["status"] in ("closed", "in_progress")
    else:
        assert events(db) == before and not used and row["status"] == "callback"


@many(max_examples=60)
@given(token=st.one_of(TEXT, st.sampled_from(NASTY), st.integers().map(lambda each: f"{each}.{'A' * 43}")))
def test_any_token(db, client, token):
    before = stored(db)
    for method in ("GET", "POST"):
        response = client.open(f"/c/{quote(token, safe='')}", method=method)
        # 308: two slashes of a path are one (/c//0 is /c/0), which answers like any other token.
        assert response.status_code in (308, 404, 405, 414, 429), token
    assert stored(db) == before
