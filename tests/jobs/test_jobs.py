"""Jobs: asked for once, worked off once whatever dies meanwhile, seen by nobody else."""

from datetime import timedelta

import pytest

from app import clock
from app.errors import Invalid, TooMany
from app.jobs import actions, store
from app.jobs.models import KEPT_FOR, LEASE, MOST_OPEN, MOST_TRIES, Done, State
from app.jobs.runner import Kind, register
from app.permissions import Permission
from tests import factories


@pytest.fixture
def office(db):
    return factories.the_user(db, "office")


@pytest.fixture
def runner(app):
    """A runner that knows one kind more, 'count', which does what its parameters say."""

    def work(task):
        task.progress(1, 2)
        if task.params.get("refuse"):
            raise Invalid("没有这个编号的未办结问题，请核对。")
        if task.params.get("break"):
            raise ZeroDivisionError
        task.file.write_bytes(b"ready")
        return Done(file_name="清单.csv")

    register(app, "count", Kind(work, Permission.AUDIT_READ, "生成台账", "reports.index"))
    return app.extensions["jobs"]


def work_off(runner):
    runner.wake()
    runner.join()


def test_a_job_is_worked_off_and_its_file_fetched_by_its_asker_alone(app, db, office, runner, page, settings, now):
    job_id = actions.ask(db, "count", {}, by=office, now=now)
    waiting = page("office").get(f"/jobs/{job_id}")
    assert waiting.one("#job").get("hx-trigger") == "every 1s" and "正在排队" in waiting.one("#job").text
    page("office").get(f"/jobs/{job_id}/file", status=404)
    work_off(runner)
    done = page("office").get(f"/jobs/{job_id}")
    assert done.one("#job").get("hx-get") is None
    answer = page("office").client.get(done.one("#job a[download]").get("href"))
    assert answer.data == b"ready" and "filename" in answer.headers["Content-Disposition"]
    assert list(settings.exports.iterdir()) == [actions.file_of(settings.exports, job_id)]
    for other in ("auditor", "officer"):
        page(other).get(f"/jobs/{job_id}", status=404)
        page(other).get(f"/jobs/{job_id}/file", status=404)


def test_who_may_no_longer_have_it_does_not_get_it(db, runner, page, now):
    officer = factories.the_user(db, "officer")
    job_id = actions.ask(db, "count", {}, by=officer, now=now)
    work_off(runner)
    page("officer").get(f"/jobs/{job_id}/file", status=404)


def test_a_double_tap_is_one_job_and_nobody_fills_the_queue(db, office, now):
    first = actions.ask(db, "count", {"a": 1}, by=office, now=now)
    assert actions.ask(db, "count", {"a": 1}, by=office, now=now) == first
    for nth in range(MOST_OPEN - 1):
        actions.ask(db, "count", {"nth": nth}, by=office, now=now)
    with pytest.raises(TooMany):
        actions.ask(db, "count", {"nth": "last"}, by=office, now=now)


@pytest.mark.parametrize("what", ["refuse", "break"])
def test_a_job_that_fails_says_so(db, office, runner, page, now, what, settings):
    job_id = actions.ask(db, "count", {what: 1}, by=office, now=now)
    work_off(runner)
    assert store.get_job(db, job_id, asked_by=office.id).state is State.FAILED
    assert ("请核对" if what == "refuse" else "请稍后再试") in page("office").get(f"/jobs/{job_id}").one("#job").text
    assert list(settings.exports.iterdir()) == []


def test_what_a_killed_process_left_is_taken_over(db, office, runner, now):
    job_id = actions.ask(db, "count", {}, by=office, now=now)
    assert actions.claim(db, "dead", now=now).id == job_id
    assert actions.claim(db, "other", now=now + LEASE - timedelta(seconds=1)) is None
    assert actions.report_progress(db, "dead", done=1, total=2, now=now + timedelta(seconds=60))
    assert actions.claim(db, "other", now=now + LEASE) is None, "progress renews the lease"
    assert actions.claim(db, "other", now=now + LEASE + timedelta(seconds=60)).id == job_id
    assert not actions.report_progress(db, "dead", done=2, total=2, now=now + LEASE * 2)
    assert not actions.finish(db, "dead", Done(file_name="x.csv"), now=now + LEASE * 2)
    work_off(runner)  # real time is far beyond that lease
    job = store.get_job(db, job_id, asked_by=office.id)
    assert job.state is State.DONE and job.file_name == "清单.csv"


def test_a_job_that_takes_its_process_along_is_given_up(db, office, now):
    job_id = actions.ask(db, "count", {}, by=office, now=now)
    for nth in range(MOST_TRIES):
        assert actions.claim(db, f"try{nth}", now=now + nth * LEASE).id == job_id
    assert actions.claim(db, "once more", now=now + MOST_TRIES * LEASE) is None
    job = store.get_job(db, job_id, asked_by=office.id)
    assert job.state is State.FAILED and job.error == actions.DIED


def test_what_was_made_is_deleted_after_a_day(db, office, runner, settings):
    job_id = actions.ask(db, "count", {}, by=office, now=clock.now())
    work_off(runner)
    assert actions.purge(db, settings.exports, now=clock.now() + KEPT_FOR - timedelta(minutes=1)) == 0
    assert actions.purge(db, settings.exports, now=clock.now() + KEPT_FOR + timedelta(minutes=1)) == 1
    assert store.get_job(db, job_id, asked_by=office.id) is None and list(settings.exports.iterdir()) == []
