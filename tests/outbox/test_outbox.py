"""What phones send from their outbox: once, whole or not at all, a receipt that names it, JSON whatever happens."""

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from app.db import fetch_all, fetch_one
from app.outbox.models import ACCOUNT_HEADER, account_of
from app.visits.forms import new_key
from tests import factories


@pytest.fixture
def firm(db):
    return factories.make_firm(db, officer=factories.the_user(db, "officer"))


@pytest.fixture
def officer(sign_in):
    return sign_in("officer")


def photo(nth: int) -> bytes:
    """A photo's file; another number is another photo."""
    return factories.jpeg_bytes(colour=(nth, 90, 90))


def announce(field: str, raw: bytes) -> dict[str, str]:
    """A line of the manifest."""
    return {"key": new_key(), "sha256": hashlib.sha256(raw).hexdigest(), "field": field}


def body(firm, *photos, **record):
    """What the phone puts: the form's fields as texts, and the manifest."""
    fields = {"firm_id": str(firm.id), "visited_at": "2026-11-20T10:00", "mode": "on_site", **record}
    return {"schema": 1, "record": fields, "photos": list(photos)}


def problem(nth: int, **fields) -> dict[str, str]:
    values = {"category_id": str(factories.UNROUTED), "title": "厂门口的路坏了", **fields}
    return {f"issues-{nth}-{name}": value for name, value in values.items()}


def put_visit(client, key, record, status=200, **more):
    answer = client.put(f"/outbox/visits/{key}", json=record, **more)
    assert answer.status_code == status, answer.text
    return answer.json


def put_photo(client, key, visit, raw, status=200, kind="image/jpeg", **more):
    answer = client.put(f"/outbox/photos/{key}?visit={visit}", data=raw, content_type=kind, **more)
    assert answer.status_code == status, answer.text
    return answer.json


def counts(db) -> tuple[int, ...]:
    return tuple(db[table].count for table in ("visits", "issues", "photos", "outbox_photos"))


def test_a_record_and_its_photos(db, officer, firm, settings):
    files = [photo(1), photo(2), photo(3)]
    lines = [announce("photos", files[0]), announce("photos", files[1]), announce("issues-2-photos", files[2])]
    key, record = new_key(), body(firm, *lines, notes="准备扩产", topics=["finance", "labour"], **problem(2))
    keys = [each["key"] for each in lines]
    receipt = put_visit(officer, key, record)
    assert receipt["client_key"] == key and receipt["status"] == "stored"
    assert receipt["photos"] == {"have": [], "missing": keys}
    # In another order than announced; the place of each is its own.
    for nth in (2, 1, 0):
        receipt = put_photo(officer, keys[nth], key, files[nth])
        assert receipt["photo_key"] == keys[nth] and keys[nth] in receipt["photos"]["have"]
    assert receipt["photos"] == {"have": keys, "missing": []}
    stored = fetch_all(
        db, "SELECT visit_id, issue_id, position, original_sha256, sha256 FROM photos ORDER BY position, id DESC"
    )
    issue = fetch_one(db, "SELECT id FROM issues")["id"]
    assert [(row["visit_id"], row["issue_id"], row["position"]) for row in stored] == [
        (1, None, 0),
        (None, issue, 0),
        (1, None, 1),
    ]
    assert {row["original_sha256"] for row in stored} == {each["sha256"] for each in lines}
    assert all((settings.photos / row["sha256"][:2] / f"{row['sha256']}.main.jpg").exists() for row in stored)
    shown = officer.get(receipt["url"]).text
    assert "已入库：走访 1 条，照片 3 张，问题 1 件" in shown


def test_the_same_sending_twice_is_one_visit_with_the_same_receipt(db, officer, firm):
    raw = photo(1)
    key, line = new_key(), announce("photos", raw)
    record = body(firm, line, **problem(0))
    assert put_visit(officer, key, record) == put_visit(officer, key, record)
    first = put_photo(officer, line["key"], key, raw)
    assert put_photo(officer, line["key"], key, raw) == first
    assert put_visit(officer, key, record)["photos"] == {"have": [line["key"]], "missing": []}
    assert counts(db) == (1, 1, 1, 1)


def test_other_content_under_the_same_key_is_a_conflict(db, officer, firm):
    raw = photo(1)
    key, line = new_key(), announce("photos", raw)
    put_visit(officer, key, body(firm, line))
    put_photo(officer, line["key"], key, raw)
    for other in (
        body(firm, line, notes="另一句"),
        body(firm),
        body(firm, {**line, "sha256": "0" * 64}),
        body(firm, line, **problem(0)),
    ):
        answer = put_visit(officer, key, other, status=409)
        assert answer["key"] == key and "已经入库" in answer["message"]
        assert officer.get(answer["url"]).status_code == 200
    put_photo(officer, line["key"], key, photo(2), status=409)
    assert counts(db) == (1, 0, 1, 1)


