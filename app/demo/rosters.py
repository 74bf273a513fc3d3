"""The rosters that the demo office took in: its city at the beginning of the year, and last month's firms."""

import hashlib
from datetime import timedelta

from app.demo.city import City
from app.rosters import store
from app.rosters.models import Kind, State, Verdict

_FILES = (
    (Kind.DEPARTMENTS, "责任单位.xlsx", 300, {Verdict.NEW: 44}),
    (Kind.OFFICERS, "首席服务官名册.xlsx", 299, {Verdict.NEW: 648, Verdict.REFUSED: 2}),
    (Kind.FIRMS, "企业名册（营商办汇总）.xls", 298, {Verdict.NEW: 1961, Verdict.DOUBTFUL: 14, Verdict.REFUSED: 23}),
    (
        Kind.FIRMS,
        "十月新增企业.csv",
        25,
        {Verdict.NEW: 22, Verdict.CHANGED: 58, Verdict.SAME: 1903, Verdict.REFUSED: 4},
    ),
)
"""Roster, file, how many days ago, what its rows came to."""


def load_rosters(city: City) -> None:
    """What is left of an import after a day: its counts."""
    office = city.people.demo["office"]
    for kind, name, days_ago, counts in _FILES:
        at = city.now - timedelta(days=days_ago)
        import_id = store.insert_import(
            city.db,
            kind=kind,
            file_name=name,
            sha256=hashlib.sha256(name.encode()).hexdigest(),
            byte_count=0,
            is_full=False,
            state=State.STORING,
            by_id=office.id,
            now=at,
        )
        store.update_counts(city.db, import_id, counts)
        stored_count = counts.get(Verdict.NEW, 0) + counts.get(Verdict.CHANGED, 0)
        store.update_applied(city.db, import_id, stored_count=stored_count, by_id=office.id, now=at)
