"""A ledger ready to be written, whoever writes it: the request itself, or a job when it is long."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import IO, Any

from sqlite_utils import Database
from werkzeug.datastructures import MultiDict

from app.clock import day_of
from app.forms import read_id
from app.issues import list_store, lists
from app.people.models import User
from app.reports import ledgers, sheets
from app.reports.forms import VisitLedgerForm
from app.review import periods
from app.review.periods import Period
from app.rules import store as rules
from app.translation import gettext as _
from app.visits import store as visits

_SPAN = frozenset({"from", "to"})


@dataclass(frozen=True)
class Ledger:
    """A ledger ready to be written. `filters` says what it is narrowed to and names no person."""

    name: str
    title: str
    columns: list[sheets.Column]
    rows: Iterator[list[sheets.Cell]]
    count: int
    filters: str

    def file_name(self, kind: str, moment: datetime) -> str:
        """What its file saves as."""
        return f"{self.title}_{day_of(moment):%Y%m%d}.{kind}"

    def write(self, file: IO[bytes], kind: str, progress: Callable[[int, int], None] = lambda done, total: None):
        """Write it as 'xlsx' or 'csv', saying after each line how far it is."""
        rows = _counted(self.rows, self.count, progress)
        if kind == "xlsx":
            sheets.write_xlsx(file, self.title, self.columns, rows)
        else:
            sheets.write_csv(file, self.columns, rows)


def _counted(rows: Iterator, total: int, progress: Callable[[int, int], None]) -> Iterator:
    for nth, row in enumerate(rows, start=1):
        yield row
        progress(nth, max(total, nth))


def asked(db: Database, args: MultiDict, moment: datetime) -> lists.Asked:
    """The filters of the list of issues; but where no status is asked for, a ledger holds them all."""
    found = lists.read(args, rules.get_calendar(db), moment)
    if "status" not in found.query and not found.filters.due:
        return replace(found, filters=replace(found.filters, status=""))
    return found


def visit_form(args: MultiDict, moment: datetime) -> VisitLedgerForm:
    """What the ledger of visits is narrowed to; this month where nothing is said."""
    period, _before = periods.named("month", day_of(moment))
    given = {"from_on": period.from_on, "to_on": period.to_on}
    return VisitLedgerForm(args if _SPAN & args.keys() else None, data=given)


def issue_ledger(db: Database, args: MultiDict, *, by: User, now: datetime) -> Ledger:
    """问题台账, narrowed as the list of issues is. Raises NotFound for filters that no link of ours has."""
    found, has_contacts = asked(db, args, now), bool(args.get("contacts"))

    def ids(after_id: int) -> list[int]:
        return list_store.list_ids(db, found.filters, visible_to=by, now=now, after_id=after_id, limit=ledgers.CHUNK)

    return Ledger(
        "issues",
        _("问题台账"),
        ledgers.issue_columns(has_contacts=has_contacts),
        ledgers.issue_rows(db, ids, has_contacts=has_contacts),
        list_store.count_issues(db, found.filters, visible_to=by, now=now),
        # What was typed into the search box may be a name: that there was something says enough.
        " ".join(name if name == "q" else f"{name}={value}" for name, value in found.query.items()),
    )


def visit_ledger(db: Database, args: MultiDict, *, by: User, now: datetime) -> Ledger:
    """走访台账 over some days. Raises Invalid for days that are none."""
    form, has_contacts = visit_form(args, now), bool(args.get("contacts"))
    typed: dict[str, Any] = form.read() if _SPAN & args.keys() else dict(form.data)
    district_id = read_id(args.get("district", ""))
    span = Period(typed["from_on"], typed["to_on"]).bounds

    def ids(after_id: int) -> list[int]:
        return visits.list_ids(
            db, visible_to=by, span=span, district_id=district_id, after_id=after_id, limit=ledgers.CHUNK
        )

    district = f" district={district_id}" if district_id else ""
    return Ledger(
        "visits",
        _("走访台账"),
        ledgers.visit_columns(has_contacts=has_contacts),
        ledgers.visit_rows(db, ids, has_contacts=has_contacts),
        visits.count_visits(db, visible_to=by, span=span, district_id=district_id),
        f"from={typed['from_on']} to={typed['to_on']}{district}",
    )


BY_NAME = {"issues": issue_ledger, "visits": visit_ledger}
