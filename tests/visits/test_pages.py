"""The officer's first page, the picker, the form, the receipt and the list, as they are read."""

from datetime import timedelta

import pytest

from app import clock
from app.issues.lifecycle import Status
from app.photos import files
from tests import factories


@pytest.fixture
def officer(db):
    return factories.the_user(db, "officer")


@pytest.fixture
def firm(db, officer):
    return factories.make_firm(db, officer=officer, name="平顶山市示例机械制造有限公司")


def test_today_for_somebody_new(page):
    read = page("officer").get("/").read
    assert "没有等您处理的问题" in read and "还没有走访记录" in read


def test_today_puts_her_own_moves_first(page, db, officer, firm):
    made = {
        status: factories.make_issue(db, firm=firm, status=status)
        for status in (Status.CALLBACK, Status.PROPOSED, Status.NEEDS_INFO, Status.IN_PROGRESS, Status.CLOSED)
    }
    rows = page("officer").get("/").all("a[href^=/issues/]")
    addresses = [row.get("href") for row in rows if (row.get("href") or "")[8:].isdigit()]
    assert addresses == [f"/issues/{made[each].id}" for each in (Status.NEEDS_INFO, Status.PROPOSED, Status.CALLBACK)]
    text = " ".join(row.text for row in rows)
    assert "请补充：请补充门牌号。" in text and "请与企业核实" in text and "二维码" in text


def test_a_day_that_is_provisional_says_so_wherever_it_stands(page, db, officer, firm):
    """Beyond the last calendar that the State Council published, a day may still move."""
    visit = factories.make_visit(db, firm=firm, by=officer)
    issue = factories.make_issue(db, firm=firm, status=Status.IN_PROGRESS)
    db.conn.execute("UPDATE issues SET visit_id = ?, is_due_provisional = 1", (visit,))
    for url in (f"/visits/{visit}", "/issues/", f"/issues/{issue.id}"):
        assert "暂定" in page("officer").get(url).read, url


def test_today_shows_the_running_campaign(page, db, officer, firm):
    visited = factories.make_firm(db, officer=officer)
    factories.make_campaign(db)
    factories.make_visit(db, firm=visited, by=officer)
    answer = page("officer").get("/")
    assert answer.one("progress").attrs["value"] == "1" and answer.one("progress").attrs["max"] == "2"
    assert answer.has(f"a[href='/visits/new?firm_id={firm.id}']")
    assert not answer.has(f"a[href='/visits/new?firm_id={visited.id}']")
    assert visited.name in answer.one("main").text


def test_the_picker_leads_to_the_form(page, firm):
    answer = page("officer").get("/visits/new")
    assert answer.one("#firms-list a.row").get("href") == f"/visits/new?firm_id={firm.id}"
    assert not page("officer").htmx.get("/visits/new?q=示例").has("html")


def test_the_form_begins_filled(page, firm):
    form = page("officer").get(f"/visits/new?firm_id={firm.id}").one("#visit-form")
    values = form.values
    assert values["firm_id"] == str(firm.id) and values["mode"] == "on_site"
    assert values["visited_at"] == clock.local(clock.now()).strftime("%Y-%m-%dT%H:%M")
    assert values["issues-4-kind"] == "help" and values["issues-0-urgency"] == "normal"
    assert not [node for node in form.walk() if "required" in node.attrs], "a closed problem would hold the form up"


def test_each_category_says_where_it_leads_before_it_is_sent(page, firm):
    form = page("officer").get(f"/visits/new?firm_id={firm.id}").one("#visit-form")
    chips = form.one("#problem-0").one(".cats")
    assert len(chips.all("input[name=issues-0-category_id]")) == len(chips.all("span.forecast")) == 20
    told = " ".join(each.text for each in chips.all("span.forecast"))
    assert "交国网平顶山供电公司办理，5 个工作日内答复" in told
    assert chips.all("span.forecast")[-1].text == "由区县营商办受理派单，24 小时内派出"
    nodes = [node for node in chips.children if not isinstance(node, str)]
    radios = [nth for nth, node in enumerate(nodes) if node.get("type") == "radio"]
    assert all(nodes[nth + 1].tag == "label" and "forecast" in nodes[nth + 2].attrs["class"] for nth in radios)


@pytest.mark.parametrize("firm_id", ["999999", "0", "x", "-1", "1" * 40])
def test_no_form_for_a_firm_that_is_not_hers(page, firm, firm_id):
    page("officer").get(f"/visits/new?firm_id={firm_id}", status=404)


