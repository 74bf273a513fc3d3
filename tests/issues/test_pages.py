"""The list, the issue's page, the form of every move and the firm's own page, as browsers see them."""

from datetime import timedelta
from io import BytesIO
from itertools import product
from urllib.parse import parse_qs, urlsplit

import pytest

from app import clock
from app.audit import store as audit
from app.audit.models import Search
from app.clock import to_text
from app.db import execute, fetch_all, fetch_one, fetch_value, transaction
from app.issues import actions, ages, history_store, link_store, links, list_store, lists, store
from app.issues.forms import WITH_PHOTOS
from app.issues.lifecycle import NOUNS, STATUS_NAMES, Outcome, Status, allowed
from app.issues.pages import ONE_TAP
from app.permissions import Role
from tests import factories
from tests.factories import DEPARTMENT, OTHER_DEPARTMENT, OTHER_DISTRICT, ROUTED
from tests.issues.by_hand import HAPPY, a_day, stand, stored

DAY = timedelta(days=1)
SECRET = "test-key-of-no-worth"
# --- The list


@pytest.fixture
def one_of_each(db):
    """{status: issue} of one firm, and an issue of another district."""
    officer = factories.the_user(db, "officer")
    firm = factories.make_firm(db, officer=officer, name="平顶山市示例机械制造有限公司")
    made = {status: factories.make_issue(db, status=status, firm=firm) for status in Status}
    there = factories.make_user(db, "officer", district_id=OTHER_DISTRICT)
    factories.make_issue(db, officer=there, status="dispatched", department_id=OTHER_DEPARTMENT)
    return made


def visible(db, role: str, **filters) -> list[int]:
    rows = list_store.list_issues(
        db, list_store.Filters(**filters), visible_to=factories.the_user(db, role), now=clock.now(), limit=500
    )
    return sorted(row["id"] for row in rows)


def in_order(answer) -> list[int]:
    return [int(node.get("href").rsplit("/", 1)[1]) for node in answer.all("td.main-cell a")]


def listed(answer) -> list[int]:
    return sorted(in_order(answer))


@pytest.mark.parametrize("role", list(Role))
def test_tabs_count_what_they_lead_to(page, db, one_of_each, role):
    here = page(role.value)
    answer = here.get("/issues/")
    assert listed(answer) == visible(db, role, status="open")
    tabs = answer.one("nav.filters").all("a")
    assert [tab.text for tab in tabs if tab.get("aria-current")] == [tabs[0].text]
    assert len(tabs) == len(lists._TABS[role])
    for key, tab in zip(lists._TABS[role], tabs, strict=True):
        shown = here.get(tab.get("href"))
        current = [node.get("href") for node in shown.one("nav.filters").all("a[aria-current=page]")]
        assert current == [tab.get("href")]
        if key in ("closed", "assisting"):
            assert not tab.has("b"), "what only grows, or is not counted, bears no number"
        else:
            assert len(listed(shown)) == int(tab.one("b").text)


def test_late_and_soon_are_counted(page, db):
    at = clock.now()
    factories.make_issue(db, at=at - 30 * timedelta(hours=1), urgency="urgent")
    factories.make_issue(db, at=at - 22 * timedelta(hours=1))
    factories.make_issue(db, at=at)
    answer = page("dispatcher").get("/issues/")
    counts = {tab.text.split()[0]: tab.text.split()[-1] for tab in answer.one("nav.filters").all("a")}
    assert (counts["未办结"], counts["将到期"], counts["已超期"]) == ("3", "1", "1")
    assert len(listed(page("dispatcher").get("/issues/?due=overdue"))) == 1
    assert len(listed(page("dispatcher").get("/issues/?due=soon"))) == 1


def test_no_tab_is_marked_where_the_list_is_another(page, db, one_of_each):
    firm_id = one_of_each[Status.CLOSED].firm_id
    for query in (f"firm={firm_id}", "solved=yes", "reported_from=2020-01-01", "q=示例", "outcome=solved"):
        answer = page("office").get(f"/issues/?{query}")
        assert not answer.one("nav.filters").has("a[aria-current=page]"), query


def test_every_filter_opens(page, db, one_of_each):
    here = page("office")
    values = {
        "department": [str(DEPARTMENT)],
        "district": [str(OTHER_DISTRICT)],
        "category": ["20"],
        "township": [str(fetch_value(db, "SELECT min(id) FROM townships"))],
        "firm": ["1", "987654"],
        "age": list(ages.BANDS),
        "supervision": ["1"],
        "pending": ["extension", "suspension"],
        "twice_returned": ["1"],
        "reported_from": ["2026-01-01"],
        "reported_to": ["2099-12-31"],
        "closed_from": ["2026-01-01"],
        "closed_to": ["2100-12-31"],
        "outcome": list(Outcome),
        "solved": ["yes", "no"],
        "q": ["示例", "2026", "' OR 1=1 --", '"', "*", "NEAR(a b)", "🙂", "-"],
    }
    for name, each in ((name, each) for name, choices in values.items() for each in choices):
        here.get("/issues/", query_string={name: each})
    for first, second in product(values, values):
        here.client.get("/issues/", query_string={first: values[first][0], second: values[second][-1]})
    assert here.get("/issues/", query_string={name: each[0] for name, each in values.items()})


