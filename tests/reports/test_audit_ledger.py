"""The audit log as a file: as it was searched, safe for a spreadsheet, itself an entry; a long one by a job."""

import csv
import io

import pytest

from app import clock
from app.audit import store
from app.db import transaction
from app.reports import handing_out
from tests import factories as make


def _read(response):
    return list(csv.DictReader(io.StringIO(response.get_data().decode("utf-8-sig"))))


def test_what_was_searched_for_leaves_and_that_is_written(db, sign_in):
    firm = make.make_firm(db, name="=鹰城纺织有限公司")
    with transaction(db):
        for nth in range(3):
            store.add_entry(db, "contact_revealed", f"firm:{firm.id}", by_id=None, now=clock.now(), detail=str(nth))
        store.add_entry(db, "backup_taken", "backup", by_id=None, now=clock.now())
    auditor = sign_in("auditor")
    response = auditor.post("/reports/audit/csv", data={"action": "contact_revealed", "about": firm.name})
    assert response.status_code == 200
    rows = _read(response)
    assert [row["说明"] for row in rows] == ["0", "1", "2"]
    assert {row["操作"] for row in rows} == {"查看企业联系电话"}
    assert {row["名称"] for row in rows} == {f"'{firm.name}"}, "no spreadsheet calculates it"
    assert len({row["校验值"] for row in rows}) == 3
    entry = db.conn.execute("SELECT * FROM audit_log ORDER BY id DESC LIMIT 1").fetchone()
    assert (entry["action"], entry["object"]) == ("ledger_exported", "report:audit")
    assert entry["detail"] == "csv action=contact_revealed about; 3 rows", "whom it was about is not repeated"
    assert "no-store" in response.headers["Cache-Control"]


def test_many_batches_make_one_file(db, sign_in, monkeypatch):
    monkeypatch.setattr("app.reports.audit_ledger.CHUNK", 7)
    with transaction(db):
        ids = [store.add_entry(db, "looked", "backup", by_id=None, now=clock.now()) for _nth in range(40)]
    rows = _read(sign_in("office").post("/reports/audit/csv", data={"about": "backup"}))
    assert [int(row["序号"]) for row in rows] == ids


def test_a_long_one_is_a_job(db, sign_in, monkeypatch):
    monkeypatch.setattr(handing_out, "LONG", 1)
    response = sign_in("auditor").post("/reports/audit/csv", data={"action": ""})
    assert response.status_code == 200 or response.headers["Location"].startswith("/jobs/")
    with transaction(db):
        for _nth in range(5):
            store.add_entry(db, "looked", "backup", by_id=None, now=clock.now())
    response = sign_in("auditor").post("/reports/audit/csv", data={"about": "backup"})
    assert response.status_code == 303 and response.headers["Location"].startswith("/jobs/")


@pytest.mark.parametrize("data", [{"from": "x"}, {"action": "nothing"}, {"person": "x" * 65}])
def test_what_cannot_be_searched_by_is_refused_in_words(db, sign_in, data):
    response = sign_in("auditor").post("/reports/audit/csv", data=data)
    assert response.status_code == 422 and 'class="err"' in response.text
    assert not db.conn.execute("SELECT 1 FROM audit_log WHERE action = 'ledger_exported'").fetchone()


@pytest.mark.parametrize("role", ["officer", "handler", "dispatcher", "head"])
def test_nobody_else_takes_it_out(sign_in, role):
    assert sign_in(role).post("/reports/audit/csv").status_code == 403
