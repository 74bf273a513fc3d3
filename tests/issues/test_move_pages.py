"""The buttons and the form of every move, as browsers see them: what is offered, asked, refused and kept."""

from datetime import timedelta
from io import BytesIO

import pytest

from app import clock
from app.db import execute, transaction
from app.issues import actions, history_store, store
from app.issues.forms import WITH_PHOTOS
from app.issues.lifecycle import NOUNS, STATUS_NAMES, Status, allowed
from app.issues.pages import ONE_TAP
from app.permissions import Role
from tests import factories
from tests.factories import OTHER_DEPARTMENT
from tests.issues.by_hand import HAPPY, a_day, stand, stored

DAY = timedelta(days=1)


@pytest.fixture
def variants(db):
    """Issues in every status, and those with something asked for, supervised, returnable, reopenable or unreached."""
    made = [factories.make_issue(db, status=status) for status in Status]
    for actions_ in (
        ("request_extension",),
        ("request_suspension",),
        ("supervise",),
        ("request_extension", "grant_extension"),
    ):
        issue = factories.make_issue(db, status="in_progress")
        for action in actions_:
            issue = (
                factories.move(db, issue, action, extend_to_on=clock.today() + 60 * DAY)
                if "ext" in action
                else factories.move(db, issue, action)
            )
        made.append(issue)
    made.append(factories.make_issue(db, status="in_progress", at=clock.now() - 20 * DAY))  # accept window shut, late
    long_ago = factories.make_issue(db, status="callback", at=clock.now() - 9 * DAY)
    for days in (5, 4, 3):
        long_ago = factories.move(db, long_ago, "log_contact", at=clock.now() - days * DAY)
    made.append(long_ago)
    made.append(factories.make_issue(db, status="closed", at=clock.now() - 40 * DAY))
    for issue in made:
        if issue.department_id:
            with transaction(db):
                store.replace_assisting(db, issue.id, (OTHER_DEPARTMENT,))
    return made


def nouns_on(answer, issue_id: int) -> set[str]:
    """The moves that a page offers, whether by a button or by a link to a form."""
    region = answer.all("div.actions")
    if not region:
        return set()
    addresses = [node.get("action") for node in region[0].all("form")] + [
        node.get("href") for node in region[0].all("a")
    ]
    assert all(each.startswith(f"/issues/{issue_id}/") for each in addresses)
    assert len(addresses) == len(set(addresses)), "each is offered once"
    return {each.rsplit("/", 1)[1] for each in addresses}


@pytest.mark.parametrize("who", [*Role, "assisting"])
def test_buttons_are_exactly_the_moves_allowed(page, db, variants, who):
    user = (
        factories.make_user(db, "handler", department_id=OTHER_DEPARTMENT)
        if who == "assisting"
        else factories.the_user(db, who)
    )
    here, seen = page(user), 0
    for made in variants:
        issue = store.get_issue(db, made.id, visible_to=user, now=clock.now())
        if issue is None:
            here.get(f"/issues/{made.id}", status=404)
            continue
        seen += 1
        may = {row.noun: row for row in allowed(issue, user)}
        extra = {"firm-link"} if actions.may_make_link(issue, user) else set()
        answer = here.get(f"/issues/{issue.id}")
        assert nouns_on(answer, issue.id) == set(may) | extra, (issue.status, who)
        for noun, row in may.items():
            form = here.get(f"/issues/{issue.id}/{noun}").one("#move-form")
            assert form.field("version").get("value") == str(issue.version)
            names = {node.get("name") for node in form.walk() if node.get("name")} - {"version"}
            assert set(row.brings) <= names
            assert ("photos" in names) is (row.action in WITH_PHOTOS)
    assert seen > 5


