"""The boards: each printed number is the length of the list behind it, in few queries, within the reader's district."""

from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from werkzeug.datastructures import MultiDict

from app import clock
from app.issues import list_store, lists
from app.issues.lifecycle import Status
from app.people import store as people
from app.permissions import Role
from app.review import boards, periods
from app.review.figures import FIGURES
from app.rules import store as rules
from tests import factories as make

MOST_QUERIES = 14  # one of them the count in the head's navigation


@pytest.fixture
def busy(db):
    """A small city in full swing: every status, in two districts, with late, asked-for and twice returned issues."""
    now = clock.now()
    other = make.make_user(db, Role.OFFICER, username="far-officer", district_id=make.OTHER_DISTRICT)
    near = make.make_firm(db, township_id=_township(db, make.DISTRICT))
    far = make.make_firm(db, officer=other)
    for status in Status:
        make.make_issue(db, status=status, firm=near)
    for status in (Status.SUBMITTED, Status.IN_PROGRESS, Status.CLOSED):
        make.make_issue(db, status=status, firm=far, officer=other, department_id=make.OTHER_DEPARTMENT)
    for days in (4, 9, 20, 60):  # late by now, in each band of age
        make.make_issue(db, status=Status.IN_PROGRESS, at=now - timedelta(days=days), step=timedelta(hours=2))
        make.make_issue(db, status=Status.CLOSED, at=now - timedelta(days=days + 30), step=timedelta(hours=2))
    asked = make.make_issue(db, status=Status.IN_PROGRESS)
    make.move(db, asked, "request_extension")
    parked = make.make_issue(db, status=Status.IN_PROGRESS)
    make.move(db, parked, "request_suspension")
    make.make_campaign(db, name="万人助万企")
    make.make_visit(db, firm=near)
    return db


def _township(db, district_id):
    from app.places import store as places

    return places.list_townships(db, district_id)[0]["id"]


def _numbers(page):
    """(number, address) of every link to a list of issues that shows a number of its own."""
    for link in page.all("a"):
        address = link.attrs["href"]
        if urlsplit(address).path != "/issues/":
            continue
        if link.has("progress"):
            figure = next(node.text for node in link.walk() if node.get("class") == "num")
        elif "kpi" in (link.get("class") or ""):
            figure = next(node.text for node in link.walk() if node.tag == "b")
        elif link.text.startswith("另有"):
            figure = link.text.split()[1]
        else:
            figure = link.text.split()[-1]
        if figure.isdigit():
            yield int(figure), address


def _count(db, address, user):
    now = clock.now()
    asked = lists.read(MultiDict(parse_qsl(urlsplit(address).query)), rules.get_calendar(db), now)
    return list_store.count_issues(db, asked.filters, visible_to=user, now=now)


@pytest.mark.parametrize(
    ("role", "path", "least"),
    [
        ("head", "/review/map", 2),
        ("dispatcher", "/review/", 45),
        ("head", "/review/", 45),
        ("office", "/review/", 50),
        ("office", "/review/?period=last_month", 50),
        ("office", "/review/?period=quarter", 50),
        ("office", "/review/?by=department", 10),
        ("auditor", "/review/", 50),
        ("auditor", f"/review/districts/{make.DISTRICT}", 45),
    ],
)
def test_each_number_is_the_length_of_its_list(busy, page, role, path, least):
    reader = page(role)
    user = people.get_user_by_username(busy, role)
    shown = list(_numbers(reader.get(path)))
    assert len(shown) >= least
    wrong = [(n, address) for n, address in shown if _count(busy, address, user) != n]
    assert not wrong
    assert any(n for n, _address in shown)


def test_what_nobody_named_opens_its_list_too(busy, page):
    make.make_issue(busy, status=Status.SUBMITTED)
    board = page("head").get("/review/")
    assert "without=department" in board.link("还没有派到单位")
    assert "without=township" in board.link("企业没有登记乡镇街道")


@pytest.mark.parametrize("role", ["dispatcher", "head", "office", "auditor"])
def test_a_board_takes_few_queries(busy, sign_in, role):
    client = sign_in(role)
    client.get("/review/")
    seen = []
    busy.conn.set_trace_callback(seen.append)
    assert client.get("/review/").status_code == 200
    busy.conn.set_trace_callback(None)
    assert len(seen) <= MOST_QUERIES, seen
    assert not [each for each in seen if not each.lstrip().startswith(("SELECT", "WITH"))]


def test_queries_search_by_index(busy, sign_in):
    """A district's board reads no table from end to end."""
    client = sign_in("head")
    seen = []
    busy.conn.set_trace_callback(seen.append)
    client.get("/review/")
    busy.conn.set_trace_callback(None)
    for statement in seen:
        plan = [row["detail"] for row in busy.conn.execute(f"EXPLAIN QUERY PLAN {statement}")]
        assert not [step for step in plan if step in ("SCAN i", "SCAN v", "SCAN f", "SCAN k", "SCAN e")], statement


