"""The officer's list of firms and a firm's page: what they show, to whom, and what a tap changes."""

from datetime import timedelta

import pytest

from app import clock
from app.audit import store as audit
from app.db import fetch_all
from app.firms import store as firms
from app.firms.models import OPEN_STATUSES, FirmStatus
from app.issues.lifecycle import OPEN, Status
from tests import factories


@pytest.fixture
def officer(db):
    return factories.the_user(db, "officer")


@pytest.fixture
def firm(db, officer):
    return factories.make_firm(
        db,
        officer=officer,
        name="平顶山市示例机械制造有限公司",
        contact_phone="13837501234",
        latitude=33.75,
        longitude=113.3,
        position_source="roster",
    )


def test_the_list_shows_own_firms_with_what_is_open(page, db, firm):
    factories.make_issue(db, firm=firm, status=Status.IN_PROGRESS)
    factories.make_firm(db, officer=factories.make_user(db, "officer"), name="别人的企业")
    answer = page("officer").get("/firms/")
    rows = answer.one("#firms-list").all("a.row")
    assert [row.one("strong").text for row in rows] == [firm.name]
    assert "还没有走访过" in rows[0].text
    assert rows[0].one(".tag").text == "办理中 1"
    assert rows[0].get("href") == f"/firms/{firm.id}"
    assert rows[0].get("data-latitude") == "33.75"
    assert answer.one(".bar").text.endswith("1 家")


def test_a_late_issue_makes_the_tag_red(page, db, firm):
    factories.make_issue(db, firm=firm, status=Status.DISPATCHED, at=clock.now() - timedelta(days=60))
    tag = page("officer").get("/firms/").one("#firms-list .tag")
    assert tag.text == "超期 1" and "red" in (tag.get("class") or "")


@pytest.mark.parametrize("query", ["示例机械", "jxzz", "械制"])
def test_search_finds_any_part_and_initials(page, firm, query):
    assert page("officer").get("/firms/", query_string={"q": query}).has("#firms-list a.row")


def test_search_by_htmx_gives_the_list_alone(page, firm):
    answer = page("officer").htmx.get("/firms/", query_string={"q": "没有这家"})
    assert not answer.has("html") and "没有找到" in answer.one("#firms-list").text


def test_the_figure_on_a_chip_is_what_it_opens(page, db, officer, firm):
    factories.make_firm(db, officer=officer, status="stopped")
    visited = factories.make_firm(db, officer=officer)
    factories.make_campaign(db)
    factories.make_firm(db, officer=officer, name="活动开始后才有的企业")
    factories.make_visit(db, firm=visited, by=officer)
    chip = next(each for each in page("officer").get("/firms/").all("nav.filters a") if "未走访" in each.text)
    assert chip.one("b").text == "1"
    assert len(page("officer").get(chip.get("href")).all("#firms-list a.row")) == 1


def test_pages_follow_each_other_without_gap_or_repeat(page, db, officer):
    names = {factories.make_firm(db, officer=officer).name for _ in range(51)}
    first = page("officer").get("/firms/")
    second = page("officer").get(first.link("下一页"))
    seen = [row.one("strong").text for answer in (first, second) for row in answer.all("#firms-list a.row")]
    assert len(seen) == 51 and set(seen) == names


@pytest.mark.parametrize("query", ["show=bogus", "after=0", "after=x", "after=999999"])
def test_addresses_that_no_link_has(page, firm, query):
    page("officer").get(f"/firms/?{query}", status=404)


@pytest.mark.parametrize("query", ['"', "*", "a" * 500, "\x00", "AND OR", "';--", "%"])
def test_any_query_is_answered(page, firm, query):
    page("officer").get("/firms/", query_string={"q": query})


def test_an_officer_without_firms_is_told_why(page):
    assert "还没有分配企业" in page("officer").get("/firms/").read


