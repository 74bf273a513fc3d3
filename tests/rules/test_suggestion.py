"""What a text suggests, by which words, and when nothing is said."""

import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.rules import accuracy, learned
from app.rules.suggestion import Example, Hint, best, learn, suggest, suggest_departments
from tests import factories

POWER, WATER, LABOUR = 39, 40, 9
ENERGY, STAFF = 4, 2
HINTS = [
    Hint(("停电", "增容", "电压", "报装"), ENERGY, POWER),
    Hint(("停水", "水压", "自来水"), ENERGY, WATER),
    Hint(("招工", "社保", "工资"), STAFF, LABOUR),
]
HISTORY = [
    Example("变压器太小，机器带不动", ENERGY, POWER),
    Example("老变压器常跳闸，影响生产", ENERGY, POWER),
    Example("换一台大的变压器，要等多久", ENERGY, POWER),
    Example("变压器烧了，停产两天", ENERGY, POWER),
    Example("招不到熟练工，订单做不完", STAFF, LABOUR),
    Example("熟练工都走了，新人不会", STAFF, LABOUR),
    Example("想找熟练工，哪里有培训", STAFF, LABOUR),
]
MODEL = learn(HISTORY, HINTS)


@pytest.mark.parametrize(
    ("text", "category_id", "department_id", "word"),
    [
        ("增容申请没有答复", ENERGY, POWER, "增容"),
        ("车间水压太低", ENERGY, WATER, "水压"),
        ("工资和社保怎么交", STAFF, LABOUR, "社保"),
        ("变压器跳闸，老变压器该换了", ENERGY, POWER, "变压器"),
        ("熟练工难找，订单做不完", STAFF, LABOUR, "熟练工"),
        ("自来水\N{FULLWIDTH COMMA}停水", ENERGY, WATER, "自来水"),
    ],
)
def test_what_a_text_suggests_and_why(text, category_id, department_id, word):
    first = suggest(MODEL, text)[0]
    assert (first.category_id, first.department_id) == (category_id, department_id)
    assert word in first.words
    alone = suggest_departments(MODEL, text)[0]
    assert (alone.category_id, alone.department_id) == (None, department_id)


@pytest.mark.parametrize("text", ["", "没有", "今天天气不错，聊得很好", "12345 67890", "……！？", "the quick brown fox"])
def test_nothing_is_said_without_evidence(text):
    assert suggest(MODEL, text) == []
    assert suggest_departments(MODEL, text) == []


def test_an_empty_model_says_nothing():
    assert suggest(learn([], []), "变压器增容") == []
    assert best(learn([], []), "变压器增容", 3) == ([], [])


def test_a_department_that_has_just_declined_is_left_out():
    assert POWER not in [each.department_id for each in suggest_departments(MODEL, "增容 停水", without=(POWER,))]


def test_an_example_without_a_category_teaches_the_department_alone():
    model = learn([Example("锅炉年检排不上队", None, 25), Example("锅炉年检又过期了", None, 25)], HINTS)
    assert suggest_departments(model, "锅炉年检要排队")[0].department_id == 25
    assert suggest(model, "锅炉年检要排队") == []


def test_full_width_and_capitals_are_the_same():
    model = learn([], [Hint(("5g信号",), 18, 13)])
    assert suggest(model, "没有５Ｇ信号")[0].category_id == 18


@given(st.text(max_size=300))
def test_any_text_is_taken(text):
    for each in suggest(MODEL, text) + suggest_departments(MODEL, text):
        assert 0 <= each.score <= 1.000001
        assert each.words


@given(st.lists(st.sampled_from([*"停电增容水压招工社保变压器熟练，。 的了很"]), max_size=40).map("".join))
def test_the_words_stand_in_the_text_and_scores_fall(text):
    found = suggest(MODEL, text)
    assert all(word in text for each in found for word in each.words)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert suggest(MODEL, text) == found


def test_learning_and_suggesting_are_quick():
    many = [Example(f"{each.text}，第{nth}次反映，{'请尽快协调解决' * 10}", each.category_id, each.department_id)
            for nth in range(215) for each in HISTORY]  # fmt: skip
    started = time.perf_counter()
    model = learn(many, HINTS)
    learning = time.perf_counter() - started
    started = time.perf_counter()
    for _nth in range(20):
        suggest(model, "变压器增容申请两个月没有答复，" * 20)
    assert learning < 2, f"{len(many)} examples: {learning:.2f} s (0.15 s on a quiet machine)"
    assert (time.perf_counter() - started) / 20 < 0.1