def test_a_move_that_is_not_allowed_is_a_409_with_the_page(page, db, variants):
    for role in (Role.OFFICER, Role.HANDLER, Role.DISPATCHER, Role.HEAD, Role.OFFICE):
        user, here = factories.the_user(db, role), page(role.value)
        before = stored(db)
        for status in (Status.SUBMITTED, Status.IN_PROGRESS, Status.CLOSED):
            made = next(each for each in variants if each.status is status)
            issue = store.get_issue(db, made.id, visible_to=user, now=clock.now())
            if issue is None:
                continue
            may = {row.noun for row in allowed(issue, user)}
            for noun in set(NOUNS) - may:
                here.client.get(f"/issues/{issue.id}/{noun}")
                sent = {"version": issue.version, "note": "写了一半的话"}
                response = here.client.post(f"/issues/{issue.id}/{noun}", data=sent)
                assert response.status_code == 409, (role, status, noun)
            answer = here.get(f"/issues/{issue.id}/{noun}", status=409)
            assert "现在不能这样办理" in answer.one("[role=alert]").text
            assert answer.one("h1").text == f"问题 {issue.number}"
        assert stored(db) == before


def test_the_auditor_looks_but_does_not_touch(page, db, variants):
    here, before = page("auditor"), stored(db)
    for issue in variants:
        answer = here.get(f"/issues/{issue.id}")
        assert not nouns_on(answer, issue.id) and not answer.has("#contact")
        here.post(f"/issues/{issue.id}/notes", {"version": issue.version, "note": "看看"}, status=403)
        here.post(f"/issues/{issue.id}/contact", status=403)
        here.get(f"/issues/{issue.id}/firm-link", status=403)
    assert stored(db) == before


def test_every_noun_has_its_happy_path():
    assert set(HAPPY) == set(NOUNS)


@pytest.mark.parametrize("noun", HAPPY)
def test_every_move_works_without_scripts(page, db, noun):
    role, issue, typed = stand(db, noun)
    here, row = page(role), NOUNS[noun]
    shown = here.get(f"/issues/{issue.id}")
    if row.action in ONE_TAP:
        form = shown.one(f"form[action=/issues/{issue.id}/{noun}]")
    else:
        form = here.get(shown.one("div.actions").link(row.name)).one("#move-form")
    if row.action not in ("merge",):
        assert set(typed) <= {node.get("name") for node in form.walk()}
    answer = here.send(form, status=303, **typed)
    after = here.follow(answer)
    assert f"{issue.number}：" in after.one("#messages").text
    event = history_store.list_events(db, issue.id)[-1]
    assert (event["action"], event["by_id"]) == (row.action, factories.the_user(db, role).id)
    assert event["note"] == typed.get("note", typed.get("ruling", ""))
    fresh = store.get_issue_for_system(db, issue.id, now=clock.now())
    assert fresh.version == issue.version + 1
    assert history_store.first_broken_event(db) is None
    office = page("office").get(f"/issues/{issue.id}")
    assert event["note"] in office.read and STATUS_NAMES[fresh.status] in office.read


@pytest.mark.parametrize("noun", ["acceptance", "notes", "verification"])
def test_a_move_with_htmx_gives_the_piece(page, db, noun):
    role, issue, typed = stand(db, noun)
    answer = page(role).htmx.post(f"/issues/{issue.id}/{noun}", {"version": issue.version, **typed}, status=200)
    assert not answer.has("html")
    assert answer.one(f"#issue-{issue.id}")
    assert NOUNS[noun].done in answer.all("ol.line li")[0].text
    form = page(role).htmx.get(f"/issues/{issue.id}/notes")
    assert not form.has("html") and form.one("#move-form").field("note")


def test_who_hands_an_issue_over_and_who_loses_it(page, db):
    issue = factories.make_issue(db, status="returned")
    with transaction(db):
        store.replace_assisting(db, issue.id, (OTHER_DEPARTMENT,))
    form = page("dispatcher").get(f"/issues/{issue.id}/redispatch").one("#move-form")
    assert form.values["assisting_ids"] == str(OTHER_DEPARTMENT), "ticked, so that nobody is lost unseen"
    typed = {**HAPPY["redispatch"][3], "assisting_ids": []}
    page("dispatcher").send(form, status=303, **typed)
    page("handler").get(f"/issues/{issue.id}", status=404)


def required(noun: str) -> list[str]:
    """The fields that cannot be left out (an empty list of who assists is an answer too)."""
    return [name for name in NOUNS[noun].brings if name in HAPPY[noun][3] and name != "assisting_ids"]