def test_every_status_with_every_clock_and_part(sign_in, one_of_each):
    client = sign_in("handler")
    for status, due, part in product(["", "open", *Status], ["", "soon", "overdue"], ["", "lead", "assisting"]):
        response = client.get("/issues/", query_string={"status": status, "due": due, "part": part})
        assert response.status_code == 200, (status, due, part)


NO_FILTER = """
status=done status=OPEN due=yesterday part=both age=3 age=0- department=0 department=x department=987654 district=987654
township=1 category=987654 category=-1 firm=1.0 firm=99999999999999999999 supervision=yes pending=both twice_returned=2
outcome=great solved=maybe reported_from=2026-13-01 reported_to=tomorrow closed_from=9999-12-31 closed_to=0001-01-01
page=0 page=-1 page=401 page=NaN page=1e3 page=
""".split()


def test_a_filter_that_no_link_of_ours_has(page):
    here = page("office")
    for query in NO_FILTER:
        assert "没有这样的筛选条件" in here.get(f"/issues/?{query}", status=404).read
        assert here.htmx.get(f"/issues/?{query}", status=404).headers["HX-Retarget"] == "#messages"


def test_paging(page, db):
    officer = factories.the_user(db, "officer")
    firm = factories.make_firm(db, officer=officer)
    made = [factories.make_issue(db, firm=firm).id for _ in range(lists.PER_PAGE * 2 + 3)]
    here, url, seen = page("dispatcher"), "/issues/?status=submitted&firm=1", []
    for nth, n in ((1, 25), (2, 25), (3, 3)):
        answer = here.get(url)
        assert len(listed(answer)) == n
        seen += listed(answer)
        links_to = {
            int(parse_qs(urlsplit(node.get("href")).query)["page"][0]): node.get("href")
            for node in answer.one("#issues-list").all("a[href*=page=]")
        }
        assert set(links_to) == {nth - 1, nth + 1} - {0, 4}
        assert all(parse_qs(urlsplit(each).query)["firm"] == ["1"] for each in links_to.values())
        url = links_to.get(nth + 1, "")
    assert sorted(seen) == made
    assert "这里没有问题" in here.get("/issues/?page=400").read


def test_search(page, db):
    officer = factories.the_user(db, "officer")
    steel = factories.make_firm(db, officer=officer, name="平顶山市钢构工程有限公司")
    first = factories.make_issue(db, firm=steel, title="厂区停电三次")
    second = factories.make_issue(db, title="路灯不亮", status="closed")
    here = page("office")
    for query, found in (
        ("停电", [first.id]),
        ("钢构", [first.id]),
        (second.number, [second.id]),
        ("路灯", [second.id]),
        ("厂区 三次", [first.id]),
        ("没有的词", []),
        ("<script>", []),
    ):
        answer = here.get("/issues/", query_string={"q": query})
        assert listed(answer) == found, query
        assert answer.field("q").get("value") == query
    assert "没有找到" in here.get("/issues/?q=没有的词").read
    piece = here.htmx.get("/issues/?q=停电")
    assert not piece.has("html") and listed(piece) == [first.id]


def test_what_was_searched_stands_newest_first_wherever_the_word_was_met(page, db, monkeypatch):
    officer = factories.the_user(db, "officer")
    steel = [factories.make_firm(db, officer=officer, name=f"平顶山市钢构{nth}厂") for nth in "甲乙丙"]
    made = []
    for nth in range(lists.PER_PAGE + 5):  # by turns the title and the firm's name hold it, and sometimes both
        title, firm = ("钢构厂房漏雨", None) if nth % 3 == 0 else ("停电", steel[nth % 3])
        made.append(factories.make_issue(db, firm=steel[0] if nth % 4 == 0 else firm, title=title).id)
    for _nth in range(2):
        factories.make_issue(db, firm=steel[1], title="钢构", status="closed")
    newest = [row["id"] for row in fetch_all(db, "SELECT id FROM issues ORDER BY id DESC")]
    for few in (list_store.FEW_FIRMS, 2, 0):  # gathered firm by firm, or met by going back in time
        monkeypatch.setattr(list_store, "FEW_FIRMS", few)
        for role in ("officer", "handler", "dispatcher", "office"):
            here = page(role)
            seen = in_order(here.get("/issues/?q=钢构")) + in_order(here.get("/issues/?q=钢构&page=2"))
            assert seen == (newest if role != "handler" else [each for each in newest if each not in made]), role
        shown = in_order(page("office").get("/issues/?q=钢构&status=closed"))
        assert shown == newest[:2]


def test_what_a_department_assists_with_is_listed_by_its_status(page, db):
    at = clock.now() - timedelta(days=40)
    led = [factories.make_issue(db, at=at + nth * timedelta(days=1), status="closed") for nth in range(3)]
    assisted = [factories.make_issue(db, at=at + nth * timedelta(hours=30), status="dispatched") for nth in range(3)]
    for issue in assisted:
        execute(db, "UPDATE issues SET department_id = 13 WHERE id = :id", {"id": issue.id})
        store.replace_assisting(db, issue.id, (DEPARTMENT,))
    here = page("handler")
    assert sorted(listed(here.get("/issues/"))) == [each.id for each in assisted]
    assert sorted(listed(here.get("/issues/?part=assisting"))) == [each.id for each in assisted]
    for issue in assisted[:2]:
        closed = to_text(issue.reported_at + timedelta(days=2))
        ends = {"id": issue.id, "at": closed}
        execute(db, "UPDATE issues SET status = 'closed', closed_at = :at WHERE id = :id", ends)
    assert listed(here.get("/issues/")) == [assisted[2].id]
    ended = fetch_all(db, "SELECT id FROM issues WHERE status = 'closed' ORDER BY closed_at DESC, id DESC")
    assert len(ended) == 5
    assert in_order(here.get("/issues/?status=closed")) == [row["id"] for row in ended]
    assert sorted(listed(here.get("/issues/?status=closed&part=lead"))) == [each.id for each in led]
    assert in_order(here.get("/issues/?status=closed&part=assisting")) == [assisted[1].id, assisted[0].id]


