"""A campaign's rules by table: its steps, its target, its span, its coverage from counts."""

from datetime import date

import pytest

from app.campaigns.coverage import Share, coverage
from app.campaigns.models import STEPS, Campaign, Choice, Question, QuestionKind, Status, Step, TargetKind, may


def campaign(**more) -> Campaign:
    values = {
        "id": 7,
        "version": 1,
        "name": "四季度大走访",
        "from_on": date(2026, 11, 20),
        "to_on": date(2026, 11, 23),
        "status": Status.RUNNING,
        "target": None,
        "target_kind": None,
        "remind_days": None,
    }
    return Campaign(**{**values, **more})


ALLOWED = {
    Status.DRAFT: {Step.BEGIN: Status.RUNNING, Step.WITHDRAW: Status.WITHDRAWN},
    Status.RUNNING: {Step.END: Status.ENDED, Step.WITHDRAW: Status.WITHDRAWN},
    Status.ENDED: {},
    Status.WITHDRAWN: {},
}


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("step", list(Step))
def test_every_step_from_every_status(status, step):
    assert may(status, step) == (step in ALLOWED[status])
    assert STEPS.get((status, step)) == ALLOWED[status].get(step)


@pytest.mark.parametrize(
    ("kind", "target", "firms", "count"),
    [
        (None, None, 100, None),
        (TargetKind.SHARE, 95, 100, 95),
        (TargetKind.SHARE, 95, 1793, 1704),  # 1703.35: less would not be 95 %
        (TargetKind.SHARE, 100, 3, 3),
        (TargetKind.SHARE, 1, 0, 0),
        (TargetKind.COUNT, 40, 100, 40),
        (TargetKind.COUNT, 400, 100, 100),  # no more than there are
    ],
)
def test_targets(kind, target, firms, count):
    assert campaign(target=target, target_kind=kind).target_count(firms) == count


def test_the_days_are_the_citys():
    span = campaign().round
    assert (span.campaign_id, span.since, span.until) == (7, "2026-11-19T16:00:00Z", "2026-11-23T16:00:00Z")


def test_what_there_is_to_pick():
    assert Question("x", QuestionKind.YES_NO).options == ("是", "否")
    assert Question("x", QuestionKind.CHOICE, ("多", "少")).options == ("多", "少")
    assert Question("x").options == ()


def test_terms_are_stored_by_kind():
    assert Choice(district_ids=(410411,), sizes=("小型",)).terms == [("district", "410411"), ("size", "小型")]
    assert Choice().terms == []


def row(district_id, unit, hour, n, is_out=0):
    return {"district_id": district_id, "unit": unit, "hour": hour, "n": n, "is_out": is_out}


def test_coverage_is_put_together():
    found = coverage(
        [
            row(1, "税务局", "2026-11-20T15", 3),
            row(1, "税务局", "2026-11-20T16", 2),  # after midnight in the city
            row(2, "税务局", None, 4),
            row(2, "", "2026-11-22T01", 1),
            row(2, "", None, 5, is_out=1),
        ]
    )
    assert (found.total.visited, found.total.firms, found.total.left, found.out) == (6, 10, 4, 5)
    assert {key: (each.visited, each.firms) for key, each in found.districts.items()} == {1: (5, 5), 2: (1, 5)}
    assert {key: (each.visited, each.firms) for key, each in found.units.items()} == {"税务局": (5, 9), "": (1, 1)}
    days = found.days(date(2026, 11, 19), date(2026, 11, 22))
    assert [(each.on.day, each.met, each.total) for each in days] == [(19, 0, 0), (20, 3, 3), (21, 2, 5), (22, 1, 6)]


@pytest.mark.parametrize(("visited", "firms", "percent"), [(0, 0, 0), (1, 3, 33), (1792, 1793, 99), (1793, 1793, 100)])
def test_a_hundred_percent_is_all_of_them(visited, firms, percent):
    assert Share(visited, firms).percent == percent
