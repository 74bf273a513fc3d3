"""The office's pages of campaigns, who may open them, and every number with the firms behind it."""

from datetime import timedelta

import pytest

from app import clock
from app.audit import store as audit
from app.audit.models import Search
from app.campaigns import store
from app.campaigns.models import NewQuestion, QuestionKind, Status, TargetKind
from app.db import fetch_all, fetch_value
from app.firms.credit_code import check_character
from tests.factories import DISTRICT, OTHER_DISTRICT, make_campaign, make_firm, make_user, make_visit, the_user

TODAY = clock.today()
DAY = timedelta(days=1)
LIST = "/office/campaigns"


def typed(**more) -> dict:
    return {
        "name": "四季度企业大走访",
        "from_on": TODAY.isoformat(),
        "to_on": (TODAY + 9 * DAY).isoformat(),
        "questions-0-text": "订单比去年",
        "questions-0-kind": "choice",
        "questions-0-choices": "增加、减少",
        "questions-0-purpose": "研判行业",
        **more,
    }


def test_from_a_blank_form_to_a_running_campaign(page, db):
    make_firm(db)
    office = page("office")
    blank = office.get("/office/").link("走访活动")
    form = office.get(office.get(blank).link("新活动")).one("#campaign-form")
    answer = office.send(form, status=303, **typed(target="95", target_kind="share", remind_days="3"))
    shown = office.get(answer.headers["Location"])
    assert "草稿" in shown.one(".bar").text and "选中 1 家企业，涉及 1 名服务官。" in shown.read
    assert "每次走访多填 1 项，其中必填 0 项。" in shown.read and "用于：研判行业" in shown.read
    campaign = store.get_campaign(db, 1)
    assert (campaign.target, campaign.target_kind, campaign.remind_days) == (95, TargetKind.SHARE, 3)
    [question] = store.list_questions(db, 1)
    assert (question.kind, question.choices) == (QuestionKind.CHOICE, ("增加", "减少"))
    office.send(shown.one(f"form[action={LIST}/1/beginning]"), status=303)
    assert store.get_campaign(db, 1).status is Status.RUNNING
    running = office.get(f"{LIST}/1")
    assert "进行中" in running.one(".bar").text
    office.send(running.one(f"form[action={LIST}/1/reminder]"), status=303)
    officer = page("officer")
    notice = officer.get("/notices/")
    assert "走访活动里还有企业没走访" in notice.read and "四季度企业大走访" in notice.read
    opened = officer.send(notice.all("form[action^=/notices/]")[-1], status=303)
    assert opened.headers["Location"] == "/firms/?show=unvisited"
    assert not fetch_value(db, "SELECT count(*) FROM notices WHERE read_at IS NULL")
    office.send(running.one(f"form[action={LIST}/1/ending]"), status=303)
    assert store.get_campaign(db, 1).status is Status.ENDED
    actions = [entry["action"] for entry in audit.list_entries(db, Search(objects=("campaign:1",)))]
    assert actions == ["campaign_ended", "campaign_reminded", "campaign_begun", "campaign_changed"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "名" * 41}, "name"),
        ({"to_on": (TODAY - DAY).isoformat()}, "to_on"),
        ({"from_on": (TODAY - 30 * DAY).isoformat(), "to_on": (TODAY + 340 * DAY).isoformat()}, "to_on"),
        ({"from_on": "2026-13-45"}, "from_on"),
        ({"target": "0", "target_kind": "share"}, "target"),
        ({"target": "101", "target_kind": "share"}, "target"),
        ({"target": "x", "target_kind": "count"}, "target"),
        ({"target": "5"}, "target"),
        ({"target_kind": "count"}, "target"),
        ({"remind_days": "40"}, "remind_days"),
        ({"district_ids": "99"}, "district_ids"),
        ({"codes": "不是代码"}, "codes"),
        ({"codes": "91410400XF0000001" + check_character("91410400XF0000001")}, "codes"),  # right, but no firm's
        ({"questions-0-choices": "只有一个"}, "questions-0-choices"),
        ({"questions-0-choices": "、".join("一二三四五六七")}, "questions-0-choices"),
        ({"questions-0-choices": "长" * 21 + "、短"}, "questions-0-choices"),
        ({"questions-0-text": "问" * 61}, "questions-0-text"),
        ({"questions-0-purpose": "", "questions-0-is_required": "y"}, "questions-0-is_required"),
        ({"questions-2-text": "还问", "questions-2-kind": "bogus"}, "questions-2-kind"),
    ],
)  # fmt: skip
def test_nonsense_is_refused_with_what_was_typed(page, db, changed, field):
    answer = page("office").post(LIST, typed(**changed), status=422)
    assert any(node.get("href") == f"#{field}" for node in answer.all(".errors a")), answer.one(".errors").text
    assert answer.one("#campaign-form").field("questions-0-purpose").get("value") == changed.get(
        "questions-0-purpose", "研判行业"
    )
    assert not fetch_value(db, "SELECT count(*) FROM campaigns")


