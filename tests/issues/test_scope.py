"""Nobody sees or changes anything outside role × district × department: in no page, list, count, search or error."""

import re
from dataclasses import dataclass

import pytest

from app import clock
from app.db import fetch_value
from app.issues import actions, list_store, open_store, store
from app.issues.lifecycle import NOUNS, Status
from app.people.models import User
from app.permissions import Role
from tests import factories
from tests.factories import DEPARTMENT, DISTRICT, OTHER_DEPARTMENT, OTHER_DISTRICT
from tests.issues.by_hand import stored

NOWHERE = 987654
NOT_BY_SCOPE = {
    "limit_id",
    "category_id",
    "department_id",
    "answer_id",
    "campaign_id",
    "question_id",
    "notice_id",
    "delivery_id",
    "rule_id",
    "bulletin_id",
    "job_id",
    "session_id",
    "import_id",
}
"""Ids whose rows belong to a person or to the office, not to a place: their own rooms test them."""


@dataclass(frozen=True)
class Side:
    """A firm with all that hangs on it, on one side of a border."""

    officer: User
    ids: dict[str, int]  # by the name of the part of an address
    visit_photo_id: int
    words: tuple[str, ...]


def make_side(db, settings, mark: str, district_id: int, department_id: int, username: str, colour) -> Side:
    officer = factories.make_user(db, "officer", username=username, district_id=district_id)
    firm = factories.make_firm(db, officer=officer, name=f"{mark}精密铸造有限公司", contact_name=f"{mark}联系人")
    picture = factories.make_picture(settings.photos, colour=colour)
    visit_id = factories.make_visit(db, firm=firm, by=officer, pictures=[picture], notes=f"{mark}走访记录")
    issue = factories.make_issue(
        db,
        firm=firm,
        officer=officer,
        status="callback",
        department_id=department_id,
        title=f"{mark}厂门口积水",
        description=f"{mark}情况说明",
        pictures=[picture],
    )
    photo = "SELECT min(id) FROM photos WHERE {} = :id"
    return Side(
        officer,
        {
            "issue_id": issue.id,
            "firm_id": firm.id,
            "visit_id": visit_id,
            "district_id": district_id,
            "user_id": officer.id,
            "photo_id": fetch_value(db, photo.format("issue_id"), {"id": issue.id}),
        },
        fetch_value(db, photo.format("visit_id"), {"id": visit_id}),
        (
            f"{mark}精密",
            f"{mark}厂门口",
            f"{mark}联系人",
            f"{mark}走访",
            f"{mark}情况",
            issue.number,
            firm.contact_phone,
        ),
    )


@pytest.fixture
def inside(db, settings):
    return make_side(db, settings, "界内", DISTRICT, DEPARTMENT, "officer", (9, 9, 9))


@pytest.fixture
def outside(db, settings, inside):
    return make_side(db, settings, "界外", OTHER_DISTRICT, OTHER_DEPARTMENT, "stranger", (99, 9, 9))


LIMITED = [Role.OFFICER, Role.HANDLER, Role.DISPATCHER, Role.HEAD]
UNLIMITED = [Role.OFFICE, Role.AUDITOR]


def addresses(app, ids: dict[str, int]):
    """(endpoint, method, address) of every view that takes the id of something, with these ids in it."""
    here = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        names = {name for name in rule.arguments if name.endswith("_id")}
        if not names or rule.endpoint == "static" or names & NOT_BY_SCOPE:
            continue
        assert names <= set(ids), f"{rule.rule}: say here what {names} is"
        values = {name: ids[name] for name in names}
        others = rule.arguments - names
        choices = {"noun": ["notes", "answer", "merger", "dispatch"], "size": ["main", "thumb"]}
        assert others <= set(choices), f"{rule.rule}: say here what {others} may be"
        for more in [{name: each} for name in others for each in choices[name]] or [{}]:
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
                yield rule.endpoint, method, here.build(rule.endpoint, {**values, **more}, method=method)


SENT = {"version": "5", "note": "写一句", "status": "stopped", "latitude": "33.7", "longitude": "113.2"}


_MINUTE = re.compile(rb"\d\d:\d\d")
"""Pages say when they were made and printed: the next one may be of the next minute."""


def answers(client, method: str, url: str) -> list[tuple]:
    """What a page and a piece of it answer."""
    given = []
    for headers in ({}, {"HX-Request": "true"}):
        response = client.open(url, method=method, headers=headers, data=SENT if method == "POST" else None)
        kept = {name: value for name, value in response.headers if name not in ("Date", "Content-Length")}
        given.append((response.status_code, kept, _MINUTE.sub(b"", response.data)))
        response.close()
    return given