def test_the_district_board_says_what_waits(busy, page):
    head = page("head").get("/review/")
    assert [each.text for each in head.all("#waiting")] == ["待我定夺"]
    assert "status=disputed" in head.link("待指定单位")
    assert "twice_returned=1" in head.link("退回两次以上")
    assert "pending=extension" in head.link("延期待审")
    dispatcher = page("dispatcher").get("/review/")
    assert [each.text for each in dispatcher.all("#waiting")] == ["等我处理"]
    assert "status=returned" in dispatcher.link("退回待改派")


def test_a_district_reader_sees_no_other_district(busy, page):
    text = page("head").get("/review/").read
    assert "湛河区总览" in text
    page("head").get(f"/review/districts/{make.DISTRICT}")
    page("head").get(f"/review/districts/{make.OTHER_DISTRICT}", status=404)
    page("office").get(f"/review/districts/{make.OTHER_DISTRICT}")
    page("office").get("/review/districts/1", status=404)


@pytest.mark.parametrize("role", ["officer", "handler"])
def test_no_board_for_officers_and_handlers(page, role):
    page(role).get("/review/", status=403)


@pytest.mark.parametrize(
    "query",
    [
        "period=decade",
        "period=decade&by=department",
        "period=custom",
        "from=2026-13-01&to=2026-13-02",
        "from=2024-06-30",
        "from=2024-06-30&to=2024-06-01",
        "from=2021-01-01&to=2024-06-01",
        "from=0001-01-01&to=9999-12-31",
        "from=%00&to=%F0%9F%98%80",
    ],
)
def test_bad_periods_are_refused_in_words(page, query):
    answer = page("office").get(f"/review/?{query}", status=422)
    assert not answer.has("table")
    assert answer.has(".err") or answer.has(".note")


def test_an_empty_city_has_a_board(page):
    for path in ("/review/", "/review/?from=2024-06-01&to=2024-06-30"):
        answer = page("office").get(path)
        assert "样本少" in answer.read
    assert "没有未办结的问题" in page("dispatcher").get("/review/").read


def test_rates_of_few_cases_are_not_shown(busy, page):
    table = next(each for each in page("office").get("/review/").all("table") if "区县" in each.one("thead").text)
    assert "样本少 n=" in table.text
    assert "%" not in table.text


def _twenty(db, firm, at):
    for nth in range(20):
        issue = make.make_issue(db, status=Status.DISPATCHED, firm=firm, at=at)
        if nth == 0:
            issue = make.move(db, issue, "return", at=at + timedelta(minutes=5))
            issue = make.move(
                db,
                issue,
                "redispatch",
                at=at + timedelta(minutes=6),
                is_return_right=True,
                department_id=make.OTHER_DEPARTMENT,
            )
        for action in ("accept", "answer", "verify"):
            issue = make.move(db, issue, action, at=at + timedelta(minutes=10))
        make.move(db, issue, "confirm", at=at + timedelta(minutes=20), is_solved=nth > 1, is_satisfied=True)


def test_rates(db, page):
    """Of 20 issues one was sent to the wrong department, one was answered late, two firms say it is not solved."""
    firm = make.make_firm(db)
    at = clock.now() - timedelta(hours=2)
    _twenty(db, firm, at)
    days = f"/review/?from={clock.today() - timedelta(days=2)}&to={clock.today()}"
    table = next(each for each in page("office").get(days).all("table") if "区县" in each.one("thead").text)
    row = next(row for row in table.all("tbody tr") if row.one("th").text.startswith("湛河区"))
    heads = [head.text for head in table.all("thead th")]
    figures = dict(zip(heads[1:], (cell.text for cell in row.all("td")), strict=True))
    assert figures == {
        "交办": "20 ↑20",
        "未办结": "0",
        "超期": "0",
        "一次派准": "95% n=20",
        "按时签收": "100% n=20",
        "按时答复": "100% n=20",
        "延期": "0% n=20",
        "退回": "1 有理 1/1",
        "返工": "0% n=20",
        "重办": "0% n=20",
        "企业确认解决": "90% n=20",
        "满意": "100% n=20",
    }


def _rate_links(page):
    """(figure, n, address) of every rate in the tables of the city's board."""
    for cell in page.all("table.rates td"):
        for link in cell.all("a"):
            address = urlsplit(link.attrs["href"])
            if address.path.startswith("/review/figures/"):
                figure = address.path.rsplit("/", 1)[1]
                told = link.text if figure == "returned" else cell.one("small").text.split()[0].removeprefix("n=")
                yield figure, int(told), link.attrs["href"]


