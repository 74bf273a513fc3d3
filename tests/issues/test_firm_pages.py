"""The firm's own page behind its link, and who hands the link over."""

from datetime import timedelta
from itertools import product

import pytest

from app import clock
from app.db import execute, fetch_all, fetch_one
from app.issues import actions, history_store, link_store, links, store
from app.issues.lifecycle import Outcome, Status
from tests import factories
from tests.issues.by_hand import stored

DAY = timedelta(days=1)
SECRET = "test-key-of-no-worth"


NAVIGATE = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "none"}


@pytest.fixture
def asked(db):
    """An issue that waits for its firm's word; every text on it that is not the firm's to read is marked."""
    officer = factories.make_user(db, "officer", name="不该露面的服务官", username="secret-officer")
    firm = factories.make_firm(db, officer=officer, contact_name="不该露面的联系人", contact_phone="13837509999")
    issue = factories.make_issue(db, firm=firm, officer=officer, status="in_progress", description="内部描述不露面")
    issue = factories.move(db, issue, "note", note="内部记事不露面")
    issue = factories.move(
        db, issue, "answer", note="内部办理情况不露面", public_answer="变压器已更换。", evidence="内部佐证不露面"
    )
    return factories.move(db, issue, "verify")


def link_of(db, issue, *, now=None, days=14) -> tuple[int, str]:
    link_id = actions.make_link(db, issue.id, by=factories.who(db, "verify", issue), now=now or clock.now(), days=days)
    return link_id, f"/c/{links.token_for(link_id, SECRET)}"


def test_the_officer_hands_the_firm_its_link(page, db, asked):
    here = page("secret-officer")
    shown = here.get(f"/issues/{asked.id}")
    answer = here.follow(here.send(shown.one(f"form[action=/issues/{asked.id}/firm-link]"), status=303))
    url = answer.one("#firm-link").get("value")
    assert url.startswith("http://localhost/c/") and answer.has("svg.qr")
    assert answer.one("[data-copy]").get("data-copy") == url
    again = here.follow(here.post(f"/issues/{asked.id}/firm-link", status=303))
    assert again.one("#firm-link").get("value") == url, "the one that works is shown again"
    assert page.get(url.removeprefix("http://localhost")).has("form")


def test_no_link_before_or_after_the_firm_is_asked(page, db):
    here = page("dispatcher")
    for status in set(Status) - {Status.CALLBACK}:
        url = f"/issues/{factories.make_issue(db, status=status).id}"
        here.post(f"{url}/firm-link", status=409)
        assert here.get(f"{url}/firm-link", status=303).headers["Location"] == url


def test_the_firm_sees_only_what_is_its_own(page, db, asked):
    _, url = link_of(db, asked)
    answer = page.get(url)
    assert "变压器已更换。" in answer.read and asked.title in answer.read and asked.firm in answer.read
    for secret in ("不露面", "不该露面", asked.firm_phone, "secret-officer", f"/issues/{asked.id}"):
        assert secret not in answer.response.text
    assert not answer.has("nav") and not answer.has("script[src*=htmx]")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    refused = page.post(url, {"is_solved": "yes"}, status=422)
    assert refused.headers["Referrer-Policy"] == "no-referrer"


def test_a_preview_does_not_open_the_link(page, db, asked):
    link_id, url = link_of(db, asked)
    for headers in ({}, {"Sec-Fetch-Mode": "no-cors"}, {"Sec-Fetch-Mode": "cors"}):
        page.get(url, headers=headers)
    page.client.head(url, headers={})
    assert link_store.get_link(db, link_id)["opened_at"] is None
    page.get(url, headers=NAVIGATE)
    first = link_store.get_link(db, link_id)["opened_at"]
    assert first
    execute(db, "UPDATE firm_links SET opened_at = '2026-01-01T00:00:00Z'")
    page.get(url, headers=NAVIGATE)
    assert link_store.get_link(db, link_id)["opened_at"] == "2026-01-01T00:00:00Z", "the first time stays"


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"is_solved": "yes", "is_satisfied": "yes", "note": "谢谢"}, "closed"),
        ({"is_solved": "no", "is_satisfied": "yes"}, "closed"),
        ({"is_solved": "no", "is_satisfied": "no", "note": "没修好"}, "in_progress"),
    ],
)
def test_the_firm_says_its_word_once(page, db, asked, typed, status):
    link_id, url = link_of(db, asked)
    form = page.get(url).one("form")
    answer = page.send(form, status=303, **typed)
    assert answer.headers["Location"] == url
    after = page.follow(answer)
    assert not after.has("form") and "您的答复已收到" in after.read
    assert ("变压器已更换。" in after.read) is (status == "closed")
    row = fetch_one(db, "SELECT * FROM issues")
    assert row["status"] == status
    before = stored(db)
    again = page.send(form, status=409, **{**typed, "is_solved": "yes"})
    assert "已经收到过您的答复" in again.one("[role=alert]").text and not again.has("form")
    assert stored(db) == before
    event = history_store.list_events(db, asked.id)[-1]
    assert (event["actor"], event["by_id"], event["note"]) == ("firm", None, typed.get("note", ""))
    assert link_store.get_link(db, link_id)["used_at"]