def test_another_persons_keys_tell_nothing(db, officer, firm, sign_in):
    raw = photo(1)
    key, line = new_key(), announce("photos", raw)
    put_visit(officer, key, body(firm, line))
    other = factories.make_user(db, "officer")
    own = factories.make_firm(db, officer=other)
    client = sign_in(other)
    put_visit(client, key, body(own, line), status=404)
    put_photo(client, line["key"], key, raw, status=404)
    put_visit(client, new_key(), body(firm), status=404)  # a firm that is not hers
    answer = put_visit(client, new_key(), body(own, line), status=409)  # a photo's key that is taken
    assert "url" not in answer
    assert counts(db) == (1, 0, 0, 1)


def test_photos_of_unknown_records(db, officer, firm):
    key = new_key()
    put_photo(officer, new_key(), key, photo(1), status=404)
    put_visit(officer, key, body(firm))
    put_photo(officer, new_key(), key, photo(1), status=409)
    assert counts(db)[2] == 0


def test_damaged_and_unreadable_photos(db, officer, firm):
    raw, text = photo(1), b"this is no photo at all"
    key, lines = new_key(), [announce("photos", raw), announce("photos", text)]
    put_visit(officer, key, body(firm, *lines))
    answer = put_photo(officer, lines[0]["key"], key, raw[:-1], status=422)
    assert "sha256" in answer["fields"]
    answer = put_photo(officer, lines[1]["key"], key, text, status=422)
    assert "不是照片" in answer["fields"]["photos"]
    put_photo(officer, lines[0]["key"], key, raw, status=415, kind="text/plain")
    put_photo(officer, lines[0]["key"], key, b"", status=422)
    assert counts(db) == (1, 0, 0, 2)
    assert put_photo(officer, lines[0]["key"], key, raw)["photos"]["missing"] == [lines[1]["key"]]


def test_a_body_cut_short(db, officer, firm):
    raw = photo(1)
    key, line = new_key(), announce("photos", raw)
    text = json.dumps(body(firm, line)).encode()
    cut = {"CONTENT_LENGTH": str(len(text) + 50)}
    answer = officer.put(f"/outbox/visits/{key}", data=text, content_type="application/json", environ_overrides=cut)
    assert answer.status_code == 400 and answer.json["key"] == key
    put_visit(officer, key, body(firm, line))
    cut = {"CONTENT_LENGTH": str(len(raw) + 50)}
    put_photo(officer, line["key"], key, raw, status=400, environ_overrides=cut)
    assert counts(db) == (1, 0, 0, 1)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[]", b"null", b'"text"', b"NaN", b"\xff\xfe", b"[" * 100_000, b'{"schema": 1' + b"1" * 5000 + b"}",
        b'{"schema": 2, "record": {}}', b'{"schema": true, "record": {}}', b'{"schema": 1}',
        b'{"schema": 1, "record": []}',
        b'{"schema": 1, "record": {"firm_id": 1}}', b'{"schema": 1, "record": {"firm_id": {"a": 1}}}',
        b'{"schema": 1, "record": {"notes": "\\ud800", "firm_id": "1"}}',
        b'{"schema": 1, "record": {"notes": "\\u0000", "firm_id": "1"}}',
        b'{"schema": 1, "record": {"firm_id": "99999999999999999999999"}}',
        b'{"schema": 1, "record": {"firm_id": "1"}, "photos": {}}',
        b'{"schema": 1, "record": {"firm_id": "1"}, "photos": [{"key": "x"}]}',
        b'{"schema": 1, "record": {"firm_id": "1"}, "photos": [1e999]}',
        b'{"schema": 1, "record": {"firm_id": "1", "latitude": "nan", "longitude": "1"}}',
    ],
)  # fmt: skip
def test_nonsense_is_refused_in_words(db, officer, firm, raw):
    answer = officer.put(f"/outbox/visits/{new_key()}", data=raw, content_type="application/json")
    assert answer.status_code == 422, answer.text
    assert answer.json["message"] and isinstance(answer.json["fields"], dict)
    assert counts(db) == (0, 0, 0, 0)