def test_the_form_of_search_and_the_batch_work_without_scripts(page, db):
    made = [factories.make_issue(db, status="dispatched") for _ in range(3)]
    here = page("handler")
    answer = here.get("/issues/?status=dispatched")
    form = answer.one("form[action=/issues/acceptances]")
    boxes = [node.get("value") for node in form.all("input[name=issue_id]")]
    assert sorted(boxes) == sorted(str(each.id) for each in made)
    execute(db, "UPDATE issues SET status = 'in_progress', version = version + 1 WHERE id = :id", {"id": made[0].id})
    answer = here.follow(here.post("/issues/acceptances", {"issue_id": boxes}))
    assert "已签收 2 件" in answer.read and "另有 1 件状态已变" in answer.read
    for nonsense in ({}, {"issue_id": ["x"]}, {"issue_id": ["1", ""]}, {"issue_id": ["-1"]}):
        here.post("/issues/acceptances", nonsense, status=422)
    page("office").post("/issues/acceptances", {"issue_id": [str(made[1].id)]}, status=303)
    assert [row["action"] for row in history_store.list_events(db, made[1].id)].count("accept") == 1


# --- One issue


@pytest.fixture
def variants(db):
    """Issues in every status, and those with something asked for, supervised, returnable, reopenable or unreached."""
    made = [factories.make_issue(db, status=status) for status in Status]
    for actions_ in (
        ("request_extension",),
        ("request_suspension",),
        ("supervise",),
        ("request_extension", "grant_extension"),
    ):
        issue = factories.make_issue(db, status="in_progress")
        for action in actions_:
            issue = (
                factories.move(db, issue, action, extend_to_on=clock.today() + 60 * DAY)
                if "ext" in action
                else factories.move(db, issue, action)
            )
        made.append(issue)
    made.append(factories.make_issue(db, status="in_progress", at=clock.now() - 20 * DAY))  # accept window shut, late
    long_ago = factories.make_issue(db, status="callback", at=clock.now() - 9 * DAY)
    for days in (5, 4, 3):
        long_ago = factories.move(db, long_ago, "log_contact", at=clock.now() - days * DAY)
    made.append(long_ago)
    made.append(factories.make_issue(db, status="closed", at=clock.now() - 40 * DAY))
    for issue in made:
        if issue.department_id:
            with transaction(db):
                store.replace_assisting(db, issue.id, (OTHER_DEPARTMENT,))
    return made


def nouns_on(answer, issue_id: int) -> set[str]:
    """The moves that a page offers, whether by a button or by a link to a form."""
    region = answer.all("div.actions")
    if not region:
        return set()
    addresses = [node.get("action") for node in region[0].all("form")] + [
        node.get("href") for node in region[0].all("a")
    ]
    assert all(each.startswith(f"/issues/{issue_id}/") for each in addresses)
    assert len(addresses) == len(set(addresses)), "each is offered once"
    return {each.rsplit("/", 1)[1] for each in addresses}


@pytest.mark.parametrize("who", [*Role, "assisting"])
def test_buttons_are_exactly_the_moves_allowed(page, db, variants, who):
    user = (
        factories.make_user(db, "handler", department_id=OTHER_DEPARTMENT)
        if who == "assisting"
        else factories.the_user(db, who)
    )
    here, seen = page(user), 0
    for made in variants:
        issue = store.get_issue(db, made.id, visible_to=user, now=clock.now())
        if issue is None:
            here.get(f"/issues/{made.id}", status=404)
            continue
        seen += 1
        may = {row.noun: row for row in allowed(issue, user)}
        extra = {"firm-link"} if actions.may_make_link(issue, user) else set()
        answer = here.get(f"/issues/{issue.id}")
        assert nouns_on(answer, issue.id) == set(may) | extra, (issue.status, who)
        for noun, row in may.items():
            form = here.get(f"/issues/{issue.id}/{noun}").one("#move-form")
            assert form.field("version").get("value") == str(issue.version)
            names = {node.get("name") for node in form.walk() if node.get("name")} - {"version"}
            assert set(row.brings) <= names
            assert ("photos" in names) is (row.action in WITH_PHOTOS)
    assert seen > 5


def test_a_move_that_is_not_allowed_is_a_409_with_the_page(page, db, variants):
    for role in (Role.OFFICER, Role.HANDLER, Role.DISPATCHER, Role.HEAD, Role.OFFICE):
        user, here = factories.the_user(db, role), page(role.value)
        before = stored(db)
        for status in (Status.SUBMITTED, Status.IN_PROGRESS, Status.CLOSED):
            made = next(each for each in variants if each.status is status)
            issue = store.get_issue(db, made.id, visible_to=user, now=clock.now())
            if issue is None:
                continue
            may = {row.noun for row in allowed(issue, user)}
            for noun in set(NOUNS) - may:
                here.client.get(f"/issues/{issue.id}/{noun}")
                sent = {"version": issue.version, "note": "写了一半的话"}
                response = here.client.post(f"/issues/{issue.id}/{noun}", data=sent)
                assert response.status_code == 409, (role, status, noun)
            answer = here.get(f"/issues/{issue.id}/{noun}", status=409)
            assert "现在不能这样办理" in answer.one("[role=alert]").text
            assert answer.one("h1").text == f"问题 {issue.number}"
        assert stored(db) == before