def test_there_is_no_fourth_question(page, db):
    page("office").post(LIST, typed(**{"questions-3-text": "第四问"}), status=303)
    assert [each.text for each in store.list_questions(db, 1)] == ["订单比去年"]


def test_the_burden_rises_as_questions_are_added(page, db):
    make_firm(db, size="小型"), make_firm(db, size="微型")
    office = page("office").htmx
    one = office.post(f"{LIST}/preview", typed(), status=200)
    assert not one.has("html") and "选中 2 家企业" in one.read and "每次走访多填 1 项，其中必填 0 项" in one.read
    more = {
        "questions-1-text": "用工缺口",
        "questions-1-purpose": "招工",
        "questions-1-is_required": "y",
        "sizes": "小型",
    }
    two = office.post(f"{LIST}/preview", typed(**more), status=200)
    assert "选中 1 家企业" in two.read and "多填 2 项，其中必填 1 项。全部走访完共填 2 项" in two.read
    assert "还不能计算" in office.post(f"{LIST}/preview", typed(codes="x"), status=200).read
    assert (
        "一家企业也没有选中"
        in office.post(f"{LIST}/preview", typed(sizes="微型", district_ids="410402"), status=200).read
    )
    assert not fetch_value(db, "SELECT count(*) FROM campaigns")


def test_a_running_campaigns_form(page, db):
    make_firm(db)
    campaign = make_campaign(db, questions=(NewQuestion("订单比去年"),))
    office = page("office")
    form = office.get(f"{LIST}/{campaign.id}/edit").one("#campaign-form")
    assert "from_on" not in form.values and "codes" not in form.values
    office.send(form, status=303, name="改了名")
    old = office.send(form, status=409, name="旧页面")
    assert "刚刚被改过" in old.read and old.one("#campaign-form").field("name").get("value") == "旧页面"
    assert store.get_campaign(db, campaign.id).name == "改了名"
    office.send(office.get(f"{LIST}/{campaign.id}").one(f"form[action={LIST}/{campaign.id}/withdrawal]"), status=303)
    office.get(f"{LIST}/{campaign.id}/edit", status=409)
    office.post(f"{LIST}/{campaign.id}/beginning", {"version": "x"}, status=409)


def test_firms_that_came_later_are_offered(page, db):
    make_firm(db)
    campaign, office = make_campaign(db), page("office")
    assert not office.get(f"{LIST}/{campaign.id}").has(f"form[action={LIST}/{campaign.id}/firms]")
    make_firm(db)
    shown = office.get(f"{LIST}/{campaign.id}")
    assert "另有 1 家企业符合条件" in shown.read
    office.send(shown.one(f"form[action={LIST}/{campaign.id}/firms]"), status=303)
    assert fetch_value(db, "SELECT count(*) FROM campaign_firms") == 2


# ── Who sees what ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def two_districts(db):
    """One visited firm and one that is not on either side of a border; the running campaign."""
    near, far = the_user(db, "officer"), make_user(db, "officer", district_id=OTHER_DISTRICT)
    for officer, mark in ((near, "界内"), (far, "界外")):
        visited = make_firm(db, officer=officer, name=f"{mark}走访过的企业")
        make_firm(db, officer=officer, name=f"{mark}没走访的企业")
        make_visit(db, firm=visited, by=officer, visited_at=None)
    return make_campaign(db, target=4, target_kind=TargetKind.COUNT)


@pytest.mark.parametrize("role", ["dispatcher", "head", "office", "auditor"])
def test_every_number_opens_as_many_firms(page, two_districts, role):
    here = page(role)
    shown = here.get(f"{LIST}/{two_districts.id}")
    links = [(node.text, node.get("href")) for node in shown.all("main a") if "/firms" in (node.get("href") or "")]
    counted = [(int(text), url) for text, url in links if text.isdigit()]
    assert len(counted) >= 4
    for number, url in counted:
        opened = here.get(url)
        assert len(opened.all("a.row")) == number, url
        assert opened.one(".bar small").text == f"{number} 家"
    tiles = list(shown.all("a.kpi"))
    assert f"{1 if role in ('dispatcher', 'head') else 2}/{2 if role in ('dispatcher', 'head') else 4}" in tiles[0].text
    assert ("界外" in here.get(f"{LIST}/{two_districts.id}/firms").read) == (role in ("office", "auditor"))


@pytest.mark.parametrize("role", ["dispatcher", "head"])
def test_the_border_holds(page, two_districts, role):
    here, url = page(role), f"{LIST}/{two_districts.id}/firms"
    here.get(f"{url}?district={OTHER_DISTRICT}", status=404)
    for query in ("", f"?district={DISTRICT}", "?unit=", "?state=unvisited", f"?day={TODAY}"):
        assert "界外" not in here.get(url + query).read
    board = here.get("/review/")
    assert "50%" in board.read and "1/2" in board.read
    assert len(here.get(board.link("1 家还没走访")).all("a.row")) == 1