def test_accuracy_is_measured_on_what_was_not_learned():
    found = accuracy.measure(HISTORY * 3, HINTS)
    assert set(found) == {"random", "new wording"}
    for each in found.values():
        assert each.count == 3 * len(HISTORY)
        assert 0 <= each.category_first <= each.category_among_three <= 1
        assert 0 <= each.department_first <= each.department_among_three <= 1
    assert found["random"].category_first > 0.9
    assert accuracy.measure([], HINTS)["random"].category_first == 0


def test_only_what_went_to_the_right_place_teaches(app, db):
    factories.make_issue(db, status="submitted", title="未派出")
    factories.make_issue(db, status="dispatched", title="未签收")
    factories.make_issue(db, status="returned", title="退回过")
    factories.make_issue(db, status="void", title="作废了")
    right = factories.make_issue(db, status="in_progress", title="签收了", category_id=factories.ROUTED)
    odd = factories.make_issue(db, status="closed", title="其他类办结了")
    returned = factories.make_issue(db, status="returned", title="改派过")
    factories.move(db, factories.move(db, returned, "redispatch"), "accept")
    found = {each.text.split("\n")[0]: each for each in learned.list_examples(db)}
    assert set(found) == {"签收了", "其他类办结了"}
    assert (found["签收了"].category_id, found["签收了"].department_id) == (factories.ROUTED, right.department_id)
    assert found["其他类办结了"].category_id is None, "what nobody can place is no category to suggest"
    assert found["其他类办结了"].department_id == odd.department_id


def test_what_was_found_to_be_nobodys_business_does_not_teach(db):
    issue = factories.make_issue(db, status="in_progress", title="不归它管")
    factories.move(db, issue, "answer", outcome="out_of_remit")
    assert learned.list_examples(db) == []


def test_the_model_is_kept_and_learned_anew(app, db, now):
    factories.make_issue(db, status="in_progress")
    with app.app_context():
        first = learned.model_of(db, now=now)
        assert first.example_count == 1
        factories.make_issue(db, status="in_progress")
        assert learned.model_of(db, now=now + timedelta(seconds=30)) is first, "counted again after a minute"
        second = learned.model_of(db, now=now + timedelta(seconds=90))
        assert second.example_count == 2
        assert learned.model_of(db, now=now + timedelta(minutes=9)) is second
        assert learned.model_of(db, now=now + timedelta(minutes=12)) is not second


def _ask(client, title="", description=""):
    return client.post("/issues/suggestion", data={"title": title, "description": description})


def test_the_officer_is_offered_categories(page):
    officer = page("officer")
    answer = officer.post("/issues/suggestion", {"title": "变压器增容申请两个月没有答复"}, status=200)
    button = answer.all("button[data-category]")[0]
    assert button.get("data-category") == "4" and button.get("type") == "button"
    assert "因为写到" in answer.read and "增容" in answer.read


@pytest.mark.parametrize("text", ["", "增容", "今天天气不错，聊得很好", "\0\0\0\0\0\0\0\0", "字" * 4001, "\ud7ff" * 50])
def test_nothing_is_offered_for_little_or_nonsense(sign_in, text):
    answer = _ask(sign_in("officer"), title=text[:200], description=text)
    assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize("role", ["handler", "dispatcher", "head", "office", "auditor"])
def test_who_records_no_visits_is_not_offered_any(sign_in, role):
    assert _ask(sign_in(role), title="变压器增容申请").status_code == 403


def test_the_visit_form_has_a_place_for_it_and_applies_nothing(page, db):
    firm = factories.make_firm(db)
    answer = page("officer").get(f"/visits/new?firm_id={firm.id}")
    assert answer.one("#visit-form").get("data-suggestion-url") == "/issues/suggestion"
    boxes = answer.all("[data-suggestion]")
    assert len(boxes) == 5 and all("hidden" in box.attrs for box in boxes)
    assert not [
        node for node in answer.all("input[type=radio]") if "category" in node.get("name") and "checked" in node.attrs
    ]


def test_the_dispatcher_is_offered_departments(page, db):
    issue = factories.make_issue(db, title="变压器增容申请两个月没有答复", description="")
    answer = page("dispatcher").get(f"/issues/{issue.id}/dispatch")
    assert answer.all("button[data-department]")[0].get("data-department") == "39"
    assert answer.one("form#move-form").values["department_id"] == "", "never chosen by itself"
    other = factories.make_issue(db, title="说不清的一件事", description="")
    assert not page("dispatcher").get(f"/issues/{other.id}/dispatch").has("[data-department]")


def test_who_sent_it_back_is_not_offered_again(page, db):
    issue = factories.make_issue(db, status="returned", title="变压器增容申请两个月没有答复", description="")
    answer = page("dispatcher").get(f"/issues/{issue.id}/redispatch")
    assert "39" not in [node.get("data-department") for node in answer.all("[data-department]")]
