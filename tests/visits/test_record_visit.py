"""Recording a visit by the plain form: once, whole or not at all, and with words for whatever is wrong."""

from io import BytesIO

import pytest

from app.db import fetch_all, fetch_one
from app.visits.forms import new_key
from app.visits.models import MOST_ISSUES
from tests import factories


@pytest.fixture
def firm(db):
    return factories.make_firm(
        db, officer=factories.the_user(db, "officer"), latitude=33.75, longitude=113.3, position_source="roster"
    )


@pytest.fixture
def typed(firm):
    """What the form sends when nothing is typed."""
    return {"client_key": new_key(), "firm_id": str(firm.id), "mode": "on_site", "visited_at": "2026-11-20T10:00"}


def _photo(nth: int = 0) -> tuple[BytesIO, str]:
    return BytesIO(factories.jpeg_bytes(colour=(nth, 100, 100))), f"{nth}.jpg"


def _problem(nth: int, **fields) -> dict[str, str]:
    values = {"category_id": str(factories.ROUTED), "title": "变压器增容两个月没有答复", **fields}
    return {f"issues-{nth}-{name}": value for name, value in values.items()}


def _counts(db) -> tuple[int, ...]:
    return tuple(db[table].count for table in ("visits", "issues", "photos", "issue_events"))


def test_nothing_but_a_tap(page, db, typed):
    answer = page("officer").post("/visits/", typed, status=303)
    receipt = page("officer").get(answer.headers["Location"])
    visit = fetch_one(db, "SELECT * FROM visits")
    assert visit["visited_at"] == "2026-11-20T02:00:00Z" and visit["latitude"] is None
    assert "这次走访没有反映问题" in receipt.read


def test_the_form_as_it_stands_is_taken(page, db, firm):
    client = page("officer")
    answer = client.send(client.get(f"/visits/new?firm_id={firm.id}").one("#visit-form"), status=303)
    assert "已入库：走访 1 条" in client.follow(answer).read
    assert _counts(db)[:2] == (1, 0)


def test_everything_at_once(page, db, typed, firm):
    client = page("officer")
    data = {
        **typed,
        "notes": "准备扩产",
        "contact_name": "王经理",
        "topics": ["finance", "labour"],
        "latitude": "33.7501234",
        "longitude": "113.3",
        "accuracy_m": "12.4",
        "photos": [_photo(1), _photo(2)],
        **_problem(0),
        "issues-0-photos": [_photo(3)],
        **_problem(3, category_id=str(factories.UNROUTED), title="路坏了", kind="advice"),
    }
    shown = client.follow(client.post("/visits/", data, status=303)).read
    assert "已入库：走访 1 条，照片 3 张，问题 2 件（交" in shown
    visit = fetch_one(db, "SELECT * FROM visits")
    assert (visit["latitude"], visit["accuracy_m"], visit["distance_m"]) == (33.75012, 12, 13)
    assert visit["topics"] == "finance labour"
    issues = fetch_all(db, "SELECT * FROM issues ORDER BY id")
    assert [(row["status"], row["kind"], row["latitude"]) for row in issues] == [
        ("dispatched", "help", 33.75012),
        ("submitted", "advice", 33.75012),
    ]
    photos = fetch_all(db, "SELECT * FROM photos ORDER BY id")
    assert [(row["visit_id"], row["issue_id"]) for row in photos] == [(1, None), (1, None), (None, issues[0]["id"])]


def test_the_same_sending_twice_is_one_visit(page, db, typed):
    def send():
        return page("officer").post("/visits/", {**typed, "photos": [_photo()], **_problem(0)}, status=303)

    first = send()
    before = _counts(db)
    assert send().headers["Location"] == first.headers["Location"]
    assert _counts(db) == before == (1, 1, 1, before[3])


@pytest.mark.parametrize("change", [{"notes": "另一句"}, {"photos": [_photo(9)]}, {"mode": "phone"}, _problem(0)])
def test_the_same_key_with_other_content_is_a_conflict(page, db, typed, change):
    page("officer").post("/visits/", typed, status=303)
    before = _counts(db)
    page("officer").post("/visits/", {**typed, **change}, status=409)
    assert _counts(db) == before


def test_another_persons_key_tells_nothing(page, db, typed):
    page("officer").post("/visits/", typed, status=303)
    other = factories.make_user(db, "officer")
    own = factories.make_firm(db, officer=other)
    page(other.username).post("/visits/", {**typed, "firm_id": str(own.id)}, status=404)
    assert _counts(db)[0] == 1