def test_the_citys_board_has_it_too(page, two_districts):
    board = page("office").get("/review/")
    assert "2/4" in board.read
    assert len(page("office").get(board.link("2 家还没走访")).all("a.row")) == 2
    district = page("office").get(f"/review/districts/{OTHER_DISTRICT}")
    assert "1/2" in district.read and "界外没走访" in page("office").get(district.link("1 家还没走访")).read


def test_nothing_on_the_boards_without_a_campaign(page, db):
    make_firm(db)
    make_campaign(db, begun=False)
    assert "覆盖率" not in page("head").get("/review/").read + page("office").get("/review/").read


def test_drafts_are_the_offices_own(page, db):
    make_firm(db)
    draft = make_campaign(db, begun=False, name="还没定的")
    for role, sees in (("office", True), ("auditor", True), ("head", False), ("dispatcher", False)):
        assert ("还没定的" in page(role).get(LIST).read) == sees
        page(role).get(f"{LIST}/{draft.id}", status=200 if sees else 404)
        page(role).get(f"{LIST}/{draft.id}/firms", status=200 if sees else 404)


@pytest.mark.parametrize("role", ["officer", "handler", "dispatcher", "head", "auditor"])
def test_only_the_office_changes_campaigns(sign_in, db, role):
    make_firm(db)
    campaign, client = make_campaign(db), sign_in(role)
    before = [tuple(row) for row in fetch_all(db, "SELECT * FROM campaigns")]
    for url in (f"{LIST}/new", f"{LIST}/{campaign.id}/edit"):
        assert client.get(url).status_code == 403
    sent = {**typed(), "version": campaign.version}
    for noun in (
        "",
        "/preview",
        *(f"/{campaign.id}{each}" for each in ("", "/beginning", "/ending", "/withdrawal", "/firms", "/reminder")),
    ):
        assert client.post(f"{LIST}{noun}", data=sent).status_code == 403
    if role in ("officer", "handler"):
        for url in (LIST, f"{LIST}/{campaign.id}", f"{LIST}/{campaign.id}/firms"):
            assert client.get(url).status_code == 403
    assert [tuple(row) for row in fetch_all(db, "SELECT * FROM campaigns")] == before


@pytest.mark.parametrize(
    "query", ["state=bogus", "district=x", "district=0", "day=2026-13-01", "day=2019-01-01", "page=0", "page=x",
              "unit=" + "长" * 61]
)  # fmt: skip
def test_addresses_that_no_link_has(page, two_districts, query):
    page("office").get(f"{LIST}/{two_districts.id}/firms?{query}", status=404)
    page("office").get(f"{LIST}/987654/firms", status=404)


def test_no_page_names_an_officer(page, db, two_districts):
    """Coverage is of firms: no list, board or chart of it says who visited how many."""
    names = {row["name"] for row in fetch_all(db, "SELECT name FROM users WHERE role = 'officer'")}
    for url in (LIST, f"{LIST}/{two_districts.id}", f"{LIST}/{two_districts.id}/firms"):
        text = page("head").get(url).one("main").text
        assert not [name for name in names if name in text]


def test_answers_are_counted_and_open_their_visits(page, db):
    near, far = the_user(db, "officer"), make_user(db, "officer", district_id=OTHER_DISTRICT)
    firms = [make_firm(db, officer=near), make_firm(db, officer=near), make_firm(db, officer=far)]
    campaign = make_campaign(db, questions=(NewQuestion("知道吗", QuestionKind.YES_NO), NewQuestion("想要什么")))
    knows, wants = (each.id for each in store.list_questions(db, campaign.id))
    for firm, officer, said in zip(firms, (near, near, far), ("是", "否", "是"), strict=True):
        make_visit(db, firm=firm, by=officer, answers=((knows, said), (wants, f"{firm.id} 号的想法")))
    for role, counts in (("office", [2, 1, 3]), ("head", [1, 1, 2])):
        card = page(role).get(f"{LIST}/{campaign.id}").one("section[aria-labelledby=answers]")
        links = card.all("a")
        assert [int(node.one(".num").text) for node in links] == counts
        for node, number in zip(links, counts, strict=True):
            listed = page(role).get(node.get("href"))
            assert len(listed.all("a.row")) == number and listed.has(".note.blue")
    assert "号的想法" not in card.text, "words are read with their visit, not spread out"
    for query in ("question=987654", "question=x"):
        page("head").get(f"/visits/?{query}", status=404)
    assert len(page("officer").get(f"/visits/?question={knows}&answer=否").all("a.row")) == 1
