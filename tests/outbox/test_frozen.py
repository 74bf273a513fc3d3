"""A record frozen on a phone weeks ago is taken as it is: no rule, list or release that came later refuses it."""

import json
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime

from app.db import execute, fetch_one
from app.issues.models import NewIssue
from app.outbox import reading
from app.rules.models import Kind, Urgency
from app.visits.forms import new_key
from app.visits.models import FIRST_ISSUE_NAMES, FIRST_NAMES, Mode, NewVisit, Topic
from tests import factories

FIRST = NewVisit(
    "01939a00-0000-7000-8000-000000000001",
    7,
    datetime(2026, 11, 20, 2, 0, tzinfo=UTC),
    Mode.PHONE,
    (Topic.FINANCE,),
    "准备扩产",
    "王经理",
    33.7,
    113.25,
    12,
    (NewIssue(3, Kind.HELP, Urgency.NORMAL, "厂门口的路坏了", "", 33.7, 113.25, 12),),
)
FIRST_HASH = "96b598e47ad7f62525241371df4c142a2b2d8edb8dd440cdf7f1a7a57f830de2"
"""As the first release wrote it into `visits.body_sha256`."""


def sent(firm, **record):
    values = {"firm_id": str(firm.id), "visited_at": "2026-11-20T10:00", "mode": "on_site", **record}
    return {"schema": 1, "record": values, "photos": []}


def test_a_firm_handed_over_meanwhile(db, sign_in):
    officer, other = factories.the_user(db, "officer"), factories.make_user(db, "officer")
    firm, never_hers = factories.make_firm(db, officer=officer), factories.make_firm(db, officer=other)
    client, key = sign_in("officer"), new_key()
    execute(db, "UPDATE firm_officers SET to_on = '2026-11-21' WHERE firm_id = :id", {"id": firm.id})
    assert client.get(f"/firms/{firm.id}").status_code == 404
    answer = client.put(f"/outbox/visits/{key}", json=sent(firm, notes="交接前走访的"))
    assert answer.status_code == 200, answer.text
    assert client.get(answer.json["url"]).status_code == 200
    assert fetch_one(db, "SELECT officer_id, firm_id FROM visits")[:] == (officer.id, firm.id)
    # What is typed on a page is another thing, and so is a firm that never was hers.
    typed = {"client_key": new_key(), **sent(firm)["record"]}
    assert client.post("/visits/", data=typed).status_code == 404
    assert client.put(f"/outbox/visits/{new_key()}", json=sent(never_hers)).status_code == 404


def test_a_category_that_went_out_of_use_meanwhile(db, sign_in):
    firm, client = factories.make_firm(db, officer=factories.the_user(db, "officer")), sign_in("officer")
    execute(db, "UPDATE categories SET is_active = 0 WHERE id = :id", {"id": factories.UNROUTED})
    problem = {"issues-0-category_id": str(factories.UNROUTED), "issues-0-title": "厂门口的路坏了"}
    assert client.put(f"/outbox/visits/{new_key()}", json=sent(firm, **problem)).status_code == 200
    issue = fetch_one(db, "SELECT id, category_id FROM issues")
    assert issue["category_id"] == factories.UNROUTED
    assert client.get(f"/issues/{issue['id']}").status_code == 200
    typed = {"client_key": new_key(), **sent(firm, **problem)["record"]}
    assert client.post("/visits/", data=typed).status_code == 422
    problem["issues-0-category_id"] = "987654"  # there never was one
    assert client.put(f"/outbox/visits/{new_key()}", json=sent(firm, **problem)).status_code == 422


def test_fields_of_another_release_are_no_obstacle(db, sign_in):
    firm, client = factories.make_firm(db, officer=factories.the_user(db, "officer")), sign_in("officer")
    more = {f"answers-{nth}": "是" for nth in range(60)}
    assert client.put(f"/outbox/visits/{new_key()}", json=sent(firm, **more)).status_code == 200


@dataclass(frozen=True)
class _LaterVisit(NewVisit):
    answers: tuple = ()


@dataclass(frozen=True)
class _LaterIssue(NewIssue):
    asked: str = ""


def test_a_record_stored_before_an_upgrade_and_sent_again_after_it_is_the_same():
    """The reply was lost, the server was upgraded, the phone sends again: the receipt, no conflict."""
    photos = [["a" * 64], []]
    assert FIRST.body_sha256(photos) == FIRST_HASH
    assert {each.name for each in fields(NewVisit)} >= FIRST_NAMES
    assert {each.name for each in fields(NewIssue)} >= FIRST_ISSUE_NAMES
    old = {each.name: getattr(FIRST, each.name) for each in fields(NewVisit)}
    issue = _LaterIssue(**{each.name: getattr(FIRST.issues[0], each.name) for each in fields(NewIssue)})
    later = _LaterVisit(**{**old, "issues": (issue,)})
    assert later.body_sha256(photos) == FIRST_HASH
    assert replace(later, answers=("是",)).body_sha256(photos) != FIRST_HASH
    assert replace(later, issues=(replace(issue, asked="是"),)).body_sha256(photos) != FIRST_HASH


def test_a_moves_hash_stays_too():
    body = json.loads('{"schema": 1, "issue_id": 5, "noun": "notes", "version": 3, "fields": {"note": "已联系"}}')
    found = reading.read_move(body, departments=[]).body_sha256
    assert found == "0191e484e4c3267ea6e068c384e3ae914bff99a6d94041f2047c57320891fcfc"
