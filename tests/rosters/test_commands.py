"""The import from the command line: the same judging, the same storing."""

import json

import pytest

from app.clock import today
from app.db import fetch_value
from app.rosters.models import Kind
from app.rosters.reading_actions import read_roster
from tests.rosters.books import code, text, xlsx

HEAD = ("企业名称", "统一社会信用代码", "区县")


@pytest.fixture
def run(app, tmp_path):
    """run(content, *options): the command's result."""

    def invoke(content: bytes, *options: str, kind: str = "firms"):
        path = tmp_path / "名册.xlsx"
        path.write_bytes(content)
        return app.test_cli_runner().invoke(args=["roster", "import", kind, str(path), *options])

    return invoke


def test_a_dry_run_stores_nothing_a_real_one_does_and_a_second_changes_nothing(db, run, settings):
    content = xlsx([HEAD, ["鹰城甲有限公司", code(1), "新华区"], ["鹰城乙有限公司", "", "新化区"]])
    tried = run(content, "--dry-run")
    assert tried.exit_code == 1 and "nothing stored" in tried.output and "C3 没有“新化区”" in tried.output
    assert fetch_value(db, "SELECT count(*) FROM firms") == 0
    told = run(content, "--json")
    assert told.exit_code == 1
    said = json.loads(told.stdout)
    assert said["counts"]["new"] == said["stored"] == 1
    assert said["left_out"] == [
        {"line": 3, "verdict": "refused", "label": "鹰城乙有限公司", "reasons": [said["left_out"][0]["reasons"][0]]}
    ]
    assert json.loads(run(content, "--json").stdout)["stored"] == 0
    assert fetch_value(db, "SELECT count(*) FROM firms") == 1
    assert fetch_value(db, "SELECT count(*) FROM audit_log WHERE action = 'roster_imported' AND by_id IS NULL") == 1
    assert list(settings.rosters.iterdir()) == [], "nothing of the file stays behind"


def test_doubtful_rows_are_taken_when_asked(db, run):
    run(xlsx([HEAD, ["鹰城甲有限公司", "", "新华区"]]))
    content = text([HEAD, ["鹰城甲有限责任公司", "", "新华区"]], "gb18030")
    assert run(content).exit_code == 0 and fetch_value(db, "SELECT count(*) FROM firms") == 1
    assert run(content, "--doubtful").exit_code == 0 and fetch_value(db, "SELECT count(*) FROM firms") == 2


def test_what_is_no_roster_is_said_in_words(run):
    for option in ((), ("--dry-run",)):
        answer = run(b"\x89PNG\r\n\x1a\n" + bytes(400), *option)
        assert answer.exit_code == 1 and "不是 Excel 表格" in answer.output and "Traceback" not in answer.output


def test_it_says_how_far_it_is_unless_another_program_reads(run):
    content = xlsx([HEAD, ["鹰城甲有限公司", code(1), "新华区"]])
    told = run(content)
    assert "reading" in told.stderr and "storing" in told.stderr and "1 stored" in told.stdout
    assert run(content, "--json").stderr == ""


def test_progress_goes_up_to_the_end(db, tmp_path):
    path, said = tmp_path / "many.csv", []
    path.write_bytes(text([HEAD, *([f"鹰城{nth}号有限公司", "", "新华区"] for nth in range(1, 2501))], "utf-8"))
    sheet = tmp_path / "rows.db"
    read_roster(
        db, path, sheet, kind=Kind.FIRMS, is_full=False, today=today(), progress=lambda *step: said.append(step)
    )
    done = [each for each, _total in said]
    assert done == sorted(done) and len(said) > 2 and done[-1] == said[-1][1] == 2500