def test_too_many_photos_and_doubled_keys(db, officer, firm):
    lines = [announce("photos", photo(nth)) for nth in range(10)]
    assert put_visit(officer, new_key(), body(firm, *lines), status=422)["fields"].keys() == {"photos"}
    put_visit(officer, new_key(), body(firm, lines[0], lines[0]), status=422)
    put_visit(officer, new_key(), body(firm, {**lines[0], "field": "issues-5-photos"}), status=422)
    assert counts(db) == (0, 0, 0, 0)


def test_the_forms_own_words_for_each_field(db, officer, firm):
    answer = put_visit(
        officer, new_key(), body(firm, announce("issues-1-photos", photo(1)), mode="by boat"), status=422
    )
    assert {"mode", "issues-1-title", "issues-1-category_id"} <= answer["fields"].keys()
    officer.set_cookie("language", "en")
    answer = put_visit(officer, new_key(), body(firm, mode="by boat"), status=422)
    assert answer["fields"]["mode"].isascii()


@pytest.mark.parametrize("key", ["main", "x" * 300, "00000000-0000-0000-0000-000000000000", "' OR 1=1"])
def test_keys_that_are_none(officer, firm, key):
    assert officer.put(f"/outbox/visits/{key}", json=body(firm)).status_code == 422
    assert officer.put(f"/outbox/photos/{key}?visit={key}", data=b"x", content_type="image/jpeg").status_code == 422


def test_signed_out_and_signed_in_as_another(client, officer, firm, db):
    key = new_key()
    answer = put_visit(client, key, body(firm), status=401)
    assert answer["key"] == key and answer["message"]
    other = factories.make_user(db, "officer")
    claims = {ACCOUNT_HEADER: account_of(other.id)}
    put_visit(officer, key, body(firm), status=401, headers=claims)
    assert counts(db)[0] == 0
    mine = {ACCOUNT_HEADER: account_of(factories.the_user(db, "officer").id)}
    put_visit(officer, key, body(firm), headers=mine)


def test_other_roles_and_other_sites(sign_in, officer, firm):
    assert put_visit(sign_in("handler"), new_key(), body(firm), status=403)["error"] == 403
    put_visit(officer, new_key(), body(firm), status=403, headers={"Sec-Fetch-Site": "cross-site"})
    put_visit(officer, new_key(), body(firm), status=403, headers={"Origin": "http://evil.example"})


def test_what_is_too_large_or_of_another_type(officer, firm, app):
    key = new_key()
    answer = officer.put(f"/outbox/visits/{key}", data=b" " * 1_100_000, content_type="application/json")
    assert (answer.status_code, answer.json["key"]) == (413, key)
    answer = officer.put(f"/outbox/visits/{key}", data={"firm_id": "1"})
    assert (answer.status_code, answer.json["key"]) == (415, key)
    line = announce("photos", photo(1))
    put_visit(officer, key, body(firm, line))
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], photo_mb=1)
    put_photo(officer, line["key"], key, b"x" * 1_100_000, status=413)
    answer = officer.get(f"/outbox/visits/{key}")
    assert answer.status_code == 405 and answer.json["error"] == 405


def test_the_plain_form_and_the_outbox_are_one(db, page, firm, officer):
    from io import BytesIO

    raw = photo(1)
    key, line = new_key(), announce("photos", raw)
    typed = {"client_key": key, "firm_id": str(firm.id), "mode": "on_site", "visited_at": "2026-11-20T10:00"}
    page("officer").post("/visits/", {**typed, "photos": (BytesIO(raw), "1.jpg")}, status=303)
    assert put_visit(officer, key, body(firm, line))["photos"] == {"have": [line["key"]], "missing": []}
    assert counts(db) == (1, 0, 1, 0)


def test_a_move_that_waited(db, officer):
    issue = factories.make_issue(db, status="needs_info")
    key = new_key()
    sent = {
        "schema": 1,
        "issue_id": issue.id,
        "noun": "supplement",
        "version": issue.version,
        "fields": {"note": "建设路 5 号"},
    }
    receipt = officer.put(f"/outbox/moves/{key}", json=sent)
    assert receipt.status_code == 200 and receipt.json["client_key"] == key
    assert officer.put(f"/outbox/moves/{key}", json=sent).json == receipt.json
    row = fetch_one(db, "SELECT status, version FROM issues WHERE id = :id", {"id": issue.id})
    assert tuple(row) == ("submitted", issue.version + 1)
    # Other words under the same key, and the same words on an issue that moved on.
    answer = officer.put(f"/outbox/moves/{key}", json={**sent, "fields": {"note": "另一处"}})
    assert answer.status_code == 409
    answer = officer.put(f"/outbox/moves/{new_key()}", json=sent)
    assert answer.status_code == 409 and answer.json["message"]