def test_a_firms_page(page, db, officer, firm):
    visit_id = factories.make_visit(db, firm=firm, by=officer, notes="准备扩产")
    issue = factories.make_issue(db, firm=firm)
    answer = page("officer").get(f"/firms/{firm.id}")
    assert "138****1234" in answer.read and "13837501234" not in answer.text
    assert firm.credit_code in answer.read
    assert answer.link("实地走访") == f"/visits/{visit_id}"
    assert answer.link(issue.title) == f"/issues/{issue.id}"
    assert answer.one(".actions a").get("href") == f"/visits/new?firm_id={firm.id}"
    assert answer.link("导航").startswith("geo:33.75,113.3")


def test_only_those_in_scope_see_a_firm(page, db, firm):
    other = factories.make_user(db, "officer")
    page(other.username).get(f"/firms/{firm.id}", status=404)
    page("dispatcher").get(f"/firms/{firm.id}")
    far = factories.make_user(db, "dispatcher", district_id=factories.OTHER_DISTRICT)
    page(far.username).get(f"/firms/{firm.id}", status=404)
    page("auditor").get(f"/firms/{firm.id}")
    page("handler").get(f"/firms/{firm.id}", status=403)


def test_a_reveal_shows_the_number_and_is_written_down(page, db, officer, firm):
    answer = page("officer").htmx.post(f"/firms/{firm.id}/contact")
    assert answer.one("a[href^=tel:]").get("href") == "tel:13837501234" and not answer.has("html")
    assert "13837501234" in page("officer").post(f"/firms/{firm.id}/contact").text
    rows = fetch_all(db, "SELECT * FROM audit_log WHERE action = 'contact_revealed'")
    assert [(row["by_id"], row["object"]) for row in rows] == [(officer.id, f"firm:{firm.id}")] * 2
    assert audit.first_broken_entry(db) is None


def test_who_may_not_reveal(page, db, firm):
    page("auditor").post(f"/firms/{firm.id}/contact", status=403)
    other = factories.make_user(db, "officer")
    page(other.username).post(f"/firms/{firm.id}/contact", status=404)
    assert not page("auditor").get(f"/firms/{firm.id}").has(f"form[action=/firms/{firm.id}/contact]")


def test_the_position_is_fixed_where_she_stands(page, db, officer, firm):
    form = page("officer").get(f"/firms/{firm.id}").one("form[data-position]")
    page("officer").send(form, latitude="33.7412345", longitude="113.312", accuracy_m="8.6")
    fresh = firms.get_firm(db, firm.id, visible_to=officer)
    assert (fresh.latitude, fresh.longitude, fresh.accuracy_m, fresh.position_source) == (
        33.74123,
        113.312,
        9,
        "officer",
    )


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"latitude": "33.7"},
        {"latitude": "nan", "longitude": "113"},
        {"latitude": "91", "longitude": "113"},
        {"latitude": "1e400", "longitude": "113"},
        {"latitude": "33.7", "longitude": "113", "accuracy_m": "-1"},
        {"latitude": "三十三", "longitude": "113"},
    ],
)
def test_no_position_changes_nothing(page, db, officer, firm, typed):
    page("officer").post(f"/firms/{firm.id}/position", typed, status=422)
    assert firms.get_firm(db, firm.id, visible_to=officer) == firm


def test_the_status_is_changed_by_those_who_may(page, db, officer, firm):
    form = page("officer").get(f"/firms/{firm.id}").one(f"form[action=/firms/{firm.id}/status]")
    assert form.values["status"] == "operating"
    page("officer").post(f"/firms/{firm.id}/status", {"status": "moved"}, status=303)
    assert firms.get_firm(db, firm.id, visible_to=officer).status is FirmStatus.MOVED
    page("officer").post(f"/firms/{firm.id}/status", {"status": "closed"}, status=422)
    page("officer").post(f"/firms/{firm.id}/status", {}, status=422)
    page("head").post(f"/firms/{firm.id}/status", {"status": "moved"}, status=403)
    assert not page("head").get(f"/firms/{firm.id}").has(f"form[action=/firms/{firm.id}/status]")


def test_what_is_open_is_what_the_lifecycle_says():
    """The firms' room comes before the issues', so it names the open statuses itself."""
    assert sorted(OPEN_STATUSES) == sorted(OPEN)
