"""What a page costs stays the same as the history grows: few queries, none that reads a large table from end to end.

The plans are those of a database without statistics, for which SQLite takes every table to be large.
"""

import re

import pytest

from app.permissions import Role
from app.review.figures import FIGURES
from tests.house.test_pages import follow, lived_in, plain_pages  # noqa: F401 (a fixture)

LARGE = {"issues", "visits", "issue_events", "issue_clocks", "firms", "firm_officers", "notices", "photos", "audit_log"}
MOST_QUERIES = 20
_TABLE = re.compile(
    r"\b(?:FROM|JOIN)\s+(\w+)(?:\s+(?:AS\s+)?(?!WHERE|JOIN|LEFT|ORDER|GROUP|ON|LIMIT|CROSS|UNION)(\w+))?", re.I
)

# (part of the statement): why it may read all there is of it.
ALLOWED = {
    "f.size, count(*) AS n FROM firms f WHERE": "the industries and sizes that a new campaign may choose",
    "AS officers FROM firms f": "how many firms a campaign of the whole city would choose",
    "FROM firm_officers x INDEXED BY firm_officers_one_lead": "every firm may lack a lead",
}


def large_scans(db, statement: str) -> list[str]:
    """The steps that read a large table whole. Read in the order of an index or of the ids as far as a LIMIT is not."""
    names = {alias or table: table for table, alias in _TABLE.findall(statement)}
    plan = [(row["parent"], row["detail"]) for row in db.conn.execute(f"EXPLAIN QUERY PLAN {statement}")]
    sorted_parts = {parent for parent, step in plan if "TEMP B-TREE FOR ORDER BY" in step}
    derived = {f"SCAN {step.split()[1]}" for _, step in plan if step.startswith(("CO-ROUTINE ", "MATERIALIZE "))}
    found = []
    for parent, step in plan:
        if step in derived:
            continue  # the few lines that a part of the statement chose
        scanned = re.match(r"SCAN (\w+)", step)
        if scanned is None or names.get(scanned[1], scanned[1]) not in LARGE:
            continue
        is_cut_short = "LIMIT" in statement and "ORDER BY" in statement and parent not in sorted_parts
        if not is_cut_short:
            found.append(step)
    return found


@pytest.mark.parametrize("role", list(Role))
def test_pages_take_few_queries_and_search_by_index(app, db, page, lived_in, role):  # noqa: F811
    here = page(role.value)
    pages = [*plain_pages(app, role), *_lists(role)]
    wrong = []
    for url in pages:
        follow(here, url)  # what is made once is made
        seen: list[str] = []
        db.conn.set_trace_callback(seen.append)
        follow(here, url)
        db.conn.set_trace_callback(None)
        asked = [
            each for each in seen if each.lstrip().upper().startswith(("SELECT", "WITH"))
        ]  # FTS speaks in comments
        if len(asked) > MOST_QUERIES:
            wrong.append(f"{url}: {len(asked)} queries")
        for statement in asked:
            if any(part in " ".join(statement.split()) for part in ALLOWED):
                continue
            wrong += [f"{url}: {step} in {' '.join(statement.split())[:300]}" for step in large_scans(db, statement)]
    assert not wrong, "\n".join(wrong)


def _lists(role: Role) -> list[str]:
    """The lists as they are narrowed, where this role has them."""
    issues = ["status=open", "status=closed", "due=overdue", "due=soon", "q=道路", "q=2026-00001", "category=1"]
    urls = [f"/issues/?{each}" for each in issues]
    if role is not Role.HANDLER:
        urls += [
            "/firms/?q=机械",
            "/firms/?show=unvisited",
            "/firms/?show=open",
            "/visits/?page=2",
            "/visits/?q=机械",
            "/visits/?from=2026-11-01",
        ]
    if role in (Role.OFFICE, Role.AUDITOR):
        urls += ["/review/?period=quarter", "/office/audit/?action=sign_in"]
        days = "from=2026-01-01&to=2026-12-31"
        urls += [f"/review/figures/{figure}?{days}" for figure in FIGURES]
        urls += [f"/review/figures/{figure}?{days}&district=410411" for figure in FIGURES]
    return urls


def test_the_guard_sees_a_scan(db):
    assert large_scans(db, "SELECT * FROM issues i WHERE i.title LIKE '%x%'")
    assert not large_scans(db, "SELECT * FROM issues i WHERE i.id = 1")
    assert not large_scans(db, "SELECT * FROM visits v ORDER BY v.visited_at DESC LIMIT 5")
    assert large_scans(db, "SELECT * FROM visits v ORDER BY v.notes LIMIT 5")