@pytest.mark.parametrize("noun", [noun for noun in HAPPY if required(noun)])
def test_what_is_missing_is_said_and_what_was_typed_is_kept(page, db, noun):
    role, issue, typed = stand(db, noun)
    here = page(role)
    form = here.get(f"/issues/{issue.id}/{noun}").one("#move-form")
    before = stored(db)
    for missing in required(noun):
        answer = here.send(form, status=422, **{**typed, missing: ""})
        assert stored(db) == before
        again = answer.one("#move-form")
        held = {name: sorted(value) if isinstance(value, list) else value for name, value in again.values.items()}
        for name, value in typed.items():
            if name != missing:
                assert held[name] == (sorted(value) if isinstance(value, list) else value), name
        assert not held.get(missing)
        assert answer.has(f"#{missing}-error")
        summary = answer.one(".errors[role=alert]")
        assert [node.get("href") for node in summary.all("a")] == [f"#{missing}"]
        assert answer.has(f"#{missing}"), "the line leads to the field"
    assert here.send(again, status=303, **{missing: typed[missing]})


def test_blank_is_not_an_answer(page, db):
    issue, here = factories.make_issue(db), page("officer")
    for blank in (" \n\t ", "\u200b\ufeff", "\u3000"):
        here.post(f"/issues/{issue.id}/notes", {"version": issue.version, "note": blank}, status=422)


def test_an_answer_that_solves_brings_evidence_or_a_photo(page, db):
    role, issue, typed = stand(db, "answer")
    here, url = page(role), f"/issues/{issue.id}/answer"
    sent = {**typed, "evidence": "", "version": str(issue.version)}
    answer = here.post(url, sent, status=422)
    assert "佐证" in answer.one("#evidence-error").text
    here.post(url, {**sent, "evidence": "  "}, status=422)
    file = (BytesIO(factories.jpeg_bytes()), "现场.jpg")
    here.post(url, {**sent, "photos": [file]}, status=303)


def test_only_solving_needs_evidence(page, db):
    role, issue, typed = stand(db, "answer")
    sent = {**typed, "evidence": "", "outcome": "explained", "version": str(issue.version)}
    page(role).post(f"/issues/{issue.id}/answer", sent, status=303)


CANNOT_BE = {
    "dispatch": [
        ("department_id", "987654"),
        ("department_id", "abc"),
        ("urgency", "very"),
        ("assisting_ids", ["13", "x"]),
    ],
    "return": [("suggested_department_id", "-1"), ("suggested_department_id", "987654")],
    "redispatch": [("is_return_right", "perhaps")],
    "extension-request": [("extend_to_on", each) for each in ("2019-01-01", "9999-12-31", "soon", "NaN")],
    "suspension-request": [("review_on", "yesterday")],
    "answer": [
        ("outcome", "great"),
        ("contact_mode", "letter"),
        ("contacted_on", "2099-01-01"),
        ("note", "字" * 2001),
        ("note", "a\x00b"),
    ],
    "supervision": [("level", "black")],
    "merger": [("master_number", "2026-99999"), ("master_number", "x" * 21)],
    "notes": [("version", ""), ("version", "x"), ("version", "1.5")],
}


@pytest.mark.parametrize("noun", CANNOT_BE)
def test_what_cannot_be_is_a_422(page, db, noun):
    role, issue, typed = stand(db, noun)
    here = page(role)
    before = stored(db)
    for name, value in CANNOT_BE[noun]:
        sent = {"version": str(issue.version), **typed, name: value}
        answer = here.post(f"/issues/{issue.id}/{noun}", sent, status=422)
        assert stored(db) == before
        assert name == "version" or answer.has(f"#{name}-error"), (name, value)


def test_a_suspension_lasts_ninety_days_at_most(page, db):
    role, issue, typed = stand(db, "suspension-request")
    url, sent = f"/issues/{issue.id}/suspension-request", {**typed, "version": str(issue.version)}
    page(role).post(url, {**sent, "review_on": a_day(91)}, status=422)
    page(role).post(url, {**sent, "review_on": a_day(90)}, status=303)