@pytest.mark.parametrize(("role", "by"), [("office", "district"), ("auditor", "department")])
def test_each_rate_opens_the_cases_that_it_counts(busy, page, role, by):
    firm = make.make_firm(busy)
    _twenty(busy, firm, clock.now() - timedelta(hours=2))
    reader = page(role)
    links = list(_rate_links(reader.get(f"/review/?period=quarter&by={by}")))
    assert {figure for figure, _n, _address in links} == set(FIGURES)
    for figure, n, address in links:
        cases = reader.get(address)
        assert n == int(cases.one(".filters [aria-current] b").text), (figure, address)
        listed = len(cases.all("tbody tr"))
        while cases.has("a[rel=next]"):
            cases = reader.get(cases.one("a[rel=next]").attrs["href"])
            listed += len(cases.all("tbody tr"))
        assert n == listed, (figure, address)


def test_the_sides_of_a_figure(db, page):
    """Its definition, how many are on either side, and what somebody has ruled."""
    _twenty(db, make.make_firm(db), clock.now() - timedelta(hours=2))
    days = f"from={clock.today() - timedelta(days=2)}&to={clock.today()}&district={make.DISTRICT}"
    office = page("office")
    cases = office.get(f"/review/figures/first_right?{days}")
    assert "19 / 20 件，占 95.0%" in cases.read
    assert "认定派错" in cases.read
    wrong = office.get(cases.link("派错"))
    assert [row.one(".state").text for row in wrong.all("tbody tr")] == ["派错"]
    returned = office.get(f"/review/figures/returned?{days}")
    assert [row.one(".state").text for row in returned.all("tbody tr")] == ["退回有理"]
    assert "1 / 1 件。不足 20 件" in returned.read


def test_a_desk_of_a_district_sees_its_own_cases_only(busy, page):
    _twenty(busy, make.make_firm(busy), clock.now() - timedelta(hours=2))
    days = f"from={clock.today() - timedelta(days=300)}&to={clock.today()}"
    city, own = (
        page("office").get(f"/review/figures/accepted?{days}"),
        page("head").get(f"/review/figures/accepted?{days}"),
    )
    of_all, of_own = (int(each.one(".filters [aria-current] b").text) for each in (city, own))
    assert 0 < of_own < of_all
    assert page("head").get(f"/review/figures/accepted?{days}&district={make.DISTRICT}").has("tbody tr")
    page("head").get(f"/review/figures/accepted?{days}&district={make.OTHER_DISTRICT}", status=404)
    page("handler").get(f"/review/figures/accepted?{days}", status=403)


@pytest.mark.parametrize(
    "address",
    [
        "nothing?from=2026-01-01&to=2026-01-31",
        "accepted",
        "accepted?from=2026-01-31&to=2026-01-01",
        "accepted?from=2020-01-01&to=2026-01-01",
        "accepted?from=0001-01-01&to=9999-12-31",
        "accepted?from=2026-01-01&to=2026-01-31&district=x",
        "accepted?from=2026-01-01&to=2026-01-31&department=99999",
        "accepted?from=2026-01-01&to=2026-01-31&part=maybe",
        "accepted?from=2026-01-01&to=2026-01-31&page=0",
    ],
)
def test_a_figure_that_no_link_names_is_not_there(page, address):
    page("office").get(f"/review/figures/{address}", status=404)


def test_the_city_by_districts_or_by_departments(busy, page):
    office = page("office")
    districts = office.get("/review/?period=quarter")
    assert "湛河区" in districts.one("table.rates tbody").text
    departments = office.get(districts.one("nav.filters a[href*=department]").attrs["href"])
    assert "国网平顶山供电公司" in departments.one("table.rates tbody").text
    assert departments.one("nav.filters a[aria-current=true]").text == "本季度", "the period stays"
    assert departments.one("nav.filters a[aria-current=page]").text == "责任单位"
    office.get("/review/?by=officer", status=404)


def test_one_kind_of_place_counts_as_both_do(busy):
    """A page of districts, or of departments, is counted apart: the same figures as when both are counted together."""
    now = clock.now()
    period, before = periods.named("quarter", clock.day_of(now))
    both = boards.city(busy, period, before, now=now)
    for by in ("district", "department"):
        one = boards.city(busy, period, before, now=now, by=by)
        for mine, of_both in ((one.now, both.now), (one.before, both.before)):
            assert mine.total == of_both.total
            assert getattr(mine, f"{by}s") == getattr(of_both, f"{by}s")
        assert one.waiting == both.waiting
    assert both.now.total.reported and both.now.districts and both.now.departments