def test_the_auditor_looks_but_does_not_touch(page, db, variants):
    here, before = page("auditor"), stored(db)
    for issue in variants:
        answer = here.get(f"/issues/{issue.id}")
        assert not nouns_on(answer, issue.id) and not answer.has("#contact")
        here.post(f"/issues/{issue.id}/notes", {"version": issue.version, "note": "看看"}, status=403)
        here.post(f"/issues/{issue.id}/contact", status=403)
        here.get(f"/issues/{issue.id}/firm-link", status=403)
    assert stored(db) == before


def test_every_noun_has_its_happy_path():
    assert set(HAPPY) == set(NOUNS)


@pytest.mark.parametrize("noun", HAPPY)
def test_every_move_works_without_scripts(page, db, noun):
    role, issue, typed = stand(db, noun)
    here, row = page(role), NOUNS[noun]
    shown = here.get(f"/issues/{issue.id}")
    if row.action in ONE_TAP:
        form = shown.one(f"form[action=/issues/{issue.id}/{noun}]")
    else:
        form = here.get(shown.one("div.actions").link(row.name)).one("#move-form")
    if row.action not in ("merge",):
        assert set(typed) <= {node.get("name") for node in form.walk()}
    answer = here.send(form, status=303, **typed)
    after = here.follow(answer)
    assert f"{issue.number}：" in after.one("#messages").text
    event = history_store.list_events(db, issue.id)[-1]
    assert (event["action"], event["by_id"]) == (row.action, factories.the_user(db, role).id)
    assert event["note"] == typed.get("note", typed.get("ruling", ""))
    fresh = store.get_issue_for_system(db, issue.id, now=clock.now())
    assert fresh.version == issue.version + 1
    assert history_store.first_broken_event(db) is None
    office = page("office").get(f"/issues/{issue.id}")
    assert event["note"] in office.read and STATUS_NAMES[fresh.status] in office.read


@pytest.mark.parametrize("noun", ["acceptance", "notes", "verification"])
def test_a_move_with_htmx_gives_the_piece(page, db, noun):
    role, issue, typed = stand(db, noun)
    answer = page(role).htmx.post(f"/issues/{issue.id}/{noun}", {"version": issue.version, **typed}, status=200)
    assert not answer.has("html")
    assert answer.one(f"#issue-{issue.id}")
    assert NOUNS[noun].done in answer.all("ol.line li")[0].text
    form = page(role).htmx.get(f"/issues/{issue.id}/notes")
    assert not form.has("html") and form.one("#move-form").field("note")


def test_who_hands_an_issue_over_and_who_loses_it(page, db):
    issue = factories.make_issue(db, status="returned")
    with transaction(db):
        store.replace_assisting(db, issue.id, (OTHER_DEPARTMENT,))
    form = page("dispatcher").get(f"/issues/{issue.id}/redispatch").one("#move-form")
    assert form.values["assisting_ids"] == str(OTHER_DEPARTMENT), "ticked, so that nobody is lost unseen"
    typed = {**HAPPY["redispatch"][3], "assisting_ids": []}
    page("dispatcher").send(form, status=303, **typed)
    page("handler").get(f"/issues/{issue.id}", status=404)


def required(noun: str) -> list[str]:
    """The fields that cannot be left out (an empty list of who assists is an answer too)."""
    return [name for name in NOUNS[noun].brings if name in HAPPY[noun][3] and name != "assisting_ids"]


@pytest.mark.parametrize("noun", [noun for noun in HAPPY if required(noun)])
def test_what_is_missing_is_said_and_what_was_typed_is_kept(page, db, noun):
    role, issue, typed = stand(db, noun)
    here = page(role)
    form = here.get(f"/issues/{issue.id}/{noun}").one("#move-form")
    before = stored(db)
    for missing in required(noun):
        answer = here.send(form, status=422, **{**typed, missing: ""})
        assert stored(db) == before
        again = answer.one("#move-form")
        held = {name: sorted(value) if isinstance(value, list) else value for name, value in again.values.items()}
        for name, value in typed.items():
            if name != missing:
                assert held[name] == (sorted(value) if isinstance(value, list) else value), name
        assert not held.get(missing)
        assert answer.has(f"#{missing}-error")
        summary = answer.one(".errors[role=alert]")
        assert [node.get("href") for node in summary.all("a")] == [f"#{missing}"]
        assert answer.has(f"#{missing}"), "the line leads to the field"
    assert here.send(again, status=303, **{missing: typed[missing]})


def test_blank_is_not_an_answer(page, db):
    issue, here = factories.make_issue(db), page("officer")
    for blank in (" \n\t ", "\u200b\ufeff", "\u3000"):
        here.post(f"/issues/{issue.id}/notes", {"version": issue.version, "note": blank}, status=422)