def test_moves_refused(db, officer, sign_in):
    issue = factories.make_issue(db, status="in_progress")
    sent = {"schema": 1, "issue_id": issue.id, "noun": "notes", "version": issue.version, "fields": {"note": "已联系"}}
    for change, status in (
        ({"noun": "answer"}, 422), ({"noun": "nothing"}, 422), ({"noun": None}, 422), ({"issue_id": 987654}, 404),
        ({"issue_id": 10**30}, 422), ({"version": "1"}, 422), ({"version": issue.version + 1}, 409),
        ({"fields": {"note": ""}}, 422), ({"noun": "verification", "fields": {}}, 409),
    ):  # fmt: skip
        answer = officer.put(f"/outbox/moves/{new_key()}", json={**sent, **change})
        assert answer.status_code == status, (change, answer.text)
    key = new_key()
    assert officer.put(f"/outbox/moves/{key}", json=sent).status_code == 200
    assert sign_in("dispatcher").put(f"/outbox/moves/{key}", json=sent).status_code == 404


def test_pages_to_keep_are_marked_for_officers_alone(client, officer, sign_in, firm, db):
    account = account_of(factories.the_user(db, "officer").id)
    listed = officer.get("/outbox/pages").json
    assert listed["account"] == account
    assert {"/", "/offline", "/firms/", "/visits/new", f"/firms/{firm.id}", f"/visits/new?firm_id={firm.id}"} <= set(
        listed["pages"]
    )
    for url in listed["pages"]:
        assert officer.get(url).headers[ACCOUNT_HEADER] == account
    assert ACCOUNT_HEADER not in officer.get("/firms/", headers={"HX-Request": "true"}).headers
    assert ACCOUNT_HEADER not in officer.get("/firms/987654").headers
    for role in ("handler", "dispatcher", "head", "office", "auditor"):
        other = sign_in(role)
        assert ACCOUNT_HEADER not in other.get("/me").headers and "outbox.js" not in other.get("/me").text
    assert ACCOUNT_HEADER not in client.get("/login").headers


def test_the_worker_and_the_manifest(client, app):
    worker = client.get("/sw.js")
    assert worker.mimetype == "text/javascript" and worker.headers["Cache-Control"] == "no-cache"
    files = json.loads(worker.text.split("FILES = ", 1)[1].split("], HEADER", 1)[0] + "]")
    release = app.config["RELEASE"]
    assert f'"{release}"' in worker.text and f"/static/{release}/js/draft.js" in files
    for file in files:
        with client.get(file) as answer:
            assert answer.status_code == 200, file
    manifest = client.get("/manifest.webmanifest")
    assert manifest.json["start_url"] == "/" and manifest.json["display"] == "standalone"
    assert manifest.json["name"] == "企访通"
    client.set_cookie("language", "en")
    assert client.get("/manifest.webmanifest").json["name"].isascii()
    for icon in manifest.json["icons"]:
        with client.get(icon["src"]) as answer:
            assert answer.status_code == 200


def test_every_script_that_kept_pages_load_is_in_the_shell(client, officer, firm):
    """Else offline loses the form."""
    files = client.get("/sw.js").text
    for url in officer.get("/outbox/pages").json["pages"]:
        for each in re.findall(r'(?:src|href)="(/static/[^"#]+)', officer.get(url).text):
            if "apple-touch-icon" not in each:
                assert each in files, f"{url} loads {each}"


def test_the_oldest_browsers_can_read_what_tells_them(client, app):
    """A browser that cannot read outbox.js must still be told: that script has no words younger than it."""
    script = (Path(app.static_folder) / "js" / "unable.js").read_text(encoding="utf-8")
    code = re.sub(r"//.*", "", script)
    assert not re.search(r"=>|`|\?\.|\?\?|\b(const|let|class|async|await|of)\b", code)


def a_move(issue, *photos, noun="supplement", note="建设路 5 号", **more):
    """What the phone puts for a move on an issue."""
    sent = {"schema": 1, "issue_id": issue.id, "noun": noun, "version": issue.version, "fields": {"note": note}}
    return {**sent, **({"photos": list(photos)} if photos else {}), **more}


def put_move(client, key, sent, status=200):
    answer = client.put(f"/outbox/moves/{key}", json=sent)
    assert answer.status_code == status, answer.text
    return answer.json


