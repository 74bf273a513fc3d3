"""An issue's page as browsers see it: photos, the contact, the clock; what the visit form asks about a problem."""

from datetime import timedelta
from io import BytesIO

import pytest

from app import clock
from app.audit import store as audit
from app.audit.models import Search
from app.db import fetch_value
from app.issues import history_store
from app.issues.lifecycle import Status
from tests import factories
from tests.factories import ROUTED
from tests.issues.by_hand import stored

DAY = timedelta(days=1)


def note_with(here, issue, *files, status):
    return here.post(
        f"/issues/{issue.id}/notes",
        {"version": str(issue.version), "note": "现场照片", "photos": list(files)},
        status=status,
    )


def test_photos_come_with_a_move_and_are_seen(page, db):
    issue, here = factories.make_issue(db, status="in_progress"), page("handler")
    files = [(BytesIO(factories.jpeg_bytes(colour=(each, 9, 9))), f"{each}.jpg") for each in range(9)]
    shown = here.follow(note_with(here, issue, *files, status=303))
    sources = [node.get("src") for node in shown.one("ol.line").all("img")]
    assert len(sources) == 9
    for url in sources:
        response = here.client.get(url)
        assert (response.status_code, response.mimetype) == (200, "image/jpeg")
        response.close()
    event_id = history_store.list_events(db, issue.id)[-1]["id"]
    assert fetch_value(db, "SELECT count(*) FROM photos WHERE event_id = :id", {"id": event_id}) == 9


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"this is no photo", "不是照片"),
        (b"", "空文件"),
        (factories.jpeg_bytes()[:200], "损坏"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "不是照片"),
        (b"GIF89a" + bytes(50), "不是照片"),
    ],
)
def test_a_bad_photo_stores_nothing(page, db, settings, content, words):
    issue, here = factories.make_issue(db, status="in_progress"), page("handler")
    before = stored(db)
    good = (BytesIO(factories.jpeg_bytes()), "好.jpg")
    answer = note_with(here, issue, good, (BytesIO(content), "坏.jpg"), status=422)
    alert = " ".join(node.text for node in answer.all("[role=alert]"))
    assert "第 2 " in alert and words in alert
    assert answer.one("#move-form").values["note"] == "现场照片"
    assert stored(db) == before
    assert not list(settings.photos.glob("**/*.jpg")), "nor on disk"


def test_ten_photos_are_too_many(page, db, settings):
    issue, here = factories.make_issue(db, status="in_progress"), page("handler")
    before = stored(db)
    files = [(BytesIO(factories.jpeg_bytes()), f"{each}.jpg") for each in range(10)]
    answer = note_with(here, issue, *files, status=422)
    assert "最多 9 张" in answer.one("[role=alert]").text
    assert stored(db) == before and not list(settings.photos.glob("**/*.jpg"))


def test_photos_with_a_move_that_takes_none_are_left_aside(page, db):
    issue = factories.make_issue(db, status="in_progress")
    file = (BytesIO(b"anything"), "a.jpg")
    page("head").post(
        f"/issues/{issue.id}/urging", {"version": str(issue.version), "note": "请抓紧", "photos": [file]}, status=303
    )
    assert fetch_value(db, "SELECT count(*) FROM photos") == 0


@pytest.mark.parametrize("role", ["officer", "handler", "dispatcher", "head", "office"])
def test_the_contact_is_masked_until_tapped(page, db, role):
    issue, here = factories.make_issue(db, status="in_progress"), page(role)
    shown = here.get(f"/issues/{issue.id}")
    assert issue.firm_phone not in shown.response.text
    assert not [row for row in audit.list_entries(db, Search()) if row["action"] == "contact_revealed"]
    form = shown.one("#contact form")
    assert issue.firm_phone in here.send(form, status=200).one("#contact").text
    piece = here.htmx.post(form.get("action"), status=200)
    assert not piece.has("html") and piece.one(f"a[href=tel:{issue.firm_phone}]")
    rows = [row for row in audit.list_entries(db, Search()) if row["action"] == "contact_revealed"]
    assert [(row["object"], row["by_name"]) for row in rows] == [(f"issue:{issue.id}", f"测试{role}")] * 2
    assert audit.first_broken_entry(db) is None