@pytest.mark.parametrize("role", LIMITED)
def test_what_lies_outside_is_as_if_it_were_not(app, db, sign_in, inside, outside, role):
    client = sign_in(role.value)
    nowhere = dict.fromkeys(inside.ids, NOWHERE)
    before = stored(db)
    seen = set()
    photos = {**outside.ids, "photo_id": outside.visit_photo_id}
    for ids in (outside.ids, photos):
        for (endpoint, method, url), (_, _, none) in zip(addresses(app, ids), addresses(app, nowhere), strict=True):
            if role in (Role.OFFICER, Role.HANDLER) and endpoint == "review.district":
                continue  # no page of theirs at all
            there, nothing = answers(client, method, url), answers(client, method, none)
            assert there == nothing, f"{method} {url}"
            assert {status for status, _, _ in there} <= {403, 404, 409, 422}, f"{method} {url}"
            seen.add(there[0][0])
    assert 404 in seen
    assert stored(db) == before


OPENS = {
    Role.OFFICER: {"issues.show", "issues.clock", "firms.show", "visits.show", "photos.show"},
    Role.HANDLER: {"issues.show", "issues.clock", "photos.show"},
    Role.DISPATCHER: {"issues.show", "issues.clock", "firms.show", "visits.show", "photos.show", "review.district"},
}
OPENS[Role.HEAD] = OPENS[Role.OFFICE] = OPENS[Role.AUDITOR] = OPENS[Role.DISPATCHER]


@pytest.mark.parametrize("role", list(Role))
def test_what_lies_inside_opens(app, sign_in, inside, role):
    client, opened = sign_in(role.value), set()
    for endpoint, method, url in addresses(app, inside.ids):
        if method == "GET":
            response = client.get(url)
            if response.status_code == 200:
                opened.add(endpoint)
            response.close()
    assert OPENS[role] <= opened
    assert ("firms.show" in opened) is ("firms.show" in OPENS[role])
    response = client.get(f"/photos/{inside.visit_photo_id}/thumb")
    assert response.status_code == (404 if role is Role.HANDLER else 200), "a visit's photo is not a department's"
    response.close()


@pytest.mark.parametrize("role", UNLIMITED)
def test_office_and_auditor_see_the_whole_city(sign_in, inside, outside, role):
    client = sign_in(role.value)
    for side in (inside, outside):
        for url in (
            f"/issues/{side.ids['issue_id']}",
            f"/firms/{side.ids['firm_id']}",
            f"/visits/{side.ids['visit_id']}",
        ):
            assert client.get(url).status_code == 200
    text = client.get("/issues/").text
    assert inside.words[5] in text and outside.words[5] in text


def lists_of(side: Side) -> list[str]:
    """Every list, narrowed in every way that could lead over the border."""
    ids = side.ids
    issues = [
        "",
        *(f"status={status}" for status in Status),
        *(f"due={due}" for due in ("soon", "overdue")),
        *(f"part={part}" for part in ("lead", "assisting")),
        f"district={ids['district_id']}",
        f"department={OTHER_DEPARTMENT}",
        f"firm={ids['firm_id']}",
        f"q={side.words[5]}",
        "q=厂门口",
        "q=积水",
        "reported_from=2020-01-01",
    ]
    return (
        [f"/issues/?{query}" for query in issues]
        + ["/firms/", "/firms/?q=精密", "/firms/?show=open", "/visits/", f"/visits/?firm_id={ids['firm_id']}"]
        + [
            "/",
            "/visits/new",
            "/visits/new?q=精密",
            f"/visits/new?firm_id={ids['firm_id']}",
            "/review/",
            "/notices/",
            "/me",
        ]
    )


@pytest.mark.parametrize("role", LIMITED)
def test_no_list_says_a_word_of_what_lies_outside(sign_in, inside, outside, role):
    client = sign_in(role.value)
    for url in lists_of(outside):
        for headers in ({}, {"HX-Request": "true"}):
            response = client.get(url, headers=headers, follow_redirects=True)
            assert response.status_code in (200, 403, 404), url
            said = [word for word in outside.words if word in response.text and word not in url]
            assert not said, (url, said)
    assert inside.words[5] in client.get("/issues/").text