def test_an_answer_that_solves_brings_evidence_or_a_photo(page, db):
    role, issue, typed = stand(db, "answer")
    here, url = page(role), f"/issues/{issue.id}/answer"
    sent = {**typed, "evidence": "", "version": str(issue.version)}
    answer = here.post(url, sent, status=422)
    assert "佐证" in answer.one("#evidence-error").text
    here.post(url, {**sent, "evidence": "  "}, status=422)
    file = (BytesIO(factories.jpeg_bytes()), "现场.jpg")
    here.post(url, {**sent, "photos": [file]}, status=303)


def test_only_solving_needs_evidence(page, db):
    role, issue, typed = stand(db, "answer")
    sent = {**typed, "evidence": "", "outcome": "explained", "version": str(issue.version)}
    page(role).post(f"/issues/{issue.id}/answer", sent, status=303)


CANNOT_BE = {
    "dispatch": [
        ("department_id", "987654"),
        ("department_id", "abc"),
        ("urgency", "very"),
        ("assisting_ids", ["13", "x"]),
    ],
    "return": [("suggested_department_id", "-1"), ("suggested_department_id", "987654")],
    "redispatch": [("is_return_right", "perhaps")],
    "extension-request": [("extend_to_on", each) for each in ("2019-01-01", "9999-12-31", "soon", "NaN")],
    "suspension-request": [("review_on", "yesterday")],
    "answer": [
        ("outcome", "great"),
        ("contact_mode", "letter"),
        ("contacted_on", "2099-01-01"),
        ("note", "字" * 2001),
        ("note", "a\x00b"),
    ],
    "supervision": [("level", "black")],
    "merger": [("master_number", "2026-99999"), ("master_number", "x" * 21)],
    "notes": [("version", ""), ("version", "x"), ("version", "1.5")],
}


@pytest.mark.parametrize("noun", CANNOT_BE)
def test_what_cannot_be_is_a_422(page, db, noun):
    role, issue, typed = stand(db, noun)
    here = page(role)
    before = stored(db)
    for name, value in CANNOT_BE[noun]:
        sent = {"version": str(issue.version), **typed, name: value}
        answer = here.post(f"/issues/{issue.id}/{noun}", sent, status=422)
        assert stored(db) == before
        assert name == "version" or answer.has(f"#{name}-error"), (name, value)


def test_a_suspension_lasts_ninety_days_at_most(page, db):
    role, issue, typed = stand(db, "suspension-request")
    url, sent = f"/issues/{issue.id}/suspension-request", {**typed, "version": str(issue.version)}
    page(role).post(url, {**sent, "review_on": a_day(91)}, status=422)
    page(role).post(url, {**sent, "review_on": a_day(90)}, status=303)


def test_an_extension_that_extends_nothing_is_refused(page, db):
    role, issue, typed = stand(db, "extension-request")
    sent = {**typed, "extend_to_on": a_day(0), "version": str(issue.version)}
    answer = page(role).post(f"/issues/{issue.id}/extension-request", sent, status=422)
    assert answer.has("#extend_to_on-error")


@pytest.mark.parametrize("noun", HAPPY)
def test_an_old_screen_is_a_409_with_the_fresh_page_and_the_words(page, db, noun):
    role, issue, typed = stand(db, noun)
    execute(db, "UPDATE issues SET version = version + 1 WHERE id = :id", {"id": issue.id})
    here = page(role)
    before = stored(db)
    sent = {**typed, "version": str(issue.version)}
    answer = here.post(f"/issues/{issue.id}/{noun}", sent, status=409)
    assert stored(db) == before
    assert "刚刚有了变化" in answer.one("[role=alert]").text
    assert answer.one("h1").text == f"问题 {issue.number}"
    offered = " ".join(node.get("data-copy") for node in answer.all("[data-copy]"))
    for name in ("note", "ruling", "public_answer", "basis"):
        assert typed.get(name, "") in offered
    assert nouns_on(answer, issue.id), "what may be done now is at hand"
    piece = here.htmx.post(f"/issues/{issue.id}/{noun}", sent, status=409)
    assert not piece.has("html") and piece.one(f"#issue-{issue.id}")


def test_words_typed_too_late_are_not_lost(page, db):
    """The office voids it while the handler writes: she gets her answer back to copy."""
    role, issue, typed = stand(db, "answer")
    form = page(role).get(f"/issues/{issue.id}/answer").one("#move-form")
    factories.move(db, issue, "void")
    answer = page(role).send(form, status=409, **typed)
    assert "刚刚有了变化" in answer.one("[role=alert]").text
    offered = answer.one("[data-copy]").get("data-copy")
    assert typed["note"] in offered and typed["public_answer"] in offered
    assert "已作废" in answer.read


def test_what_is_not_there(page, db):
    issue = factories.make_issue(db)
    for role in Role:
        here = page(role.value)
        for rest in ("987654", "987654/clock", "987654/notes", "0", "-1", "abc", "99999999999999999999", "1.5"):
            here.get(f"/issues/{rest}", status=404)
    for noun in ("nonsense", "report", "escalate", "confirm", "ACCEPTANCE", "notes%00", "注"):
        for post in (False, True):
            open_ = page("office").post if post else page("office").get
            open_(f"/issues/{issue.id}/{noun}", status=404)


# --- Photos


def note_with(here, issue, *files, status):
    return here.post(
        f"/issues/{issue.id}/notes",
        {"version": str(issue.version), "note": "现场照片", "photos": list(files)},
        status=status,
    )


