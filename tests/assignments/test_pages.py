"""The assignment screens: what each role sees, refusals, the hand-over from the list to the new officer's Today."""

from datetime import timedelta

import pytest

from app.assignments import actions, list_store, store
from app.clock import now, today
from app.issues.lifecycle import Status
from tests import factories as make

INDEX = "/office/assignments/"
UNASSIGNED = "/office/assignments/unassigned"


@pytest.fixture
def officers(db):
    return [make.make_user(db, "officer", name=name) for name in ("首服甲", "首服乙", "首服丙")]


@pytest.fixture
def orphan(db, officers):
    """A firm that nobody leads."""
    firm = make.make_firm(db, officer=officers[0], name="平顶山市无人机厂")
    actions.end(db, firm.id, user_id=officers[0].id, by=make.the_user(db, "office"), now=now())
    return firm


def lead_of(db, firm_id):
    return [row["user_id"] for row in store.list_current(db, firm_id) if row["is_lead"]]


@pytest.mark.parametrize("role", ["dispatcher", "head", "office", "auditor"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_list_opens_for_desks_and_the_office(db, page, officers, role, language):
    reader = page(role)
    reader.client.set_cookie("language", language)
    make.make_firm(db, officer=officers[0])
    answer = reader.get(INDEX)
    names = [node.text for node in answer.all("#officers tbody th")]
    assert names == sorted(names) and len(names) >= 3
    shown = reader.get(f"/office/assignments/officers/{officers[0].id}")
    assert shown.has("a[href$=hand-over]") == (role in ("dispatcher", "office"))


@pytest.mark.parametrize("role", ["officer", "handler"])
def test_it_is_not_for_others(sign_in, db, officers, role):
    client = sign_in(role)
    for url in (INDEX, UNASSIGNED, f"/office/assignments/officers/{officers[0].id}"):
        assert client.get(url).status_code == 403


@pytest.mark.parametrize("role", ["head", "auditor"])
def test_who_only_reads_changes_nothing(sign_in, db, officers, orphan, role):
    client = sign_in(role)
    for url, data in (
        (UNASSIGNED, {"firm": orphan.id, "user_id": officers[1].id}),
        (f"/office/assignments/firms/{orphan.id}", {"user_id": officers[1].id}),
        (f"/office/assignments/firms/{orphan.id}/ending", {"user_id": officers[1].id}),
        (f"/office/assignments/officers/{officers[0].id}/hand-over", {}),
    ):
        assert client.post(url, data=data).status_code == 403
    assert lead_of(db, orphan.id) == []


def test_a_desk_sees_no_other_district(db, sign_in, officers):
    stranger = make.make_user(db, "officer", district_id=make.OTHER_DISTRICT)
    far = make.make_firm(db, officer=stranger)
    client = sign_in("dispatcher")
    for url in (
        f"{INDEX}?district={make.OTHER_DISTRICT}",
        f"{UNASSIGNED}?district={make.OTHER_DISTRICT}",
        f"/office/assignments/officers/{stranger.id}",
        f"/office/assignments/officers/{stranger.id}/hand-over",
        f"/office/assignments/firms/{far.id}",
    ):
        assert client.get(url).status_code == 404, url
    assert f'value="{stranger.id}"' not in client.get("/office/assignments/choices?find=测试").text
    found = list_store.list_to_choose(db, visible_to=make.the_user(db, "dispatcher"), district_id=None)
    assert stranger.id not in [row["id"] for row in found]


@pytest.mark.parametrize(
    "url", [f"{INDEX}?district=x", f"{INDEX}?page=0", f"{UNASSIGNED}?page=99999999", f"{INDEX}?district=1"]
)
def test_addresses_that_no_link_has(sign_in, url):
    assert sign_in("office").get(url).status_code == 404


def test_the_board_counts_what_the_list_shows(page, db, orphan):
    for role, board in (
        ("dispatcher", "/review/"),
        ("office", f"/review/districts/{make.DISTRICT}"),
        ("office", "/review/"),
    ):
        reader = page(role)
        link = next(node for node in reader.get(board).all("a") if "未包联企业" in node.text)
        listed = reader.get(link.get("href"))
        assert "1 家" in listed.text and len(listed.all("tbody tr")) == 1
        assert "1" in link.text
        assert orphan.name in listed.read


def test_unassigned_firms_are_given_to_one_officer(page, db, officers, orphan):
    desk = page("dispatcher")
    form = desk.get(UNASSIGNED).one("#assign")
    done = desk.send(form, firm=str(orphan.id), user_id=str(officers[1].id), status=303)
    assert lead_of(db, orphan.id) == [officers[1].id]
    assert "没有未包联的企业" in desk.get(done.headers["Location"]).read
    again = desk.send(form, firm=str(orphan.id), user_id=str(officers[2].id), status=409)
    assert "刚刚已有包联人" in again.read
    assert lead_of(db, orphan.id) == [officers[1].id]


@pytest.mark.parametrize("sent", [{}, {"firm": "x", "user_id": "1"}, {"firm": "1", "user_id": ""}, {"user_id": "99"}])
def test_nonsense_is_refused_in_words(sign_in, db, orphan, sent):
    response = sign_in("office").post(UNASSIGNED, data=sent)
    assert response.status_code == 422
    assert lead_of(db, orphan.id) == []


def test_the_picker_finds_by_typing(page, officers):
    found = page("office").get("/office/assignments/choices?find=服乙", headers={"HX-Request": "true"})
    assert [node.text.split("，")[0] for node in found.all("option")] == ["首服乙"]
    none = page("office").get("/office/assignments/choices?find=没有此人", headers={"HX-Request": "true"})
    assert "没有找到" in none.read


def test_a_firm_gets_a_lead_and_a_deputy_for_some_days(page, db, officers):
    firm = make.make_firm(db, officer=officers[0])
    desk = page("dispatcher")
    url = f"/office/assignments/firms/{firm.id}"
    assert desk.get(f"/firms/{firm.id}").has(f"a[href={url}]")
    form = desk.get(url).one(f"form[action={url}]")
    until = (today() + timedelta(days=9)).isoformat()
    desk.send(form, user_id=str(officers[1].id), part="deputy", until_on=until, status=303)
    assert [(row["user_id"], row["until_on"]) for row in store.list_current(db, firm.id)] == [
        (officers[0].id, None),
        (officers[1].id, until),
    ]
    stale = desk.send(form, user_id=str(officers[2].id), part="lead", status=409)
    assert "刚刚被别人调整过" in stale.read
    fresh = desk.get(url).one(f"form[action={url}]")
    wrong = desk.send(fresh, user_id="", part="lead", status=422)
    assert "请选择首席服务官" in wrong.read
    future = (today() + timedelta(days=1)).isoformat()
    assert desk.send(fresh, user_id=str(officers[2].id), from_on=future, status=422).read.count("日期") >= 1
    ending = next(node for node in desk.get(url).all("form") if node.get("action") == f"{url}/ending")
    desk.send(ending, status=303)
    assert lead_of(db, firm.id) == []
    assert "还没有包联人" in desk.get(f"/firms/{firm.id}").read
    assert "首服甲" in desk.get(url).read


def test_an_officer_leaves_and_everything_goes_along(page, db, sign_in, officers):
    leaving, first, second = officers
    kept = [make.make_firm(db, officer=leaving) for _ in range(4)]
    visit_id = make.make_visit(db, firm=kept[0], by=leaving)
    waiting = make.make_issue(db, firm=kept[0], officer=leaving, status=Status.PROPOSED)
    running = make.make_issue(db, firm=kept[1], officer=leaving, status=Status.IN_PROGRESS)
    desk = page("dispatcher")
    shown = desk.get(f"/office/assignments/officers/{leaving.id}")
    assert waiting.title in shown.read and "核实答复" in shown.read
    choosing = desk.get(shown.link("交接名下企业")).one("#choose")
    sent = {**choosing.values, "to": [str(first.id), str(second.id)]}
    proposal = desk.get(choosing.get("action"), query_string=sent)
    assert len(proposal.all("select.pick")) == 4 and waiting.title in proposal.read
    assert lead_of(db, kept[0].id) == [leaving.id], "a proposal changes nothing"
    finish = proposal.one("#finish")
    changed = {f"to-{firm.id}": str(second.id) for firm in kept[:2]}
    desk.send(finish, **changed, status=303)
    assert lead_of(db, kept[0].id) == lead_of(db, kept[1].id) == [second.id]

    new, old = page(second), page(leaving)
    assert waiting.number and kept[0].name in new.get("/").one("section[aria-labelledby=waiting]").text
    assert kept[0].name not in old.get("/").one("section[aria-labelledby=waiting]").text
    assert sign_in(leaving).get(f"/firms/{kept[0].id}").status_code == 404
    assert old.get(f"/visits/{visit_id}").status_code == 200
    client = sign_in("handler")
    issue = running
    client.post(f"/issues/{issue.id}/answer", data={
        "version": issue.version, "outcome": "explained", "note": "已说明", "public_answer": "已说明政策。",
        "contacted_on": today().isoformat(), "contact_mode": "phone",
    })  # fmt: skip
    told = db.conn.execute(
        "SELECT user_id FROM notices WHERE issue_id = ? AND kind = 'answered'", [issue.id]
    ).fetchall()
    assert [row["user_id"] for row in told] == [second.id]


def test_a_stale_hand_over_is_a_conflict_with_the_fresh_list(page, db, officers):
    leaving, first, second = officers
    firm = make.make_firm(db, officer=leaving)
    office = page("office")
    url = f"/office/assignments/officers/{leaving.id}/hand-over"
    finish = office.get(f"{url}?firm={firm.id}&to={first.id}").one("#finish")
    actions.assign(db, firm.id, user_id=second.id, is_lead=True, by=make.the_user(db, "office"), now=now())
    answer = office.send(finish, status=409)
    assert "已不归这位服务官包联" in answer.read
    assert lead_of(db, firm.id) == [second.id]


@pytest.mark.parametrize("query", ["firm=1", "to=1", "firm=x&to=y", "firm=987654&to=1", "to=0"])
def test_a_hand_over_half_chosen(sign_in, db, officers, query):
    make.make_firm(db, officer=officers[0])
    url = f"/office/assignments/officers/{officers[0].id}/hand-over?{query}"
    assert sign_in("office").get(url).status_code in (409, 422)


def test_what_she_was_asked_for_reaches_the_new_lead(db, sign_in, officers):
    leaving, first, _second = officers
    firm = make.make_firm(db, officer=leaving)
    issue = make.make_issue(db, firm=firm, officer=leaving, at=now() - timedelta(minutes=9))
    actions.hand_over(db, leaving.id, receivers={firm.id: first.id}, by=make.the_user(db, "office"), now=now())
    client = sign_in("dispatcher")
    client.post(f"/issues/{issue.id}/info-request", data={"version": issue.version, "note": "请补充门牌号。"})
    told = db.conn.execute("SELECT user_id FROM notices WHERE kind = 'info_asked'").fetchall()
    assert [row["user_id"] for row in told] == [first.id]
