"""How much officers are asked to fill in: counted from the forms, laid down by the office, never refused afterwards."""

from datetime import timedelta

import pytest

from app import clock
from app.campaigns.models import NewQuestion
from app.db import fetch_all, fetch_value
from app.visits import burden_store
from app.visits.burden import GOVERNED, Asked, Burden, Part, Use
from app.visits.burden_forms import count_required
from tests import factories


@pytest.fixture
def lay_down(db):
    """lay_down(notes="required", …): as the office would."""

    def store(limit=5, **uses):
        burden_store.replace_burden(db, {key: Asked(Use(use)) for key, use in uses.items()}, limit=limit)

    return store


@pytest.fixture
def firm(db):
    return factories.make_firm(db, officer=factories.the_user(db, "officer"))


def the_form(here):
    return here.get("/office/burden").one("form#burden-form")


def visit_form(page, firm):
    return page("officer").get(f"/visits/new?firm_id={firm.id}").one("#visit-form")


def names(burden: Burden) -> dict:
    return {part: [field.short_name for field in fields] for part, fields in count_required(burden).items()}


def test_nothing_must_be_filled_in_for_a_visit_and_two_fields_for_a_problem():
    assert names(Burden({})) == {Part.VISIT: [], Part.PROBLEM: ["category_id", "title"]}


def test_the_count_follows_the_forms():
    burden = Burden({key: Asked(Use.REQUIRED) for key in ("topics", "contact_name", "description")})
    assert names(burden) == {
        Part.VISIT: ["topics", "contact_name"],
        Part.PROBLEM: ["category_id", "title", "description"],
    }


def test_every_governed_field_is_one_of_the_forms(page, firm):
    form = visit_form(page, firm)
    for each in GOVERNED:
        form.one(f"[name={each.name}]") if each.part is Part.VISIT and each.name != "topics" else form.field(
            each.name if each.part is Part.VISIT else f"issues-0-{each.name}"
        )


def test_the_page_counts_and_says_what_for(page):
    shown = page("office").get("/office/burden")
    assert [each.one("b").text for each in shown.all(".kpi")] == ["0", "2", "0", "2 / 5"]
    assert "决定交给哪个单位" in shown.read and "责任单位和企业第一眼看到的话" in shown.read


@pytest.mark.parametrize("role", ["auditor", "dispatcher", "head"])
def test_others_read_and_do_not_change_it(page, sign_in, role):
    assert not page(role).get("/office/burden").has("form#burden-form")
    assert sign_in(role).post("/office/burden", data={}).status_code == 403
    page("officer").get("/office/burden", status=403)


def test_the_office_lays_it_down_and_the_form_asks(db, page, firm):
    here = page("office")
    here.send(the_form(here), use_notes="required", purpose_notes="每月汇总", use_topics="hidden", status=303)
    form = visit_form(page, firm)
    assert not form.has("[name=topics]") and "用于：每月汇总" in form.text
    assert form.field("notes").get("required") is not None
    refused = page("officer").send(form, status=422)
    assert "请填写这一项" in refused.one(".errors").text and not fetch_value(db, "SELECT count(*) FROM visits")
    page("officer").send(refused.one("#visit-form"), notes="生产正常", status=303)
    detail = fetch_value(db, "SELECT detail FROM audit_log WHERE object = 'setting:burden'")
    assert detail == "notes: shown → required; topics: shown → hidden"


def test_what_a_problem_needs_is_asked_of_problems_only(db, page, firm, lay_down):
    lay_down(description="required")
    here = page("officer")
    typed = {"issues-0-category_id": "1", "issues-0-title": "缺少周转资金"}
    refused = here.send(visit_form(page, firm), **typed, status=422)
    assert "问题 1 · 具体情况" in refused.one(".errors").text
    here.send(visit_form(page, firm), **typed, **{"issues-0-description": "两百万元"}, status=303)
    here.send(visit_form(page, firm), status=303)
    assert fetch_value(db, "SELECT count(*) FROM visits") == 2


def test_beyond_the_limit_nothing_more_can_be_required(db, page):
    here = page("office")
    typed = {f"use_{key}": "required" for key in ("notes", "topics", "contact_name", "description")}
    refused = here.send(the_form(here), **typed, status=422)
    assert "必填共 6 项，超过上限 5 项" in refused.one("[role=alert]").text
    assert not fetch_all(db, "SELECT * FROM asked_fields")
    here.send(refused.one("form#burden-form"), limit="6", status=303)
    here.send(the_form(here), limit="5", status=422)
    assert burden_store.get_burden(db).limit == 6