def test_photos_come_with_a_move_and_are_seen(page, db):
    issue, here = factories.make_issue(db, status="in_progress"), page("handler")
    files = [(BytesIO(factories.jpeg_bytes(colour=(each, 9, 9))), f"{each}.jpg") for each in range(9)]
    shown = here.follow(note_with(here, issue, *files, status=303))
    sources = [node.get("src") for node in shown.one("ol.line").all("img")]
    assert len(sources) == 9
    for url in sources:
        response = here.client.get(url)
        assert (response.status_code, response.mimetype) == (200, "image/jpeg")
        response.close()
    event_id = history_store.list_events(db, issue.id)[-1]["id"]
    assert fetch_value(db, "SELECT count(*) FROM photos WHERE event_id = :id", {"id": event_id}) == 9


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"this is no photo", "不是照片"),
        (b"", "空文件"),
        (factories.jpeg_bytes()[:200], "损坏"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "不是照片"),
        (b"GIF89a" + bytes(50), "不是照片"),
    ],
)
def test_a_bad_photo_stores_nothing(page, db, settings, content, words):
    issue, here = factories.make_issue(db, status="in_progress"), page("handler")
    before = stored(db)
    good = (BytesIO(factories.jpeg_bytes()), "好.jpg")
    answer = note_with(here, issue, good, (BytesIO(content), "坏.jpg"), status=422)
    alert = " ".join(node.text for node in answer.all("[role=alert]"))
    assert "第 2 " in alert and words in alert
    assert answer.one("#move-form").values["note"] == "现场照片"
    assert stored(db) == before
    assert not list(settings.photos.glob("**/*.jpg")), "nor on disk"


def test_ten_photos_are_too_many(page, db, settings):
    issue, here = factories.make_issue(db, status="in_progress"), page("handler")
    before = stored(db)
    files = [(BytesIO(factories.jpeg_bytes()), f"{each}.jpg") for each in range(10)]
    answer = note_with(here, issue, *files, status=422)
    assert "最多 9 张" in answer.one("[role=alert]").text
    assert stored(db) == before and not list(settings.photos.glob("**/*.jpg"))


def test_photos_with_a_move_that_takes_none_are_left_aside(page, db):
    issue = factories.make_issue(db, status="in_progress")
    file = (BytesIO(b"anything"), "a.jpg")
    page("head").post(
        f"/issues/{issue.id}/urging", {"version": str(issue.version), "note": "请抓紧", "photos": [file]}, status=303
    )
    assert fetch_value(db, "SELECT count(*) FROM photos") == 0


# --- The contact, the clock


@pytest.mark.parametrize("role", ["officer", "handler", "dispatcher", "head", "office"])
def test_the_contact_is_masked_until_tapped(page, db, role):
    issue, here = factories.make_issue(db, status="in_progress"), page(role)
    shown = here.get(f"/issues/{issue.id}")
    assert issue.firm_phone not in shown.response.text
    assert not [row for row in audit.list_entries(db, Search()) if row["action"] == "contact_revealed"]
    form = shown.one("#contact form")
    assert issue.firm_phone in here.send(form, status=200).one("#contact").text
    piece = here.htmx.post(form.get("action"), status=200)
    assert not piece.has("html") and piece.one(f"a[href=tel:{issue.firm_phone}]")
    rows = [row for row in audit.list_entries(db, Search()) if row["action"] == "contact_revealed"]
    assert [(row["object"], row["by_name"]) for row in rows] == [(f"issue:{issue.id}", f"测试{role}")] * 2
    assert audit.first_broken_entry(db) is None


def test_once_closed_a_department_no_longer_sees_the_contact(page, db):
    issue, here = factories.make_issue(db, status="closed"), page("handler")
    shown = here.get(f"/issues/{issue.id}")
    assert not shown.has("#contact") and issue.firm_phone not in shown.response.text
    answer = here.post(f"/issues/{issue.id}/contact", status=409)
    assert issue.firm_phone not in answer.response.text
    assert not [row for row in audit.list_entries(db, Search()) if row["action"] == "contact_revealed"]


def test_why_this_date(page, db):
    issue = factories.make_issue(db, status="callback", at=clock.now() - 20 * DAY, step=2 * DAY)
    here = page("officer")
    for url in (f"/issues/{issue.id}", f"/issues/{issue.id}/clock"):
        assert here.get(url)
    answer = here.get(f"/issues/{issue.id}/clock")
    headings = [node.text for node in answer.all("main h2")]
    assert headings == ["企业确认", "核实", "办理", "签收", "受理派单"], "the newest first"
    assert answer.all("ol.days li") and "民法典" in answer.read
    suspended = factories.make_issue(db, status="suspended")
    assert "暂停" in here.get(f"/issues/{suspended.id}/clock").read
    extended = factories.make_issue(db, status="in_progress")
    for action in ("request_extension", "grant_extension"):
        extended = factories.move(db, extended, action, extend_to_on=clock.today() + 60 * DAY)
    assert "经批准延至" in here.get(f"/issues/{extended.id}/clock").read


