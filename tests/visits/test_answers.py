"""A campaign's questions on the visit form, and their answers: shown, in the ledger, and never a reason to refuse."""

from datetime import timedelta

import pytest
from werkzeug.datastructures import MultiDict

from app import clock
from app.campaigns import actions, store
from app.campaigns.models import NewCampaign, NewQuestion, QuestionKind, Step
from app.db import fetch_all, fetch_value
from app.visits.answers import read_answers
from app.visits.forms import new_key
from tests import factories

ORDERS = NewQuestion("订单比去年", QuestionKind.CHOICE, ("增加", "减少"), "研判行业")
KNOWN = NewQuestion("知道免申即享吗", QuestionKind.YES_NO)
WORDS = NewQuestion("最想要的政策", QuestionKind.TEXT)
NEEDED = NewQuestion("用工缺口", QuestionKind.TEXT, (), "下月招聘会按此安排", is_required=True)


@pytest.fixture
def firm(db):
    return factories.make_firm(db, officer=factories.the_user(db, "officer"))


@pytest.fixture
def campaign(db, firm):
    return factories.make_campaign(db, questions=(ORDERS, KNOWN, WORDS))


def ids(db, campaign) -> list[int]:
    return [each.id for each in store.list_questions(db, campaign.id)]


def form_of(page, firm):
    return page("officer").get(f"/visits/new?firm_id={firm.id}")


def answers(db) -> list[tuple]:
    rows = fetch_all(db, "SELECT number, question_id, answer FROM visit_answers ORDER BY visit_id, number")
    return [tuple(row) for row in rows]


def sent(firm, **more) -> dict:
    values = {"firm_id": str(firm.id), "visited_at": "2026-11-20T10:00", "mode": "on_site", **more}
    return {"schema": 1, "record": values, "photos": []}


def put(client, firm, **more):
    return client.put(f"/outbox/visits/{new_key()}", json=sent(firm, **more))


def withdraw(db, campaign):
    office = factories.the_user(db, "office")
    return actions.move_campaign(db, campaign.id, Step.WITHDRAW, version=campaign.version, by=office, now=clock.now())


def test_the_form_asks_what_the_campaign_asks(page, db, firm, campaign):
    shown = form_of(page, firm)
    assert "订单比去年" in shown.read and "用于：研判行业" in shown.read
    orders, known, words = ids(db, campaign)
    form = shown.one("#visit-form")
    assert [node.get("value") for node in form.all(f"input[name=answers-{orders}]")] == ["增加", "减少"]
    assert [node.get("value") for node in form.all(f"input[name=answers-{known}]")] == ["是", "否"]
    assert not [node for node in form.walk() if "required" in node.attrs] and not form.has("[data-needed]")
    answer = page("officer").send(form, status=303, **{f"answers-{orders}": "减少", f"answers-{words}": " 用电优惠 "})
    assert answers(db) == [(orders, orders, "减少"), (words, words, "用电优惠")]
    receipt = page("officer").get(answer.headers["Location"])
    pairs = dict(zip([n.text for n in receipt.all("dt")], [n.text for n in receipt.all("dd")], strict=True))
    assert pairs["订单比去年"] == "减少" and pairs["最想要的政策"] == "用电优惠" and "知道免申即享吗" not in pairs
    assert "订单比去年" not in form_of(page, firm).read, "what was answered is not asked again"


def test_nothing_need_be_answered(page, db, firm, campaign):
    page("officer").send(form_of(page, firm).one("#visit-form"), status=303)
    assert answers(db) == [] and fetch_value(db, "SELECT count(*) FROM visits") == 1
    assert "订单比去年" in form_of(page, firm).read


def test_firms_outside_are_not_asked(page, db, firm, campaign):
    other = factories.make_firm(db, officer=factories.the_user(db, "officer"))
    assert "订单比去年" not in form_of(page, other).read
    withdraw(db, campaign)
    assert "订单比去年" not in form_of(page, firm).read


def test_in_english(page, db, firm, campaign):
    here = page("officer")
    here.client.set_cookie("language", "en")
    shown = here.get(f"/visits/new?firm_id={firm.id}")
    known = ids(db, campaign)[1]
    labels = [node.parent.text for node in shown.all(f"input[name=answers-{known}]")]
    assert labels == ["Yes", "No"]
    answer = here.send(shown.one("#visit-form"), status=303, **{f"answers-{known}": "是"})
    assert "Yes" in [node.text for node in here.get(answer.headers["Location"]).all("dd")]
    assert answers(db) == [(known, known, "是")]


def test_what_must_be_answered_asks_whoever_types_on_a_page(page, db, firm):
    campaign = factories.make_campaign(db, questions=(NEEDED,))
    [needed] = ids(db, campaign)
    shown = form_of(page, firm)
    assert shown.one("[data-needed]").has("[role=alert]") and "（可不填）" not in shown.one("[data-needed]").text
    refused = page("officer").send(shown.one("#visit-form"), status=422, notes="订单足")
    assert refused.has(f".errors a[href='#answers-{needed}']")
    assert refused.one("#visit-form").values["notes"] == "订单足"
    page("officer").send(refused.one("#visit-form"), status=303, **{f"answers-{needed}": "三人"})
    assert answers(db) == [(needed, needed, "三人")]


