"""The office's routing rules: shown, tried, laid down from a day on and ended, each change in the audit log."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import clock
from app.audit import store as audit
from app.audit.models import Search
from app.errors import Conflict, Invalid, NotFound
from app.rules import routing, routing_actions
from app.rules import store as rules
from app.rules.routing import Edge, NewRule, Rule, edge, explain, in_order
from tests import factories

ENERGY, OTHER = 4, 20
TODAY = clock.today()
TOMORROW = TODAY + timedelta(days=1)


def new_rule(**more) -> NewRule:
    values = {
        "category_id": OTHER, "district_id": None, "keywords": ("锅炉",), "department_id": 25, "assisting_ids": (),
        "valid_from": TODAY,
    }  # fmt: skip
    return NewRule(**{**values, **more})


def add(db, *, replaces=None, **more) -> Rule:
    office = factories.the_user(db, "office")
    rule_id = routing_actions.add_rule(db, new_rule(**more), replaces=replaces, by=office, now=clock.now())
    return rules.get_routing_rule(db, rule_id)


def entries(db) -> list:
    return audit.list_entries(db, Search(action="rule_changed"))


def typed(**more) -> dict:
    values = {
        "category_id": OTHER,
        "keywords": "锅炉 电梯",
        "department_id": 25,
        "valid_from": TODAY.isoformat(),
        "note": "特种设备",
    }
    return {**values, **more}


# ── Who may look, who may change ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", ["dispatcher", "head", "office", "auditor"])
def test_the_rules_can_be_read_and_tried(page, role):
    answer = page(role).get("/office/routing")
    assert "平顶山燃气公司" in answer.read and routing.PRECEDENCE in answer.read
    assert answer.has("a[href^=/office/routing/]") == (role == "office")
    tried = page(role).send(answer.one("form[action=/office/routing/trial]"), text="天然气气压不足", status=200)
    assert "平顶山燃气公司" in tried.one("#trial").text


@pytest.mark.parametrize("role", ["officer", "handler"])
def test_the_rules_are_not_for_everyone(sign_in, role):
    client = sign_in(role)
    assert client.get("/office/routing").status_code == 403
    assert client.post("/office/routing/trial", data={"text": "停水"}).status_code == 403


@pytest.mark.parametrize("role", ["dispatcher", "head", "auditor"])
def test_only_the_office_changes_them(sign_in, db, role):
    client = sign_in(role)
    before = rules.list_routing_rules(db)
    assert client.get("/office/routing/new").status_code == 403
    assert client.get("/office/routing/11").status_code == 403
    assert client.post("/office/routing", data=typed()).status_code == 403
    assert client.post("/office/routing/11/ending", data={"on": TODAY.isoformat()}).status_code == 403
    assert rules.list_routing_rules(db) == before


def test_the_menu_leads_there(page):
    assert page("dispatcher").get("/review/").link("派单规则") == "/office/routing"
    assert page("office").get("/office/").link("派单规则") == "/office/routing"


def test_one_category(page):
    answer = page("auditor").get(f"/office/routing?category={ENERGY}")
    assert "平顶山燃气公司" in answer.read and "市税务局" not in answer.read.split("正在执行")[1]
    for nonsense in ("0", "99", "x", "-1", "4;", "9" * 30):
        page("auditor").get(f"/office/routing?category={nonsense}", status=404)


# ── Trying ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_trial_says_who_and_why(page):
    answer = page("dispatcher").post(
        "/office/routing/trial", {"text": "天然气气压不足", "category_id": ENERGY}, status=200
    )
    box = answer.one("#trial")
    assert "命中关键词：天然气、气压" in box.text
    assert "优先于不限条件的规则" in box.text
    assert [node.text.split(" ")[0] for node in box.all("ol.line li")] == ["平顶山燃气公司", "国网平顶山供电公司"]


def test_a_trial_in_a_district_with_a_rule_of_its_own(page):
    asked = {"text": "道路坑洼", "category_id": 18}
    city = page("office").post("/office/routing/trial", asked, status=200).one("#trial")
    zone = page("office").post("/office/routing/trial", {**asked, "district_id": 410472}, status=200).one("#trial")
    assert "本区县专门规则" in zone.text and "本区县专门规则" not in city.text
    assert zone.all("ol.line li")[0].text != city.all("ol.line li")[0].text


def test_a_trial_without_a_category_suggests_one(page):
    answer = page("office").htmx.post("/office/routing/trial", {"text": "变压器增容两个月没有答复"}, status=200)
    assert not answer.has("html") and "水电气暖用能" in answer.read and "因为写到" in answer.read


def test_a_trial_that_no_rule_fits(page):
    answer = page("office").post("/office/routing/trial", {"text": "说不清楚", "category_id": OTHER}, status=200)
    assert "由区县营商办研判派单" in answer.one("#trial").text
    answer = page("office").post("/office/routing/trial", {"text": "说不清楚"}, status=200)
    assert "请选一个类别" in answer.one("#trial").text


def test_a_trial_says_what_a_report_does(page, db):
    add(db, keywords=("锅炉",))
    answer = page("office").post("/office/routing/trial", {"text": "锅炉年检", "category_id": OTHER}, status=200)
    issue = factories.make_issue(db, status="dispatched", title="锅炉年检", category_id=OTHER)
    assert issue.department_id == 25
    assert issue.department in answer.one("#trial").text


@pytest.mark.parametrize(
    "sent", [{}, {"text": ""}, {"text": "字" * 2001}, {"text": "a\0b"}, {"text": "停水", "category_id": "99"},
             {"text": "停水", "district_id": "x"}, {"text": "停水", "category_id": "9" * 40}],
)  # fmt: skip
def test_a_trial_of_nonsense_is_refused_in_words(page, sent):
    answer = page("office").post("/office/routing/trial", sent, status=422)
    assert answer.one("#trial").has(".err")


# ── Laying down ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_new_rule_through_its_form(page, db):
    office = page("office")
    form = office.get(f"/office/routing/new?category={OTHER}").one("#rule-form")
    assert form.values["category_id"] == str(OTHER)
    answer = office.send(form, status=303, **{**typed(), "assisting_ids": ["35"]})
    shown = office.follow(answer)
    assert "锅炉、电梯" in shown.read and "特种设备" in shown.read
    rule = rules.list_routing_rules(db, category_id=OTHER)[-1]
    assert (rule.keywords, rule.department_id, rule.assisting_ids, rule.valid_from, rule.valid_to) == (
        ("锅炉", "电梯"), 25, (35,), TODAY, None,
    )  # fmt: skip
    assert [row["object"] for row in entries(db)] == [f"rule:{rule.id}"]
    assert entries(db)[0]["detail"] == f"其他 · 锅炉 电梯 → 市场监管局 + 消防支队, {TODAY}"
    assert audit.first_broken_entry(db) is None


def test_the_next_version_ends_the_one_before(page, db):
    old = add(db)
    office = page("office")
    form = office.get(f"/office/routing/{old.id}").one("#rule-form")
    assert form.values["keywords"] == "锅炉"
    office.send(form, status=303, department_id="22", valid_from=TOMORROW.isoformat())
    fresh = rules.list_routing_rules(db, category_id=OTHER)
    assert [(rule.department_id, rule.valid_from, rule.valid_to) for rule in fresh] == [
        (25, TODAY, TOMORROW), (22, TOMORROW, None),
    ]  # fmt: skip
    assert len(entries(db)) == 3
    listed = office.get(f"/office/routing?category={OTHER}").read
    assert "将要执行" in listed and "停用" in listed
    for on, department_id in ((TODAY, 25), (TOMORROW, 22)):
        found = routing.route(fresh, category_id=OTHER, district_id=None, text="锅炉", on=on)
        assert found.department_id == department_id


def test_a_rule_for_the_same_case_ends_the_older_by_itself(db):
    old = add(db)
    add(db, department_id=22, valid_from=TOMORROW)
    assert rules.get_routing_rule(db, old.id).valid_to == TOMORROW


def test_a_mistake_of_the_same_day_is_put_right(db):
    wrong = add(db)
    right = add(db, department_id=22)
    assert rules.get_routing_rule(db, wrong.id).valid_to == TODAY
    known = rules.list_routing_rules(db)
    assert routing.route(known, category_id=OTHER, district_id=None, text="锅炉", on=TODAY).rule == right


def test_sending_twice_lays_down_one(page, db):
    office = page("office")
    office.post("/office/routing", typed(), status=303)
    answer = office.post("/office/routing", typed(), status=422)
    assert "完全一样" in answer.read
    assert len(rules.list_routing_rules(db, category_id=OTHER)) == 1
    assert len(entries(db)) == 1


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"category_id": 99}, "category_id"),
        ({"district_id": 999}, "district_id"),
        ({"department_id": 999}, "department_id"),
        ({"assisting_ids": (25,)}, "assisting_ids"),
        ({"assisting_ids": (999,)}, "assisting_ids"),
        ({"valid_from": TODAY - timedelta(days=1)}, "valid_from"),
    ],
)
def test_nonsense_is_refused(db, more, field):
    with pytest.raises(Invalid) as refused:
        add(db, **more)
    assert field in refused.value.fields
    assert entries(db) == []


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"category_id": ""}, "category_id"),
        ({"category_id": "99"}, "category_id"),
        ({"department_id": ""}, "department_id"),
        ({"department_id": "x"}, "department_id"),
        ({"district_id": "1"}, "district_id"),
        ({"keywords": "水"}, "keywords"),
        ({"keywords": "字" * 21}, "keywords"),
        ({"keywords": " ".join(f"词语{nth}" for nth in range(31))}, "keywords"),
        ({"keywords": "a\0bc"}, "keywords"),
        ({"valid_from": ""}, "valid_from"),
        ({"valid_from": "2020-01-01"}, "valid_from"),
        ({"valid_from": "9999-12-31"}, "valid_from"),
        ({"valid_from": "tomorrow"}, "valid_from"),
        ({"assisting_ids": ["25"]}, "assisting_ids"),
        ({"note": "字" * 201}, "note"),
    ],
)
def test_nonsense_is_refused_in_words_beside_its_field(page, db, more, field):
    answer = page("office").post("/office/routing", typed(**more), status=422)
    assert answer.has(f"#{field}-error")
    assert entries(db) == []


def test_overlaps_are_refused(db):
    add(db, valid_from=TOMORROW)
    with pytest.raises(Invalid) as refused:
        add(db, department_id=22)  # the same case, but the other begins later
    assert "keywords" in refused.value.fields
    with pytest.raises(Invalid) as refused:
        add(db, keywords=("锅炉", "电梯"))  # one word would lead to two places
    assert refused.value.params["word"] == "锅炉"
    add(db, keywords=("锅炉", "电梯"), district_id=factories.DISTRICT)  # a district's own rule is no rival
    add(db, keywords=("锅炉",), category_id=13, valid_from=TOMORROW)  # nor is another category's


def test_a_next_version_may_not_take_anothers_words(db):
    first, second = add(db), add(db, keywords=("电梯",))
    with pytest.raises(Invalid):
        add(db, keywords=("锅炉",), department_id=22, replaces=second.id)
    with pytest.raises(Invalid):
        add(db, keywords=("电梯", "锅炉"), replaces=second.id)
    assert rules.get_routing_rule(db, first.id) == first and rules.get_routing_rule(db, second.id) == second


def test_a_version_begins_no_earlier_than_the_one_it_replaces(db):
    later = add(db, valid_from=TOMORROW)
    with pytest.raises(Invalid) as refused:
        add(db, department_id=22, replaces=later.id)
    assert "valid_from" in refused.value.fields


def test_what_is_gone_cannot_be_replaced(page, db):
    old = add(db)
    add(db, department_id=22, replaces=old.id)
    with pytest.raises(Conflict):
        add(db, department_id=35, replaces=old.id)
    with pytest.raises(NotFound):
        add(db, replaces=987654)
    answer = page("office").post(
        "/office/routing", typed(replaces=old.id, keywords="锅炉", department_id=35), status=409
    )
    assert "刚刚被改过" in answer.read
    page("office").post("/office/routing", typed(replaces="987654"), status=404)
    page("office").post("/office/routing", typed(replaces="x"), status=422)


# ── Ending ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_rule_ends_from_a_day_on(page, db):
    rule = add(db)
    office = page("office")
    form = office.get(f"/office/routing/{rule.id}").one(f"form[action=/office/routing/{rule.id}/ending]")
    answer = office.send(form, status=303, on=TOMORROW.isoformat())
    assert "停用" in office.follow(answer).read
    assert rules.get_routing_rule(db, rule.id).valid_to == TOMORROW
    assert entries(db)[0]["detail"] == f"– {TOMORROW}"
    again = office.post(f"/office/routing/{rule.id}/ending", {"on": TOMORROW.isoformat()}, status=422)
    assert again.has("#on-error")
    office.post(f"/office/routing/{rule.id}/ending", {"on": TODAY.isoformat()}, status=303)
    office.post(f"/office/routing/{rule.id}/ending", {"on": TODAY.isoformat()}, status=409)
    assert len(entries(db)) == 3


@pytest.mark.parametrize("on", ["", "x", "2020-01-01", "9999-01-01", "2026-13-40"])
def test_an_end_of_nonsense_is_refused(page, db, on):
    rule = add(db)
    answer = page("office").post(f"/office/routing/{rule.id}/ending", {"on": on}, status=422)
    assert answer.has("#on-error")
    assert rules.get_routing_rule(db, rule.id) == rule


def test_an_end_before_the_beginning_is_refused(db):
    rule, office = add(db, valid_from=TOMORROW), factories.the_user(db, "office")
    with pytest.raises(Invalid):
        routing_actions.end_rule(db, rule.id, on=TODAY, by=office, now=clock.now())
    with pytest.raises(Invalid):
        routing_actions.end_rule(db, rule.id, on=TODAY - timedelta(days=1), by=office, now=clock.now())
    with pytest.raises(NotFound):
        routing_actions.end_rule(db, 987654, on=TODAY, by=office, now=clock.now())


def test_a_change_and_its_audit_entry_are_one(db, monkeypatch):
    old = add(db)
    count = len(entries(db))

    def fail(*_args, **_more):
        raise RuntimeError

    monkeypatch.setattr(routing_actions.audit, "add_entry", fail)
    with pytest.raises(RuntimeError):
        add(db, department_id=22, replaces=old.id)
    monkeypatch.undo()
    assert rules.get_routing_rule(db, old.id) == old
    assert len(rules.list_routing_rules(db, category_id=OTHER)) == 1 and len(entries(db)) == count


def test_what_was_dispatched_stays(db):
    old = add(db)
    issue = factories.make_issue(db, status="dispatched", title="锅炉坏了", category_id=OTHER)
    add(db, department_id=22, replaces=old.id)
    assert factories.issue_store.get_issue_for_system(db, issue.id, now=clock.now()).department_id == 25


# ── Words, and any nonsense ─────────────────────────────────────────────────────────────────────────────────────────


def test_what_puts_a_rule_first():
    plain = Rule(1, 4, None, (), 39, (), date(2025, 1, 1))
    keyword, local = replace(plain, id=2, keywords=("停水",)), replace(plain, id=3, district_id=410402)
    newer, twin = replace(plain, id=4, valid_from=date(2026, 1, 1)), replace(plain, id=5)
    cases = [
        ((plain,), Edge.ALONE), ((plain, keyword), Edge.KEYWORD), ((plain, local), Edge.DISTRICT),
        ((plain, newer), Edge.NEWER), ((plain, twin), Edge.FIRST), ((local, newer), Edge.DISTRICT),
    ]  # fmt: skip
    for known, wanted in cases:
        found = explain(known, category_id=4, district_id=410402, text="停水", on=date(2026, 3, 1))
        assert edge(found) is wanted
        assert in_order(known) == [each.rule for each in found]
    assert set(routing.EDGE_NAMES) == set(Edge)


_JUNK = st.one_of(
    st.text(max_size=30),
    st.integers(-5, 60).map(str),
    st.sampled_from(["4", "25", "410402", TODAY.isoformat(), "9" * 19, "\0", "٤"]),
)
_NAMES = [
    "category_id",
    "district_id",
    "keywords",
    "department_id",
    "assisting_ids",
    "valid_from",
    "note",
    "replaces",
    "text",
    "on",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(
        [
            "/office/routing",
            "/office/routing/trial",
            "/office/routing/1/ending",
            "/office/routing/0/ending",
            "/issues/suggestion",
        ]
    ),
    sent=st.dictionaries(st.sampled_from(_NAMES), _JUNK),
)
def test_nonsense_never_fails(office_client, path, sent):
    assert office_client.post(path, data=sent).status_code < 500


@pytest.fixture
def office_client(sign_in):
    return sign_in("office")