def test_the_answer_is_said_once_and_only_while_it_stands(page, db):
    here, said = page("dispatcher"), "灯已换好，请您看看。"
    issue = factories.make_issue(db, status="in_progress")
    issue = factories.move(db, issue, "answer", public_answer=said)
    shown = here.get(f"/issues/{issue.id}").read
    assert shown.count(said) == 1 and "给企业的答复" in shown
    factories.move(db, issue, "reject_answer")
    sent_back = here.get(f"/issues/{issue.id}")
    assert sent_back.read.count(said) == 1
    assert said in sent_back.one(".line").text, "sent back, it is a line of the history"


def test_merged_issues_lead_to_one_another_as_far_as_one_may_see_them(page, db):
    firm = factories.make_firm(db, officer=factories.the_user(db, "officer"))
    master = factories.make_issue(db, firm=firm, category_id=ROUTED, status="dispatched")
    issue = factories.make_issue(db, firm=firm)
    factories.move(db, issue, "merge", master_number=master.number)
    for role in ("dispatcher", "officer"):
        here = page(role)
        assert here.get(f"/issues/{issue.id}").has(f".note a[href=/issues/{master.id}]")
        assert here.get(f"/issues/{master.id}").has(f"aside a[href=/issues/{issue.id}]")
    assert issue.number not in page("handler").get(f"/issues/{master.id}").read, "no department of hers has it"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_status_has_its_pages_in_both_languages(page, db, language):
    here = page("office")
    here.client.set_cookie("language", language)
    for status in Status:
        issue = factories.make_issue(db, status=status)
        here.get(f"/issues/{issue.id}/clock")
        assert here.get(f"/issues/{issue.id}").one("html").get("lang") == ("en" if language == "en" else "zh-Hans")


# --- The firm's own page


NAVIGATE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}


@pytest.fixture
def asked(db):
    """An issue that waits for its firm's word; every text on it that is not the firm's to read is marked."""
    officer = factories.make_user(db, "officer", name="不该露面的服务官", username="secret-officer")
    firm = factories.make_firm(db, officer=officer, contact_name="不该露面的联系人", contact_phone="13837509999")
    issue = factories.make_issue(db, firm=firm, officer=officer, status="in_progress", description="内部描述不露面")
    issue = factories.move(db, issue, "note", note="内部记事不露面")
    issue = factories.move(
        db, issue, "answer", note="内部办理情况不露面", public_answer="变压器已更换。", evidence="内部佐证不露面"
    )
    return factories.move(db, issue, "verify")


def link_of(db, issue, *, now=None, days=14) -> tuple[int, str]:
    link_id = actions.make_link(db, issue.id, by=factories.who(db, "verify", issue), now=now or clock.now(), days=days)
    return link_id, f"/c/{links.token_for(link_id, SECRET)}"


def test_the_officer_hands_the_firm_its_link(page, db, asked):
    here = page("secret-officer")
    shown = here.get(f"/issues/{asked.id}")
    answer = here.follow(here.send(shown.one(f"form[action=/issues/{asked.id}/firm-link]"), status=303))
    url = answer.one("#firm-link").get("value")
    assert url.startswith("http://localhost/c/") and answer.has("svg.qr")
    assert answer.one("[data-copy]").get("data-copy") == url
    again = here.follow(here.post(f"/issues/{asked.id}/firm-link", status=303))
    assert again.one("#firm-link").get("value") == url, "the one that works is shown again"
    assert page.get(url.removeprefix("http://localhost")).has("form")


def test_no_link_before_or_after_the_firm_is_asked(page, db):
    here = page("dispatcher")
    for status in set(Status) - {Status.CALLBACK}:
        url = f"/issues/{factories.make_issue(db, status=status).id}"
        here.post(f"{url}/firm-link", status=409)
        assert here.get(f"{url}/firm-link", status=303).headers["Location"] == url


def test_the_firm_sees_only_what_is_its_own(page, db, asked):
    _, url = link_of(db, asked)
    answer = page.get(url)
    assert "变压器已更换。" in answer.read and asked.title in answer.read and asked.firm in answer.read
    for secret in ("不露面", "不该露面", asked.firm_phone, "secret-officer", f"/issues/{asked.id}"):
        assert secret not in answer.response.text
    assert not answer.has("nav") and not answer.has("script[src*=htmx]")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    refused = page.post(url, {"is_solved": "yes"}, status=422)
    assert refused.headers["Referrer-Policy"] == "no-referrer"


def test_a_preview_does_not_open_the_link(page, db, asked):
    link_id, url = link_of(db, asked)
    for headers in ({}, {"Sec-Fetch-Mode": "no-cors"}, {"Sec-Fetch-Mode": "cors"}):
        page.get(url, headers=headers)
    page.client.head(url, headers={})
    assert link_store.get_link(db, link_id)["opened_at"] is None
    page.get(url, headers=NAVIGATE)
    first = link_store.get_link(db, link_id)["opened_at"]
    assert first
    execute(db, "UPDATE firm_links SET opened_at = '2026-01-01T00:00:00Z'")
    page.get(url, headers=NAVIGATE)
    assert link_store.get_link(db, link_id)["opened_at"] == "2026-01-01T00:00:00Z", "the first time stays"


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"is_solved": "yes", "is_satisfied": "yes", "note": "谢谢"}, "closed"),
        ({"is_solved": "no", "is_satisfied": "yes"}, "closed"),
        ({"is_solved": "no", "is_satisfied": "no", "note": "没修好"}, "in_progress"),
    ],
)
def test_the_firm_says_its_word_once(page, db, asked, typed, status):
    link_id, url = link_of(db, asked)
    form = page.get(url).one("form")
    answer = page.send(form, status=303, **typed)
    assert answer.headers["Location"] == url
    after = page.follow(answer)
    assert not after.has("form") and "您的答复已收到" in after.read
    assert ("变压器已更换。" in after.read) is (status == "closed")
    row = fetch_one(db, "SELECT * FROM issues")
    assert row["status"] == status
    before = stored(db)
    again = page.send(form, status=409, **{**typed, "is_solved": "yes"})
    assert "已经收到过您的答复" in again.one("[role=alert]").text and not again.has("form")
    assert stored(db) == before
    event = history_store.list_events(db, asked.id)[-1]
    assert (event["actor"], event["by_id"], event["note"]) == ("firm", None, typed.get("note", ""))
    assert link_store.get_link(db, link_id)["used_at"]


