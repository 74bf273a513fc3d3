"""The boards: the store's counts put in order, each with the list behind it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from flask import url_for
from sqlite_utils import Database

from app.assignments import list_store as assignments
from app.campaigns import coverage_store as campaign_firms
from app.campaigns import store as campaigns
from app.clock import day_of
from app.filters import named
from app.issues import ages
from app.people.models import User
from app.permissions import Role
from app.review import periods, rate_store, store
from app.review.links import IssueLinks
from app.review.models import Bar, City, Count, Line, Week
from app.review.periods import Period
from app.rules import store as rules
from app.translation import gettext as _

SHOWN = 8
"""So many lines of a breakdown stand open; the rest is folded away."""


def district(db: Database, district_id: int, *, reader: User, links: IssueLinks, now: datetime) -> dict:
    """Everything on a district's board, as the template takes it."""
    today = day_of(now)
    calendar = rules.get_calendar(db)
    counts = store.count_open(
        db,
        district_id=district_id,
        now=now,
        bands={key: ages.bounds(key, today, calendar) for key in ages.BANDS},
    )
    return {
        "waiting": _waiting(reader.role, counts, links),
        "open": Count(_("未办结"), counts["open"], links.open()),
        "late": Count(_("已超期"), counts["late"], links(due="overdue"), "red" if counts["late"] else ""),
        "soon": Count(_("即将到期"), counts["soon"], links(due="soon"), "amber" if counts["soon"] else ""),
        "coverage": coverage(db, district_id, reader=reader, today=today),
        "unassigned": unassigned(db, reader, district_id=district_id),
        "ages": [Bar(_(band.name), counts[f"age:{key}"], links.open(age=key)) for key, band in ages.BANDS.items()],
        "groups": [
            _breakdown(db, "department", _("按责任单位"), _("还没有派到单位"), district_id, links, now),
            _breakdown(db, "category", _("按问题类别"), "", district_id, links, now),
            _breakdown(db, "township", _("按乡镇街道"), _("企业没有登记乡镇街道"), district_id, links, now),
        ],
        "weeks": trend(db, links, today=today, district_id=district_id),
    }


def unassigned(db: Database, reader: User, *, district_id: int | None = None) -> Count:
    """The firms that nobody looks after, and their list."""
    n = assignments.count_unassigned(db, visible_to=reader, district_id=district_id)
    named_district = district_id if reader.district_id is None else None
    url = url_for("assignments.unassigned", district=named_district)
    return Count(_("未包联企业"), n, url, "amber" if n else "")


def _waiting(role: Role, counts: dict[str, int], links: IssueLinks) -> tuple[str, list[Count]] | None:
    """What waits for this reader, and the card's title."""
    extension = Count(_("延期待审"), counts["extension"], links.open(pending="extension"))
    if role is Role.DISPATCHER:
        return _("等我处理"), [
            Count(_("待受理派单"), counts["submitted"], links(status="submitted")),
            Count(_("退回待改派"), counts["returned"], links(status="returned")),
            Count(_("待补充"), counts["needs_info"], links(status="needs_info")),
            extension,
        ]
    if role is Role.HEAD:
        return _("待我定夺"), [
            Count(_("待指定单位"), counts["disputed"], links(status="disputed")),
            Count(_("已超期"), counts["late"], links(due="overdue"), "red"),
            extension,
            Count(_("退回两次以上"), counts["twice_returned"], links.open(twice_returned=True)),
        ]
    return None


def coverage(db: Database, district_id: int | None, *, reader: User, today: date) -> dict | None:
    """The running campaign, how many of its firms in the district (or all) were visited, and the pages behind both.

    None where none runs or it chose no firm there.
    """
    campaign = campaigns.get_running(db, on=today)
    if campaign is None:
        return None
    visited, firms = campaign_firms.count_coverage(db, campaign, district_id=district_id)
    if not firms:
        return None
    narrowed = district_id if reader.district_id is None else None
    return {
        "campaign": campaign,
        "visited": visited,
        "firms": firms,
        "url": url_for("coverage.show", campaign_id=campaign.id),
        "left_url": url_for("coverage.list_firms", campaign_id=campaign.id, state="unvisited", district=narrowed),
    }