def test_photos_are_never_required(db, page):
    here = page("office")
    assert not the_form(here).has("[name=use_photos][value=required]")
    here.send(the_form(here), use_photos="required", status=422)
    here.send(the_form(here), use_problem_photos="hidden", use_photos="hidden", status=303)
    assert not visit_form(page, factories.make_firm(db, officer=factories.the_user(db, "officer"))).has("[type=file]")


def test_the_place_is_never_required_and_may_be_left_out_altogether(db, page):
    here, firm = page("office"), factories.make_firm(db, officer=factories.the_user(db, "officer"))
    assert not the_form(here).has("[name=use_place][value=required]")
    shown = page("officer").get(f"/visits/new?firm_id={firm.id}")
    assert "用来核对企业地址" in shown.one("#place").get("data-say-wait") and "visit-place.js" in shown.text
    here.send(the_form(here), use_place="hidden", status=303)
    hidden = page("officer").get(f"/visits/new?firm_id={firm.id}")
    assert not hidden.has("#place") and "visit-place.js" not in hidden.text


def test_two_people_at_once_one_is_told(db, page):
    here = page("office")
    form = the_form(here)
    here.send(form, use_notes="hidden", status=303)
    here.send(form, use_notes="required", status=409)
    assert burden_store.get_burden(db).of("notes").use is Use.HIDDEN
    here.send(the_form(here), status=303)
    assert fetch_value(db, "SELECT count(*) FROM audit_log WHERE object = 'setting:burden'") == 1


def test_nonsense_is_refused_in_words(page):
    here = page("office")
    for typed in ({"limit": "1"}, {"limit": "x"}, {"use_notes": "maybe"}, {"purpose_notes": "长" * 61}):
        here.send(the_form(here), **typed, status=422)


def test_what_a_phone_froze_is_taken_although_more_is_asked_now(db, sign_in, firm, lay_down):
    lay_down(notes="required", description="required")
    key = "01933a5c-7a00-7000-8000-000000000001"
    record = {"firm_id": str(firm.id), "issues-0-category_id": "1", "issues-0-title": "缺少周转资金"}
    answer = sign_in("officer").put(f"/outbox/visits/{key}", json={"schema": 1, "record": record, "photos": []})
    assert answer.status_code in (200, 201), answer.text
    assert fetch_value(db, "SELECT count(*) FROM issues") == 1


def test_the_questions_of_the_campaign_count(db, page):
    factories.make_firm(db)
    questions = (NewQuestion("用工缺多少人？", purpose="安排招聘会", is_required=True), NewQuestion("有无新项目？"))
    factories.make_campaign(db, questions=questions)
    here = page("office")
    assert [each.one("b").text for each in here.get("/office/burden").all(".kpi")] == ["0", "2", "1", "3 / 5"]
    typed = {f"use_{key}": "required" for key in ("notes", "topics", "description")}
    assert "必填共 6 项" in here.send(the_form(here), **typed, status=422).one("[role=alert]").text


def test_a_campaign_cannot_ask_beyond_the_limit(db, page, lay_down):
    factories.make_firm(db)
    lay_down(limit=3, notes="required")
    here = page("office")
    form = here.get("/office/campaigns/new").one("#campaign-form")
    days = {"from_on": clock.today().isoformat(), "to_on": (clock.today() + timedelta(days=20)).isoformat()}
    asked = {"name": "季度走访", **days}
    asked |= {"questions-0-text": "用工缺多少人？", "questions-0-purpose": "安排招聘会", "questions-0-is_required": "y"}
    assert "最多还能有 0 个" in here.send(form, **asked, status=422).one("[role=alert]").text
    questions = (NewQuestion("用工缺多少人？", purpose="安排招聘会", is_required=True),)
    draft = factories.make_campaign(db, begun=False, questions=questions)
    here.post(f"/office/campaigns/{draft.id}/beginning", data={"version": "1"}, status=422)
    lay_down(limit=4, notes="required")
    here.post(f"/office/campaigns/{draft.id}/beginning", data={"version": "1"}, status=303)