def test_once_closed_a_department_no_longer_sees_the_contact(page, db):
    issue, here = factories.make_issue(db, status="closed"), page("handler")
    shown = here.get(f"/issues/{issue.id}")
    assert not shown.has("#contact") and issue.firm_phone not in shown.response.text
    answer = here.post(f"/issues/{issue.id}/contact", status=409)
    assert issue.firm_phone not in answer.response.text
    assert not [row for row in audit.list_entries(db, Search()) if row["action"] == "contact_revealed"]


def test_why_this_date(page, db):
    issue = factories.make_issue(db, status="callback", at=clock.now() - 20 * DAY, step=2 * DAY)
    here = page("officer")
    for url in (f"/issues/{issue.id}", f"/issues/{issue.id}/clock"):
        assert here.get(url)
    answer = here.get(f"/issues/{issue.id}/clock")
    headings = [node.text for node in answer.all("main h2")]
    assert headings == ["企业确认", "核实", "办理", "签收", "受理派单"], "the newest first"
    assert answer.all("ol.days li") and "民法典" in answer.read
    suspended = factories.make_issue(db, status="suspended")
    assert "暂停" in here.get(f"/issues/{suspended.id}/clock").read
    extended = factories.make_issue(db, status="in_progress")
    for action in ("request_extension", "grant_extension"):
        extended = factories.move(db, extended, action, extend_to_on=clock.today() + 60 * DAY)
    assert "经批准延至" in here.get(f"/issues/{extended.id}/clock").read


def test_the_answer_is_said_once_and_only_while_it_stands(page, db):
    here, said = page("dispatcher"), "灯已换好，请您看看。"
    issue = factories.make_issue(db, status="in_progress")
    issue = factories.move(db, issue, "answer", public_answer=said)
    shown = here.get(f"/issues/{issue.id}").read
    assert shown.count(said) == 1 and "给企业的答复" in shown
    factories.move(db, issue, "reject_answer")
    sent_back = here.get(f"/issues/{issue.id}")
    assert sent_back.read.count(said) == 1
    assert said in sent_back.one(".line").text, "sent back, it is a line of the history"


def test_merged_issues_lead_to_one_another_as_far_as_one_may_see_them(page, db):
    firm = factories.make_firm(db, officer=factories.the_user(db, "officer"))
    master = factories.make_issue(db, firm=firm, category_id=ROUTED, status="dispatched")
    issue = factories.make_issue(db, firm=firm)
    factories.move(db, issue, "merge", master_number=master.number)
    for role in ("dispatcher", "officer"):
        here = page(role)
        assert here.get(f"/issues/{issue.id}").has(f".note a[href=/issues/{master.id}]")
        assert here.get(f"/issues/{master.id}").has(f"aside a[href=/issues/{issue.id}]")
    assert issue.number not in page("handler").get(f"/issues/{master.id}").read, "no department of hers has it"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_status_has_its_pages_in_both_languages(page, db, language):
    here = page("office")
    here.client.set_cookie("language", language)
    for status in Status:
        issue = factories.make_issue(db, status=status)
        here.get(f"/issues/{issue.id}/clock")
        assert here.get(f"/issues/{issue.id}").one("html").get("lang") == ("en" if language == "en" else "zh-Hans")


def test_a_forecast_is_what_will_happen(page, db):
    firm = factories.make_firm(db)
    here = page("officer")
    sent = {"firm_id": firm.id, "category_id": ROUTED, "title": "天然气压力低", "description": ""}
    assert "平顶山" in here.post("/issues/forecast", sent, status=200).response.text
    here.post("/issues/forecast", {**sent, "firm_id": 987654}, status=404)
    here.post("/issues/forecast", {**sent, "category_id": 987654}, status=404)
    here.post("/issues/forecast", {}, status=422)
    foreign = factories.make_firm(db, officer=factories.make_user(db, "officer"))
    here.post("/issues/forecast", {**sent, "firm_id": foreign.id}, status=404)
    page("office").post("/issues/forecast", sent, status=403)