def _breakdown(
    db: Database, group: str, title: str, rest: str, district_id: int, links: IssueLinks, now: datetime
) -> dict:
    rows = store.count_open_by(db, group, district_id=district_id, now=now)
    bars = [
        Bar(
            named(row) if row["id"] else rest,
            row["n"],
            links.open(**({group: row["id"]} if row["id"] else {"without": group})),
            row["late"],
            links(due="overdue", **{group: row["id"]}) if row["id"] else "",
        )
        for row in rows
    ]
    known = [bar for bar, row in zip(bars, rows, strict=True) if row["id"]]
    return {
        "id": f"by-{group}",
        "title": title,
        "bars": known[:SHOWN],
        "more": known[SHOWN:],
        "rest": next((bar for bar, row in zip(bars, rows, strict=True) if not row["id"]), None),
        "top": max((bar.n for bar in known), default=1),
    }


def trend(db: Database, links: IssueLinks, *, today, district_id: int | None = None) -> list[Week]:
    """Twelve weeks of issues reported, closed and solved."""
    weeks = periods.weeks(today)
    counts = store.count_by_week(db, weeks, district_id=district_id)
    return [
        Week(
            week.from_on,
            week.to_on,
            reported,
            closed,
            solved,
            links.reported(week),
            links.closed(week),
            links.closed(week, solved="yes"),
        )
        for week, reported, closed, solved in zip(
            weeks, counts["reported"], counts["closed"], counts["solved"], strict=True
        )
    ]


class Compared(NamedTuple):
    """The city over a period and over the one before it, and what waits at this moment."""

    now: City
    before: City
    waiting: dict[str, int]


def city(db: Database, period: Period, before: Period, *, now: datetime, by: str = "") -> Compared:
    """The city's figures over the period and the one before, and what waits at this moment.

    `by`: with rates of the districts alone ("district"), of the departments alone, or of both ("").
    """
    waiting = dict.fromkeys(("callback", "disputed", "submitted", "extension", "suspension", "old"), 0)
    figures, former = City(), City()

    def lines(row: Mapping) -> Iterable[Line]:
        return (figures if row["is_now"] else former).lines(row)

    for row in store.count_open_by_place(db, now=now, period=period):
        for name in waiting:
            waiting[name] += row[name]
        for line in figures.lines(row):
            line.open += row["n"]
            line.late += row["late"]
    for row in rate_store.count_reported(db, period, before, by=by):
        for line in lines(row):
            line.reported += row["n"]
            line.rounds += row["rounds"]
            for name in ("first_right", "extended", "reworked", "reopened"):
                getattr(line, name).add(row[name], row["placed"])
    for row in rate_store.count_returns(db, period, before, by=by):
        for line in lines(row):
            line.returns += row["n"]
            line.returned.add(row["justified"], row["ruled"])
    for row in rate_store.count_clocks(db, period, before, by=by):
        for line in lines(row):
            share = line.accepted if row["clock"] == "accept" else line.answered
            share.add(row["in_time"], row["n"])
    for row in rate_store.count_closed(db, period, before, by=by):
        for line in lines(row):
            line.closed += row["n"]
            line.solved.add(row["solved"], row["solved_n"])
            line.satisfied.add(row["satisfied"], row["satisfied_n"])
    former.total.open = waiting["old"] + store.count_ended_since(db, period)
    return Compared(figures, former, waiting)


def table(
    rows: Sequence,
    lines: Mapping[int, Line],
    before: Mapping[int, Line],
    *,
    parameter: str,
    links: IssueLinks,
    period: Period,
) -> list[dict]:
    """The lines of a table in the order of its rows, never by a rate; those with nothing to tell are left out."""
    drawn = []
    for row in rows:
        line = lines.get(row["id"], Line())
        if line.is_blank:
            continue
        narrow = {parameter: row["id"]}
        drawn.append(
            {
                "name": named(row),
                "short": named(row, "short_name"),
                "line": line,
                "before": before.get(row["id"], Line()),
                "url": url_for("review.district", district_id=row["id"]) if parameter == "district" else None,
                "reported": links.reported(period, **narrow),
                "open": links.open(**narrow),
                "late": links(due="overdue", **narrow),
                "cases": links.cases(period, **narrow),
            }
        )
    return drawn
