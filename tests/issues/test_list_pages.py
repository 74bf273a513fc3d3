"""The list as browsers see it: tabs, filters, search, pages, batches."""

from datetime import timedelta
from itertools import product
from urllib.parse import parse_qs, urlsplit

import pytest

from app import clock
from app.clock import to_text
from app.db import execute, fetch_all, fetch_value
from app.issues import ages, history_store, list_store, lists, store
from app.issues.lifecycle import Outcome, Status
from app.permissions import Role
from tests import factories
from tests.factories import DEPARTMENT, OTHER_DEPARTMENT, OTHER_DISTRICT


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