def test_a_move_and_its_photos(db, officer, page):
    issue = factories.make_issue(db, status="needs_info")
    files = [photo(1), photo(2)]
    lines = [announce("photos", raw) for raw in files]
    keys = [each["key"] for each in lines]
    key, sent = new_key(), a_move(issue, *lines)
    receipt = put_move(officer, key, sent)
    assert receipt["photos"] == {"have": [], "missing": keys}
    assert put_move(officer, key, sent) == receipt
    assert "还有 2 张照片在手机里" in page("dispatcher").get(f"/issues/{issue.id}").text
    # Small first: the second one arrives before the first, each takes its own place.
    receipt = put_photo(officer, keys[1], key, files[1])
    assert receipt["client_key"] == key and receipt["photos"] == {"have": [keys[1]], "missing": [keys[0]]}
    assert put_photo(officer, keys[1], key, files[1]) == receipt
    assert "还有 1 张照片在手机里" in officer.get(f"/issues/{issue.id}").text
    answer = officer.put(f"/outbox/photos/{keys[0]}?record={key}", data=files[0], content_type="image/jpeg")
    assert answer.json["photos"] == {"have": keys, "missing": []}
    shown = officer.get(answer.json["url"]).text
    assert "在手机里" not in shown and f"{issue.number}：" in shown
    [event] = fetch_all(
        db, "SELECT id FROM issue_events WHERE issue_id = :id AND action = 'supplement'", {"id": issue.id}
    )
    rows = fetch_all(db, "SELECT issue_id, event_id, visit_id, position, original_sha256 FROM photos ORDER BY position")
    assert [tuple(row) for row in rows] == [
        (issue.id, event["id"], None, nth, line["sha256"]) for nth, line in enumerate(lines)
    ]
    # The same key with other photos is another move.
    put_move(officer, key, a_move(issue, lines[0]), status=409)
    put_move(officer, key, a_move(issue, lines[0], {**lines[1], "sha256": "0" * 64}), status=409)
    put_photo(officer, keys[0], key, photo(3), status=409)
    assert db["photos"].count == 2


def test_photos_of_moves_are_whose_the_move_is(db, officer, sign_in):
    issue = factories.make_issue(db, status="needs_info")
    raw = photo(1)
    key, line = new_key(), announce("photos", raw)
    put_move(officer, key, a_move(issue, line))
    put_photo(officer, new_key(), key, raw, status=409)  # not announced
    other = sign_in(factories.make_user(db, "officer"))
    put_photo(other, line["key"], key, raw, status=404)
    put_photo(other, new_key(), key, raw, status=404)
    put_photo(officer, line["key"], new_key(), raw, status=404)  # announced by another record
    put_photo(officer, line["key"], key, raw[:-2], status=422)
    assert db["photos"].count == 0


def test_moves_that_take_no_photos_and_photos_of_no_move(db, officer):
    issue, answered = factories.make_issue(db, status="needs_info"), factories.make_issue(db, status="proposed")
    line = announce("photos", photo(1))
    put_move(officer, new_key(), a_move(answered, line, noun="verification"), status=422)
    put_move(officer, new_key(), a_move(issue, {**line, "field": "issues-0-photos"}), status=422)
    put_move(officer, new_key(), a_move(issue, line, line), status=422)
    put_move(officer, new_key(), a_move(issue, *(announce("photos", photo(nth)) for nth in range(10))), status=422)
    put_move(officer, new_key(), a_move(issue, photos={}), status=422)
    put_move(officer, new_key(), a_move(issue, line, version=issue.version - 1), status=409)
    assert db["outbox_photos"].count == 0 and db["outbox_moves"].count == 0
    put_move(officer, new_key(), a_move(answered, line, noun="rejection"))
    put_move(officer, new_key(), a_move(issue, line), status=409)  # a photo's key is taken: nothing of the move stands
    row = fetch_one(db, "SELECT status, version FROM issues WHERE id = :id", {"id": issue.id})
    assert tuple(row) == ("needs_info", issue.version)


def test_her_own_note_does_not_make_her_answer_stale(db, officer, page):
    """Two things written without a signal on one page: both were typed against the same version."""
    issue = factories.make_issue(db, status="needs_info")
    put_move(officer, new_key(), a_move(issue, noun="notes", note="已去现场"))
    put_move(officer, new_key(), a_move(issue, noun="notes", note="又去了一次"))
    put_move(officer, new_key(), a_move(issue))
    assert fetch_one(db, "SELECT status FROM issues WHERE id = :id", {"id": issue.id})["status"] == "submitted"
    # A note decides nothing: it is taken although the issue went on; another answer is not.
    put_move(officer, new_key(), a_move(issue, noun="notes"))
    put_move(officer, new_key(), a_move(issue, note="另一处"), status=409)