@pytest.mark.parametrize("role", LIMITED)
def test_no_count_rises_by_what_lies_outside(sign_in, db, settings, inside, role):
    """The lists word for word, their tabs and numbers, before and after the other side comes to be."""
    client = sign_in(role.value)
    urls = [
        "/issues/",
        "/issues/?status=callback",
        "/issues/?due=overdue",
        "/issues/?q=厂门口",
        f"/issues/?district={OTHER_DISTRICT}",
        f"/issues/?department={OTHER_DEPARTMENT}",
        "/firms/",
        "/firms/?q=精密",
        "/visits/",
    ]
    before = {url: client.get(url).text for url in urls}
    outside = make_side(db, settings, "界外", OTHER_DISTRICT, OTHER_DEPARTMENT, "stranger", (99, 9, 9))
    for status in (Status.SUBMITTED, Status.DISPATCHED, Status.DISPUTED):
        factories.make_issue(db, officer=outside.officer, status=status, department_id=OTHER_DEPARTMENT)
    assert {url: client.get(url).text for url in urls} == before
    user = factories.the_user(db, role)
    assert sum(
        n
        for name, n in open_store.count_open_by_status(db, visible_to=user, now=clock.now()).items()
        if name not in ("soon", "overdue")
    ) == list_store.count_issues(db, list_store.Filters(status="open"), visible_to=user, now=clock.now())


def test_a_department_sees_where_it_leads_or_assists_and_no_more(db, sign_in, inside):
    leads = sign_in("handler")
    assists = sign_in(factories.make_user(db, "handler", department_id=OTHER_DEPARTMENT))
    neither = sign_in(factories.make_user(db, "handler", department_id=7))
    url = f"/issues/{inside.ids['issue_id']}"
    assert [client.get(url).status_code for client in (leads, assists, neither)] == [200, 404, 404]
    issue = store.get_issue_for_system(db, inside.ids["issue_id"], now=clock.now())
    factories.move(db, issue, "assist", assisting_ids=(OTHER_DEPARTMENT,))
    assert [client.get(url).status_code for client in (leads, assists, neither)] == [200, 200, 404]
    assert inside.words[5] in assists.get("/issues/?part=assisting").text
    assert inside.words[5] not in assists.get("/issues/?part=lead").text
    assert inside.words[5] not in leads.get("/issues/?part=assisting").text


def test_who_loses_a_firm_loses_its_issues_but_her_own(db, sign_in, inside):
    heir = factories.make_user(db, "officer")
    issue_id = inside.ids["issue_id"]
    assert store.get_issue(db, issue_id, visible_to=heir, now=clock.now()) is None
    db.conn.execute("UPDATE firm_officers SET to_on = '2026-01-01' WHERE to_on IS NULL")
    assert store.get_issue(db, issue_id, visible_to=inside.officer, now=clock.now()), "she reported it"
    db.conn.execute("UPDATE issues SET reported_by = :id", {"id": heir.id})
    assert store.get_issue(db, issue_id, visible_to=inside.officer, now=clock.now()) is None
    assert store.get_issue(db, issue_id, visible_to=heir, now=clock.now())


def test_a_number_does_not_tell_whether_an_issue_exists(db, sign_in, inside, outside):
    """Merging into an issue beyond the border reads as merging into none."""
    mine = factories.make_issue(db)
    client = sign_in("dispatcher")
    texts = []
    for number in (outside.words[5], "2026-98765"):
        sent = {"version": mine.version, "master_number": number}
        response = client.post(f"/issues/{mine.id}/merger", data=sent)
        assert response.status_code == 422
        texts.append(response.text.replace(number, "…"))
    assert texts[0] == texts[1]


def test_accepting_many_touches_nothing_outside(db, sign_in):
    there = factories.make_issue(db, status="dispatched", department_id=OTHER_DEPARTMENT)
    client = sign_in("handler")
    before = stored(db)
    for issue_id in (there.id, NOWHERE):
        response = client.post("/issues/acceptances", data={"issue_id": [str(issue_id)]})
        assert response.status_code == 303
        assert "另有 1 件" in client.get("/issues/?status=dispatched").text
    assert stored(db) == before


def test_every_move_of_a_stranger_is_not_found(db, inside, outside):
    issue_id, at = inside.ids["issue_id"], clock.now()
    strangers = [
        outside.officer,
        factories.make_user(db, "handler", department_id=7),
        factories.make_user(db, "dispatcher", district_id=OTHER_DISTRICT),
        factories.make_user(db, "head", district_id=OTHER_DISTRICT),
    ]
    before = stored(db)
    for user in strangers:
        for row in NOUNS.values():
            with pytest.raises(actions.NotFound):
                actions.advance(db, issue_id, row.action, by=user, now=at, version=None)
    assert stored(db) == before
