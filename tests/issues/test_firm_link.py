"""The firm's link: opened by people only, guessed by nobody, and the desks see what became of it."""

from datetime import timedelta

import pytest

from app import clock
from app.issues import actions, firm_routes, link_store, links
from app.rate_limit import SlidingWindow
from tests import factories

NAVIGATE = {"Sec-Fetch-Mode": "navigate"}


class Watch:
    """A clock that a test moves on."""

    def __init__(self):
        self.at = 1000.0

    def __call__(self):
        return self.at


@pytest.fixture
def issue(db):
    return factories.make_issue(db, status="callback")


@pytest.fixture
def link_id(db, issue):
    return actions.make_link(db, issue.id, by=factories.the_user(db, "officer"), now=clock.now(), days=14)


@pytest.fixture
def url(app, link_id):
    return f"/c/{links.token_for(link_id, app.config['SECRET_KEY'])}"


def opened(db, link_id):
    return link_store.get_link(db, link_id)["opened_at"]


# ── The window ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_window_lets_so_many_through_and_slides():
    watch = Watch()
    window = SlidingWindow(each=3, all_=5, seconds=60, clock=watch)
    assert [window.take("a") for _nth in range(4)] == [True, True, True, False]
    assert [window.take("b") for _nth in range(3)] == [True, True, False], "five altogether"
    watch.at += 59
    assert not window.take("a")
    watch.at += 1
    assert window.take("a")


def test_a_window_keeps_no_addresses_and_little_memory():
    window = SlidingWindow(each=10, all_=50, seconds=60)
    for nth in range(1000):
        window.take(f"203.0.113.{nth}")
    assert "203.0.113" not in repr(vars(window))
    assert len(window._events) == 50


# ── Guessing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_twenty_wrong_links_a_minute_from_one_client(client, app, url, caplog):
    wrong = [client.get(f"/c/{nth}.nonsense").status_code for nth in range(25)]
    assert wrong == [404] * 20 + [429] * 5
    answer = client.get("/c/1.nonsense")
    assert "请过一分钟" in answer.text
    assert client.post("/c/1.nonsense", data={"is_solved": "yes", "is_satisfied": "yes"}).status_code == 429
    assert client.head("/c/1.nonsense").status_code == 429
    assert client.get(url).status_code == 200, "a right link is never refused"
    other = client.get("/c/1.nonsense", environ_base={"REMOTE_ADDR": "198.51.100.7"})
    assert other.status_code == 404, "others may still err"
    assert "127.0.0.1" not in caplog.text


def test_right_links_do_not_count(client, url):
    assert {client.get(url).status_code for _nth in range(30)} == {200}
    assert client.get("/c/1.nonsense").status_code == 404


def test_two_hundred_wrong_links_a_minute_altogether(client, app, url):
    codes = [client.get("/c/1.x", environ_base={"REMOTE_ADDR": f"198.51.100.{nth}"}).status_code for nth in range(210)]
    assert codes == [404] * firm_routes.WRONG_ALL + [429] * 10
    assert client.get(url).status_code == 200


def test_the_window_slides_on_the_page_too(client, app):
    watch = Watch()
    app.extensions["wrong_links"] = SlidingWindow(each=1, all_=5, seconds=60, clock=watch)
    assert [client.get("/c/1.x").status_code for _nth in range(2)] == [404, 429]
    watch.at += 61
    assert client.get("/c/1.x").status_code == 404


def test_an_expired_link_is_no_guess(client, app, db, issue):
    old = actions.make_link(
        db, issue.id, by=factories.the_user(db, "officer"), now=clock.now() - timedelta(days=20), days=14
    )
    token = links.token_for(old, app.config["SECRET_KEY"])
    assert {client.get(f"/c/{token}").status_code for _nth in range(25)} == {404}


# ── Opening ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_person_opens_it(client, db, link_id, url):
    assert client.get(url, headers=NAVIGATE).status_code == 200
    assert opened(db, link_id)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Mode": "no-cors"},
        {**NAVIGATE, "Sec-Purpose": "prefetch;prerender"},
        {**NAVIGATE, "Purpose": "prefetch"},
        {**NAVIGATE, "X-Moz": "prefetch"},
    ],
)
def test_a_preview_or_prefetch_does_not(client, db, link_id, url, headers):
    assert client.get(url, headers=headers).status_code == 200
    assert opened(db, link_id) is None


def test_a_head_request_does_not(client, db, link_id, url):
    assert client.head(url, headers=NAVIGATE).status_code == 200
    assert opened(db, link_id) is None


def test_whoever_answers_has_opened_it(client, db, link_id, url):
    client.post(url, data={"is_solved": "yes", "is_satisfied": "yes"})
    link = link_store.get_link(db, link_id)
    assert link["opened_at"] and link["used_at"]


# ── What the desks see ──────────────────────────────────────────────────────────────────────────────────────────────

READERS = ["officer", "dispatcher", "head", "office", "auditor"]


@pytest.mark.parametrize("role", READERS)
def test_who_made_it_and_whether_it_was_opened(page, client, issue, url, role):
    before = page(role).get(f"/issues/{issue.id}").one("section[aria-labelledby=firm-links]")
    assert "企业还没有打开" in before.text and "测试officer" in before.text
    assert url not in before.text, "the address is for who may hand it out"
    client.get(url, headers=NAVIGATE)
    after = page(role).get(f"/issues/{issue.id}").one("section[aria-labelledby=firm-links]")
    assert "企业已打开，尚未答复" in after.text
    client.post(url, data={"is_solved": "yes", "is_satisfied": "yes"})
    used = page(role).get(f"/issues/{issue.id}").one("section[aria-labelledby=firm-links]")
    assert "企业已答复" in used.text


def test_the_department_does_not_see_it(page, issue, url):
    assert not page("handler").get(f"/issues/{issue.id}").has("#firm-links")


def test_no_card_before_there_is_a_link(page, issue):
    assert not page("officer").get(f"/issues/{issue.id}").has("#firm-links")


def test_earlier_links_are_told_too(page, db, issue):
    officer, moment = factories.the_user(db, "officer"), clock.now()
    actions.make_link(db, issue.id, by=officer, now=moment - timedelta(days=20), days=14)
    fresh = actions.make_link(db, issue.id, by=factories.the_user(db, "dispatcher"), now=moment, days=14)
    assert link_store.list_links(db, issue.id)[0]["id"] == fresh
    card = page("office").get(f"/issues/{issue.id}").one("section[aria-labelledby=firm-links]")
    assert "以前的链接 1 个" in card.text and "测试dispatcher" in card.text and "测试officer" in card.text


def test_how_it_stands_with_a_link():
    row = {"used_at": None, "revoked_at": None, "opened_at": None, "expires_at": "2026-12-01T00:00:00Z"}
    moment = clock.from_text("2026-11-20T00:00:00Z")
    cases = [
        (row, "waiting"), ({**row, "opened_at": "x"}, "opened"), ({**row, "used_at": "x", "revoked_at": "x"}, "used"),
        ({**row, "revoked_at": "x"}, "revoked"), ({**row, "expires_at": "2026-11-20T00:00:00Z"}, "expired"),
    ]  # fmt: skip
    assert [each.state for each in links.told([case for case, _wanted in cases], moment)] == [
        wanted for _case, wanted in cases
    ]
    assert set(links.LINK_STATE_NAMES) == set(links.LinkState)