def test_an_extension_that_extends_nothing_is_refused(page, db):
    role, issue, typed = stand(db, "extension-request")
    sent = {**typed, "extend_to_on": a_day(0), "version": str(issue.version)}
    answer = page(role).post(f"/issues/{issue.id}/extension-request", sent, status=422)
    assert answer.has("#extend_to_on-error")


@pytest.mark.parametrize("noun", HAPPY)
def test_an_old_screen_is_a_409_with_the_fresh_page_and_the_words(page, db, noun):
    role, issue, typed = stand(db, noun)
    execute(db, "UPDATE issues SET version = version + 1 WHERE id = :id", {"id": issue.id})
    here = page(role)
    before = stored(db)
    sent = {**typed, "version": str(issue.version)}
    answer = here.post(f"/issues/{issue.id}/{noun}", sent, status=409)
    assert stored(db) == before
    assert "刚刚有了变化" in answer.one("[role=alert]").text
    assert answer.one("h1").text == f"问题 {issue.number}"
    offered = " ".join(node.get("data-copy") for node in answer.all("[data-copy]"))
    for name in ("note", "ruling", "public_answer", "basis"):
        assert typed.get(name, "") in offered
    assert nouns_on(answer, issue.id), "what may be done now is at hand"
    piece = here.htmx.post(f"/issues/{issue.id}/{noun}", sent, status=409)
    assert not piece.has("html") and piece.one(f"#issue-{issue.id}")


def test_words_typed_too_late_are_not_lost(page, db):
    """The office voids it while the handler writes: she gets her answer back to copy."""
    role, issue, typed = stand(db, "answer")
    form = page(role).get(f"/issues/{issue.id}/answer").one("#move-form")
    factories.move(db, issue, "void")
    answer = page(role).send(form, status=409, **typed)
    assert "刚刚有了变化" in answer.one("[role=alert]").text
    offered = answer.one("[data-copy]").get("data-copy")
    assert typed["note"] in offered and typed["public_answer"] in offered
    assert "已作废" in answer.read


def test_what_is_not_there(page, db):
    issue = factories.make_issue(db)
    for role in Role:
        here = page(role.value)
        for rest in ("987654", "987654/clock", "987654/notes", "0", "-1", "abc", "99999999999999999999", "1.5"):
            here.get(f"/issues/{rest}", status=404)
    for noun in ("nonsense", "report", "escalate", "confirm", "ACCEPTANCE", "notes%00", "注"):
        for post in (False, True):
            open_ = page("office").post if post else page("office").get
            open_(f"/issues/{issue.id}/{noun}", status=404)


def test_what_was_typed_outlives_the_session(db, page):
    """The page that asks to sign in holds what was sent; after that the form stands there filled, nothing done yet."""
    issue = factories.make_issue(db, status="in_progress")
    handler = page("handler")
    form = handler.get(f"/issues/{issue.id}/answer").one("form#move-form")
    db.conn.execute("UPDATE sessions SET ended_at = seen_at")
    photo = (BytesIO(factories.jpeg_bytes()), "a.jpg")
    typed = {"public_answer": "<b>已更换变压器</b>", "note": "两日内完成", "outcome": "solved", "photos": photo}
    asked = handler.send(form, **typed, status=401)
    assert asked.one("a.main").get("target") == "_blank"
    again = asked.one("main form")
    assert handler.send(again, status=401).has("[name=public_answer]"), "not signed in yet, and nothing lost"
    back = page("handler").send(again, status=200)
    assert back.one("[name=public_answer]").text.strip() == "<b>已更换变压器</b>"
    assert back.one("[name=outcome][value=solved]").get("checked") is not None
    assert "请重新选一次" in back.one("[role=alert]").text
    assert db.conn.execute("SELECT status FROM issues").fetchone()[0] == "in_progress"


def test_a_tap_leaves_nothing_to_go_on_with(db, page):
    issue = factories.make_issue(db, status="dispatched")
    refused = page.post(f"/issues/{issue.id}/acceptance", data={"version": "1"}, status=401)
    assert not refused.has("main form")