@pytest.mark.parametrize("text", ["字" * 201, "a\0b"])
def test_a_page_refuses_what_does_not_fit(page, db, firm, campaign, text):
    words = ids(db, campaign)[2]
    page("officer").send(form_of(page, firm).one("#visit-form"), status=422, **{f"answers-{words}": text})
    assert fetch_value(db, "SELECT count(*) FROM visits") == 0


# ── What a phone froze ──────────────────────────────────────────────────────────────────────────────────────────────


def test_frozen_before_between_and_after(db, sign_in, firm):
    """Before there was a campaign, with a question since dropped, after its end, and by a rule that came later."""
    client = sign_in("officer")
    assert put(client, firm).status_code == 200
    campaign = factories.make_campaign(db, questions=(ORDERS,))
    [orders] = ids(db, campaign)
    changed = NewCampaign(campaign.name, campaign.from_on, campaign.to_on, questions=(NEEDED,))
    office = factories.the_user(db, "office")
    campaign = actions.update_campaign(db, campaign.id, changed, version=campaign.version, by=office, now=clock.now())
    assert put(client, firm, **{f"answers-{orders}": "增加"}).status_code == 200, "the needed one is not asked of it"
    assert answers(db) == [(orders, orders, "增加")]
    withdraw(db, campaign)
    assert put(client, firm, **{f"answers-{orders}": "原来没有的选项"}).status_code == 200
    assert answers(db)[-1] == (orders, orders, "原来没有的选项")


def test_answers_to_questions_never_known_are_kept_as_text(db, sign_in, page, firm):
    client = sign_in("officer")
    answer = put(client, firm, **{"answers-4711": "持平", "answers-4712": ["", "第二个"], "answers-4713": "  "})
    assert answer.status_code == 200
    assert answers(db) == [(4711, None, "持平"), (4712, None, "第二个")]
    shown = page("officer").get(answer.json["url"])
    assert "第 4711 号问题（已查不到）" in shown.read and "持平" in shown.read


def test_no_answer_is_too_strange_to_keep(db, sign_in, firm, campaign):
    words = ids(db, campaign)[2]
    for text, kept in (("字" * 5000, "字" * 5000), ("a\0\ud800b\u200b", "ab"), ("两\r\n行", "两 行"), ("\0", None)):
        before = len(answers(db))
        assert put(sign_in("officer"), firm, **{f"answers-{words}": text}).status_code == 200
        assert [each[2] for each in answers(db)[before:]] == ([kept] if kept else [])


def test_the_same_sending_twice_is_one_and_other_answers_are_another_record(db, sign_in, firm, campaign):
    client, key, orders = sign_in("officer"), new_key(), ids(db, campaign)[0]
    body = sent(firm, **{f"answers-{orders}": "增加"})
    first, again = (client.put(f"/outbox/visits/{key}", json=body) for _ in range(2))
    assert first.json == again.json and len(answers(db)) == 1
    other = sent(firm, **{f"answers-{orders}": "减少"})
    assert client.put(f"/outbox/visits/{key}", json=other).status_code == 409
    typed = {"client_key": key, **body["record"]}
    assert client.post("/visits/", data=typed).status_code == 303, "the plain form of the same visit is the same"
    assert len(answers(db)) == 1


def test_names_that_are_no_answers():
    fields = MultiDict(
        {"answers-": "x", "answers-x": "x", "answers-1-2": "x", "answers-9999999999": "x", "answers-7": "是"}
    )
    assert read_answers(fields) == ((7, "是"),)


def test_answers_stand_in_the_ledger(db, app, firm, campaign):
    from app.reports import ledgers

    orders, known, _words = ids(db, campaign)
    visit_id = factories.make_visit(db, firm=firm, answers=((orders, "增加"), (known, "否"), (99, "别的")))
    with app.test_request_context():
        [cells] = ledgers.visit_rows(db, lambda after: [] if after else [visit_id], has_contacts=False)
    assert cells[-1] == "谈到：生产经营；订单比去年：增加；知道免申即享吗：否；#99：别的"


def test_a_late_record_counts_on_the_day_of_its_visit(page, db, sign_in, firm):
    day = clock.today() - timedelta(days=2)
    campaign = factories.make_campaign(db)
    office = factories.the_user(db, "office")
    campaign = actions.move_campaign(db, campaign.id, Step.END, version=campaign.version, by=office, now=clock.now())
    assert put(sign_in("officer"), firm, visited_at=f"{day}T10:00").status_code == 200
    shown = page("office").get(f"/office/campaigns/{campaign.id}")
    assert "1/1" in shown.read
    assert firm.name in page("office").get(f"/office/campaigns/{campaign.id}/firms?day={day}").read