def test_only_officers_record(page, firm):
    for role in ("dispatcher", "head", "office", "auditor", "handler"):
        page(role).get("/visits/new", status=403)
        page(role).post("/visits/", {"firm_id": firm.id}, status=403)


def test_a_receipt_says_all_that_is_stored(page, db, app, officer, firm):
    picture = factories.make_picture(app.config["SETTINGS"].photos)
    visit_id = factories.make_visit(
        db, firm=firm, by=officer, pictures=[picture], notes="准备扩产", issues=(factories.new_issue(title="路坏了"),)
    )
    answer = page("officer").get(f"/visits/{visit_id}")
    assert "走访 1 条，照片 1 张，问题 1 件" in answer.read and "准备扩产" in answer.read
    assert answer.link("路坏了").startswith("/issues/")
    src = answer.one("a.shot img").get("src")
    photo = page("officer").get(src)
    assert photo.mimetype == "image/jpeg"
    photo.close()
    assert files.path_of(app.config["SETTINGS"].photos, picture.sha256, "main").exists()


def test_who_sees_a_visit(page, db, officer, firm):
    visit_id = factories.make_visit(db, firm=firm, by=officer)
    other = factories.make_user(db, "officer")
    far = factories.make_user(db, "head", district_id=factories.OTHER_DISTRICT)
    for who, status in (("head", 200), ("office", 200), ("auditor", 200), (other, 404), (far, 404), ("handler", 403)):
        page(getattr(who, "username", who)).get(f"/visits/{visit_id}", status=status)
    assert page(other.username).get("/visits/").read.count(firm.name) == 0


def test_the_list_turns_pages(page, db, officer, firm):
    for _ in range(26):
        factories.make_visit(db, firm=firm, by=officer)
    first = page("officer").get(f"/visits/?firm_id={firm.id}")
    assert len(first.all("a.row")) == 25
    second = page("officer").get(first.link("下一页"))
    assert len(second.all("a.row")) == 1 and second.link("上一页") == f"/visits/?firm_id={firm.id}&page=1"


def test_a_visit_is_found_by_firm_and_day(page, db, officer):
    here = page("office")
    for name, days in (("平顶山市甲示例包装厂", 40), ("平顶山市乙示例包装厂", 3)):
        factories.make_visit(
            db,
            firm=factories.make_firm(db, officer=officer, name=name),
            by=officer,
            now=clock.now() - timedelta(days=days),
        )

    def found(**typed) -> list[str]:
        return [
            each.one("strong").text for each in here.send(here.get("/visits/").one("main form"), **typed).all("a.row")
        ]

    assert found(q="甲示例") == ["平顶山市甲示例包装厂"]
    assert found(q="包装厂") == ["平顶山市乙示例包装厂", "平顶山市甲示例包装厂"]
    then = (clock.today() - timedelta(days=40)).isoformat()
    assert found(to=then) == ["平顶山市甲示例包装厂"] == found(**{"from": then, "to": then})
    assert found(q="包装厂", **{"from": clock.today().isoformat()}) == []
    assert page("officer").get("/visits/?q=甲示例").all("a.row"), "her own"
    far = factories.make_user(db, "head", district_id=factories.OTHER_DISTRICT)
    assert not page(far.username).get("/visits/?q=包装厂").all("a.row")


def test_a_common_word_in_firms_names_finds_the_latest_visits(page, db, officer, monkeypatch):
    monkeypatch.setattr("app.visits.list_store.FEW_FIRMS", 1)
    for nth in range(3):
        factories.make_visit(db, firm=factories.make_firm(db, officer=officer, name=f"示例{nth}号包装厂"), by=officer)
    assert len(page("officer").get("/visits/?q=包装厂").all("a.row")) == 3


def test_days_that_make_no_span_are_said_to_be_wrong(page):
    here = page("office")
    wrong = here.get("/visits/?from=2026-03-02&to=2026-03-01", status=422)
    assert "不能早于开始那天" in wrong.read and wrong.has("details[open]")
    assert "日期写法如" in here.get("/visits/?from=yesterday", status=422).read


@pytest.mark.parametrize(
    "query", ["page=0", "page=201", "page=x", "page=-1", "page=1e3", "page=", "firm_id=999999", "firm_id=x"]
)
def test_pages_that_are_not_there(page, query):
    page("officer").get(f"/visits/?{query}", status=404)