def test_a_bad_photo_stores_nothing_and_keeps_what_was_typed(page, db, typed):
    data = {**typed, "notes": "准备扩产", "photos": [_photo(), (BytesIO(b"not a photo"), "b.jpg")], **_problem(1)}
    answer = page("officer").post("/visits/", data, status=422)
    assert _counts(db) == (0, 0, 0, 0)
    assert "第 2 个文件不是照片" in answer.read and "2 张照片请重新选一次" in answer.read
    form = answer.one("#visit-form")
    assert form.values["notes"] == "准备扩产" and form.values["issues-1-title"] == "变压器增容两个月没有答复"
    assert form.values["client_key"] == typed["client_key"] and form.values["issues-1-category_id"] == "4"
    assert "open" in answer.one("#problem-1").attrs and "open" not in answer.one("#problem-0").attrs


def test_a_bad_photo_of_a_problem_names_it(page, db, typed):
    data = {**typed, **_problem(2), "issues-2-photos": [(BytesIO(b""), "empty.jpg")]}
    answer = page("officer").post("/visits/", data, status=422)
    assert answer.has("a[href='#issues-2-photos']") and _counts(db) == (0, 0, 0, 0)


def test_ten_photos_are_one_too_many(page, db, typed):
    data = {**typed, "photos": [_photo(nth) for nth in range(10)]}
    assert "最多 9 张照片" in page("officer").post("/visits/", data, status=422).read
    assert _counts(db)[0] == 0


@pytest.mark.parametrize(
    "change",
    [
        {"latitude": "NaN", "longitude": "113"},
        {"latitude": "inf", "longitude": "113"},
        {"latitude": "33.7", "longitude": "181"},
        {"latitude": "33.7"},
        {"accuracy_m": "1e999"},
        {"visited_at": "9999-12-31T23:59"},
        {"visited_at": "0001-01-01T00:00"},
        {"visited_at": "yesterday"},
        {"visited_at": "2999-01-01T00:00+23:59"},
        {"notes": "退格\x08符"},
        {"notes": "空\x00符"},
        {"contact_name": "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace") + "\ue000"},
        {"notes": "长" * 4001},
        {"contact_name": "长" * 41},
        {"mode": "teleport"},
        {"topics": ["finance", "gossip"]},
        {"client_key": "1"},
        {"client_key": ""},
        {"client_key": "00000000-0000-0000-0000-000000000000"},
        {"firm_id": ""},
        {"firm_id": "1e3"},
        {"firm_id": "9" * 30},
        _problem(0, category_id="999"),
        _problem(0, category_id="电"),
        _problem(0, category_id=""),
        _problem(4, title=""),
        _problem(0, title="长" * 61),
        _problem(0, kind="order"),
        _problem(0, urgency="at once"),
        {f"issues-{MOST_ISSUES}-title": "第六个"},
        {"issues-999-category_id": "4"},
    ],
)
def test_what_cannot_be_taken_is_refused_in_words(page, db, typed, change):
    answer = page("officer").post("/visits/", {**typed, **change}, status=422)
    assert _counts(db) == (0, 0, 0, 0)
    assert answer.has(".errors") or answer.has(".empty p")


def test_a_wrong_category_is_named_where_it_stands(page, typed):
    answer = page("officer").post("/visits/", {**typed, **_problem(3, category_id="999")}, status=422)
    assert answer.has("a[href='#issues-3-category_id']")


def test_a_page_without_a_key_gets_a_fresh_one(page, typed):
    client = page("officer")
    answer = client.post("/visits/", {**typed, "client_key": "old"}, status=422)
    client.send(answer.one("#visit-form"), status=303)


def test_a_firm_that_is_not_hers_is_not_there(page, db, typed):
    other = factories.make_firm(db, officer=factories.make_user(db, "officer"))
    for firm_id in (other.id, 999999):
        page("officer").post("/visits/", {**typed, "firm_id": str(firm_id), "photos": [_photo()]}, status=404)
    page("officer").post("/visits/", {**typed, "firm_id": str(other.id), "notes": "长" * 4001}, status=404)
    assert _counts(db)[0] == 0


def test_photos_alone_make_a_problem_that_asks_for_its_words(page, db, typed):
    answer = page("officer").post("/visits/", {**typed, "issues-1-photos": [_photo()]}, status=422)
    assert answer.has("a[href='#issues-1-category_id']") and _counts(db)[0] == 0


def test_markup_is_text(page, typed):
    client = page("officer")
    shown = client.follow(client.post("/visits/", {**typed, "notes": "<script>alert(1)</script>"}, status=303))
    assert "<script>alert(1)" not in shown.text and "alert(1)" in shown.read
