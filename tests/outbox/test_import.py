"""The office takes in what was rescued from a phone: once, in words, whatever the file is."""

import hashlib
import json
import zipfile
from io import BytesIO

import pytest

from app.db import fetch_all
from app.outbox.models import account_of
from app.visits.forms import new_key
from tests import factories

URL = "/office/outbox"


@pytest.fixture
def firm(db):
    return factories.make_firm(db, officer=factories.the_user(db, "officer"))


def record(firm, *photos: bytes, key: str = "", **fields):
    """A record as the phone exports it, and its photos by key."""
    files = {new_key(): raw for raw in photos}
    lines = [{"key": each, "sha256": hashlib.sha256(raw).hexdigest(), "field": "photos"} for each, raw in files.items()]
    typed = {"firm_id": str(firm.id), "mode": "phone", "visited_at": "2026-11-20T10:00", **fields}
    body = {"client_key": key or new_key(), "kind": "visit", "title": "一条走访", "schema": 1}
    return {**body, "record": typed, "photos": lines}, files


def pack(records, files, *, account: str | None = None, method: int = zipfile.ZIP_STORED) -> bytes:
    """The ZIP."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", method) as held:
        held.writestr("record.json", json.dumps({"schema": 1, "account": account, "records": records}))
        for key, raw in files.items():
            held.writestr(f"photos/{key}.jpg", raw)
    return out.getvalue()


def send(page, raw: bytes, username: str = "officer", status: int = 200):
    form = {"file": (BytesIO(raw), "qifang.zip"), "username": username}
    return page("office").post(URL, form, status=status, content_type="multipart/form-data")


def test_a_rescued_file_twice_is_once(db, page, firm):
    officer = factories.the_user(db, "officer")
    raw = factories.jpeg_bytes()
    first, files = record(firm, raw, notes="手机坏了")
    issue = factories.make_issue(db, status="needs_info")
    move = {"client_key": new_key(), "kind": "move", "title": "补充", "schema": 1, "issue_id": issue.id}
    move |= {"noun": "supplement", "version": issue.version, "fields": {"note": "建设路 5 号"}}
    before = db["visits"].count
    packed = pack([first, move], files, account=account_of(officer.id))
    answer = send(page, packed)
    assert answer.text.count("已入库</p>") == 2 and "没有收下" not in answer.text
    again = send(page, packed)
    assert again.text.count("之前已入库，没有改动") == 2
    assert db["visits"].count == before + 1
    [photo] = fetch_all(db, "SELECT original_sha256 FROM photos WHERE visit_id IS NOT NULL")
    assert photo["original_sha256"] == hashlib.sha256(raw).hexdigest()
    rows = fetch_all(db, "SELECT object, by_id, detail FROM audit_log WHERE action = 'outbox_imported' ORDER BY id")
    office = factories.the_user(db, "office")
    assert [tuple(row) for row in rows] == [
        (f"user:{officer.id}", office.id, "2 / 0 / 0 / 0"),
        (f"user:{officer.id}", office.id, "0 / 2 / 0 / 0"),
    ]
    assert "导入手机导出的记录" in page("office").get("/office/audit/").text


def test_what_is_refused_holds_up_nothing_else(db, page, firm):
    good, files = record(firm, factories.jpeg_bytes(), notes="好的")
    bad, _none = record(firm, mode="by boat")
    lost, lost_files = record(firm, factories.jpeg_bytes(colour=(1, 2, 3)), b"no photo", factories.jpeg_bytes())
    del lost_files[lost["photos"][0]["key"]]
    other, _none = record(firm, key=good["client_key"], notes="另一句")
    strange = [None, 3, "x", [], {}, {"client_key": 1, "schema": 1}, {**good, "client_key": new_key(), "schema": 9}]
    answer = send(page, pack([bad, *strange, lost, good, other], files | lost_files))
    assert answer.text.count("没有收下</p>") == 2 + len(strange) + 1  # `lost` in part
    assert "文字已入库，有照片没有收下" in answer.text and "压缩包里缺少这条记录的照片" in answer.text
    assert db["visits"].count == 2 and db["photos"].count == 2
    # With its photos it is whole.
    lost_files[lost["photos"][0]["key"]] = factories.jpeg_bytes(colour=(1, 2, 3))
    answer = send(page, pack([lost], lost_files, method=zipfile.ZIP_DEFLATED))
    assert "第 1 个文件不是照片" in answer.text and db["photos"].count == 3
    answer = send(page, pack([lost], lost_files, method=zipfile.ZIP_LZMA), status=422)


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"not a zip", b"PK\x05\x06" + bytes(18), pack([], {})[:-30], pack(None, {}), pack({"a": 1}, {}),
        pack(["x" * 2_100_000], {}, method=zipfile.ZIP_DEFLATED),
    ],
)  # fmt: skip
def test_files_that_are_no_export(db, page, firm, raw):
    answer = send(page, raw, status=422)
    assert "导出到文件" in answer.text and "请换一个文件" in answer.text
    assert db["visits"].count == 0


def test_accounts_that_did_not_record_it(db, page, firm):
    other = factories.make_user(db, "officer")
    held, files = record(firm)
    packed = pack([held], files, account=account_of(factories.the_user(db, "officer").id))
    for username, words in (
        ("nobody", "没有这个首席服务官账号"),
        ("office", "没有这个首席服务官账号"),
        ("", "请填写这一项"),
        (other.username, "另一个账号的手机导出的"),
    ):
        assert words in send(page, packed, username, status=422).text
    form = {"username": "officer"}
    page("office").post(URL, form, status=422, content_type="multipart/form-data")
    assert db["visits"].count == 0


@pytest.mark.parametrize("role", ["officer", "handler", "dispatcher", "head", "auditor"])
def test_other_roles_may_not(page, role):
    page(role).get(URL, status=403)
    page(role).post(URL, {"username": "officer"}, status=403)
    assert URL not in page(role).get("/me").text


def test_the_office_finds_it_on_its_own_page(page):
    assert URL in page("office").get("/me").text
    assert "导入" in page("office").get(URL).text