def test_the_firm_does_not_read_an_answer_that_nobody_has_verified(page, db, asked):
    _, url = link_of(db, asked)
    page.post(url, {"is_solved": "no", "is_satisfied": "no"}, status=303)
    issue = store.get_issue_for_system(db, asked.id, now=clock.now())
    issue = factories.move(db, issue, "answer", public_answer="第二次答复", outcome=Outcome.PARTLY)
    shown = page.get(url)
    assert "第二次答复" not in shown.read and "部分解决" not in shown.read and "正在重新办理" in shown.read
    issue = factories.move(db, issue, "verify")
    _, second = link_of(db, issue)
    assert second != url and "第二次答复" in page.get(second).read


def test_both_questions_want_an_answer(page, db, asked):
    _, url = link_of(db, asked)
    before = stored(db)
    for missing, value in product(("is_solved", "is_satisfied"), (None, "", "maybe", "true")):
        typed = {"is_solved": "yes", "is_satisfied": "yes", "note": "我写的话", missing: value}
        answer = page.post(url, {name: each for name, each in typed.items() if each is not None}, status=422)
        held = answer.one("form").values
        assert held["note"] == "我写的话" and missing not in held
        assert answer.has(f"#{missing}-error") and stored(db) == before


def test_a_comment_too_long_is_kept_and_refused(page, db, asked):
    _, url = link_of(db, asked)
    typed = {"is_solved": "yes", "is_satisfied": "yes", "note": "字" * 501}
    answer = page.post(url, typed, status=422)
    assert answer.one("form").values["note"] == "字" * 501


def test_a_link_that_expired_or_was_replaced(page, db, asked):
    _, url = link_of(db, asked, now=clock.now() - 15 * DAY)
    _, newer = link_of(db, asked)
    for each, status in ((url, 404), (newer, 200)):
        page.get(each, status=status)
    execute(db, "UPDATE firm_links SET expires_at = '2026-01-01T00:00:00Z', revoked_at = NULL")
    typed = {"is_solved": "yes", "is_satisfied": "yes"}
    before = [tuple(row) for row in fetch_all(db, "SELECT id, status, version FROM issues")]
    for each in (url, newer):
        answer = page.get(each, status=404)
        assert "链接无效或已过期" in answer.read
        page.post(each, typed, status=404)
    assert [tuple(row) for row in fetch_all(db, "SELECT id, status, version FROM issues")] == before


def test_a_link_that_nobody_made(page, db, asked):
    link_id, url = link_of(db, asked)
    token = url.removeprefix("/c/")
    ident, _, signature = token.partition(".")
    other = factories.make_issue(db, status="callback")
    factories_link, _ = link_of(db, other)
    forged = [
        token[:-1],
        token[:10],
        f"{ident}.",
        f".{signature}",
        f"{factories_link}.{signature}",
        f"{ident}{signature}",
        links.token_for(link_id, "another key"),
        links.token_for(987654, SECRET),
        token.swapcase(),
        "令牌",
        f"１.{signature}",
        f"{token}%00",
        "x" * 5000,
    ]
    for each in forged:
        answer = page.get(f"/c/{each}", status=404)
        assert asked.title not in answer.read and other.title not in answer.read
    before = stored(db)
    page.post(f"/c/{forged[4]}", {"is_solved": "yes", "is_satisfied": "yes"}, status=404)
    assert stored(db) == before


def test_another_site_cannot_answer_for_the_firm(page, db, asked):
    _, url = link_of(db, asked)
    typed = {"is_solved": "yes", "is_satisfied": "yes"}
    page.post(url, typed, status=403, headers={"Sec-Fetch-Site": "cross-site"})
    page.post(url, typed, status=403, headers={"Origin": "https://evil.example"})
    page.post(url, typed, status=303, headers={"Sec-Fetch-Site": "same-origin"})