def test_the_firm_does_not_read_an_answer_that_nobody_has_verified(page, db, asked):
    _, url = link_of(db, asked)
    page.post(url, {"is_solved": "no", "is_satisfied": "no"}, status=303)
    issue = store.get_issue_for_system(db, asked.id, now=clock.now())
    issue = factories.move(db, issue, "answer", public_answer="第二次答复", outcome=Outcome.PARTLY)
    shown = page.get(url)
    assert "第二次答复" not in shown.read and "部分解决" not in shown.read and "正在重新办理" in shown.read
    issue = factories.move(db, issue, "verify")
    _, second = link_of(db, issue)
    assert second != url and "第二次答复" in page.get(second).read


def test_both_questions_want_an_answer(page, db, asked):
    _, url = link_of(db, asked)
    before = stored(db)
    for missing, value in product(("is_solved", "is_satisfied"), (None, "", "maybe", "true")):
        typed = {"is_solved": "yes", "is_satisfied": "yes", "note": "我写的话", missing: value}
        answer = page.post(url, {name: each for name, each in typed.items() if each is not None}, status=422)
        held = answer.one("form").values
        assert held["note"] == "我写的话" and missing not in held
        assert answer.has(f"#{missing}-error") and stored(db) == before


def test_a_comment_too_long_is_kept_and_refused(page, db, asked):
    _, url = link_of(db, asked)
    typed = {"is_solved": "yes", "is_satisfied": "yes", "note": "字" * 501}
    answer = page.post(url, typed, status=422)
    assert answer.one("form").values["note"] == "字" * 501


def test_a_link_that_expired_or_was_replaced(page, db, asked):
    _, url = link_of(db, asked, now=clock.now() - 15 * DAY)
    _, newer = link_of(db, asked)
    for each, status in ((url, 404), (newer, 200)):
        page.get(each, status=status)
    execute(db, "UPDATE firm_links SET expires_at = '2026-01-01T00:00:00Z', revoked_at = NULL")
    typed = {"is_solved": "yes", "is_satisfied": "yes"}
    before = [tuple(row) for row in fetch_all(db, "SELECT id, status, version FROM issues")]
    for each in (url, newer):
        answer = page.get(each, status=404)
        assert "链接无效或已过期" in answer.read
        page.post(each, typed, status=404)
    assert [tuple(row) for row in fetch_all(db, "SELECT id, status, version FROM issues")] == before


def test_a_link_that_nobody_made(page, db, asked):
    link_id, url = link_of(db, asked)
    token = url.removeprefix("/c/")
    ident, _, signature = token.partition(".")
    other = factories.make_issue(db, status="callback")
    factories_link, _ = link_of(db, other)
    forged = [
        token[:-1],
        token[:10],
        f"{ident}.",
        f".{signature}",
        f"{factories_link}.{signature}",
        f"{ident}{signature}",
        links.token_for(link_id, "another key"),
        links.token_for(987654, SECRET),
        token.swapcase(),
        "令牌",
        f"１.{signature}",
        f"{token}%00",
        "x" * 5000,
    ]
    for each in forged:
        answer = page.get(f"/c/{each}", status=404)
        assert asked.title not in answer.read and other.title not in answer.read
    before = stored(db)
    page.post(f"/c/{forged[4]}", {"is_solved": "yes", "is_satisfied": "yes"}, status=404)
    assert stored(db) == before


def test_another_site_cannot_answer_for_the_firm(page, db, asked):
    _, url = link_of(db, asked)
    typed = {"is_solved": "yes", "is_satisfied": "yes"}
    page.post(url, typed, status=403, headers={"Sec-Fetch-Site": "cross-site"})
    page.post(url, typed, status=403, headers={"Origin": "https://evil.example"})
    page.post(url, typed, status=303, headers={"Sec-Fetch-Site": "same-origin"})


# --- What the visit form asks about a problem


def test_a_forecast_is_what_will_happen(page, db):
    firm = factories.make_firm(db)
    here = page("officer")
    sent = {"firm_id": firm.id, "category_id": ROUTED, "title": "天然气压力低", "description": ""}
    assert "平顶山" in here.post("/issues/forecast", sent, status=200).response.text
    here.post("/issues/forecast", {**sent, "firm_id": 987654}, status=404)
    here.post("/issues/forecast", {**sent, "category_id": 987654}, status=404)
    here.post("/issues/forecast", {}, status=422)
    foreign = factories.make_firm(db, officer=factories.make_user(db, "officer"))
    here.post("/issues/forecast", {**sent, "firm_id": foreign.id}, status=404)
    page("office").post("/issues/forecast", sent, status=403)
