"""What becomes of an import whose process died, and of what lies beside it."""

from datetime import timedelta

import pytest

from app import clock
from app.db import fetch_value
from app.errors import Conflict
from app.jobs import actions as jobs
from app.rosters import actions
from app.rosters.models import SHEET, Kind, State
from tests import factories
from tests.rosters.books import code, xlsx

HEAD = ("企业名称", "统一社会信用代码", "区县")


def quiet(done, total):
    """No progress bar."""


@pytest.fixture
def begun(db, settings, tmp_path):
    """An upload that nobody has read yet."""
    settings.rosters.mkdir()
    path = tmp_path / "a.xlsx"
    path.write_bytes(xlsx([HEAD, ["鹰城甲有限公司", code(1), "新华区"]]))
    office = factories.the_user(db, "office")
    return actions.begin(
        db, path, settings.rosters, kind=Kind.FIRMS, file_name="a.xlsx", is_full=False, by=office, now=clock.now()
    )


def state(db, import_id):
    return fetch_value(db, "SELECT state FROM roster_imports WHERE id = :id", {"id": import_id})


def test_reading_and_storing_may_be_begun_twice(db, settings, begun):
    for _time in range(2):
        actions.read(db, settings.rosters, begun, now=clock.now(), progress=quiet)
    assert state(db, begun) == State.PREVIEW
    db.conn.execute("UPDATE roster_imports SET state = 'storing'")  # and then its process died
    assert actions.apply(db, settings.rosters, begun, by_id=None, now=clock.now(), progress=quiet) == 1
    with pytest.raises(Conflict):
        actions.apply(db, settings.rosters, begun, by_id=None, now=clock.now(), progress=quiet)
    assert fetch_value(db, "SELECT count(*) FROM firms") == 1 and state(db, begun) == State.APPLIED


def test_what_dies_while_storing_stores_nothing(db, settings, begun):
    actions.read(db, settings.rosters, begun, now=clock.now(), progress=quiet)

    def die(done, total):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        actions.apply(db, settings.rosters, begun, by_id=None, now=clock.now(), progress=die)
    assert fetch_value(db, "SELECT count(*) FROM firms") == 0
    assert actions.apply(db, settings.rosters, begun, by_id=None, now=clock.now(), progress=quiet) == 1


def test_work_that_no_job_does_any_more_is_ended_in_words(db, settings, begun, page):
    now, office = clock.now(), factories.the_user(db, "office")
    actions.clean(db, settings.rosters, now=now)
    assert state(db, begun) == State.READING, "its job may be asked for this very moment"
    jobs.ask(db, actions.READ_JOB, {"import_id": begun}, by=office, now=now)
    actions.clean(db, settings.rosters, now=now + timedelta(minutes=5))
    assert state(db, begun) == State.READING, "a job waits"
    db.conn.execute("DELETE FROM jobs")
    actions.clean(db, settings.rosters, now=now + timedelta(minutes=5))
    assert "没有作任何改动" in page("office").get(f"/office/rosters/imports/{begun}").one("[role=alert]").text


def test_rows_are_kept_for_a_day(db, settings, begun, page):
    actions.read(db, settings.rosters, begun, now=clock.now(), progress=quiet)
    desk = actions.desk_of(settings.rosters, begun)
    assert actions.clean(db, settings.rosters, now=clock.now() + timedelta(hours=23)) == 0 and (desk / SHEET).exists()
    assert actions.clean(db, settings.rosters, now=clock.now() + timedelta(hours=25)) == 1 and not desk.exists()
    assert state(db, begun) == State.DROPPED
    page("office").get(f"/office/rosters/imports/{begun}")
    page("office").get(f"/office/rosters/imports/{begun}/left-out.xlsx", status=409)
    page("office").post(f"/office/rosters/imports/{begun}/ticks", status=409)
