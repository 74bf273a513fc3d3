"""The ledgers: choosing one, and taking it out of the house as a file."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import IO, Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from app.clock import day_of, now
from app.db import get_db
from app.departments import store as departments
from app.errors import Forbidden, Invalid
from app.forms import read_id
from app.guard import requires
from app.htmx import render
from app.i18n import N_
from app.issues import list_store, lists
from app.permissions import Permission
from app.places import store as places
from app.reports import actions, ledgers, sheets
from app.reports.files import attachment
from app.reports.forms import LedgerForm, VisitLedgerForm
from app.review import periods
from app.review.periods import Period
from app.rules import store as rules
from app.visits import store as visits

bp = Blueprint("reports", __name__)

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_IN_FORM = {"status", "district", "department", "category", "reported_from", "reported_to", "closed_from", "closed_to"}


@dataclass(frozen=True)
class Ledger:
    """A ledger ready to be written."""

    name: str
    title: str
    columns: list[sheets.Column]
    rows: Iterator[list[sheets.Cell]]
    count: int
    filters: str


@bp.get("/reports/")
@requires(Permission.REPORTS_READ)
def index():
    """Both ledgers with their filters, and the bulletins' door."""
    return _page(LedgerForm(request.args), _visit_form(request.args))


def _visit_form(args: MultiDict) -> VisitLedgerForm:
    period, _before = periods.named("month", day_of(now()))
    given = {"from_on": period.from_on, "to_on": period.to_on}
    return VisitLedgerForm(args if {"from", "to"} & args.keys() else None, data=given)


def _page(form: LedgerForm, visit_form: VisitLedgerForm, *, status: int = 200):
    db, moment = get_db(), now()
    asked = _asked(request.args, moment) if status == 200 else None
    may_choose = () if current_user.district_id else places.list_districts(db)
    form.offer(
        districts=may_choose, departments=departments.list_departments(db), categories=departments.list_categories(db)
    )
    visit_form.offer(districts=may_choose)
    return render(
        "reports/index.html",
        status=status,
        form=form,
        visit_form=visit_form,
        kept={name: value for name, value in asked.query.items() if name not in _IN_FORM} if asked else {},
        chosen=lists.chosen(db, asked) if asked else [],
        count=list_store.count_issues(db, asked.filters, visible_to=current_user, now=moment) if asked else None,
        may_reveal=current_user.can(Permission.CONTACTS_REVEAL),
        has_districts=bool(may_choose),
    )


def _asked(args: MultiDict, moment: datetime) -> lists.Asked:
    """The filters of the list of issues; but where no status is asked for, a ledger holds them all."""
    asked = lists.read(args, rules.get_calendar(get_db()), moment)
    if "status" not in asked.query and not asked.filters.due:
        return replace(asked, filters=replace(asked.filters, status=""))
    return asked


@bp.get("/reports/ledger.<any(xlsx, csv):kind>")
@requires(Permission.REPORTS_READ)
def issue_ledger(kind: str):
    """问题台账, narrowed as the list of issues is."""
    db, moment, has_contacts = get_db(), now(), _wants_contacts()
    asked = _asked(request.args, moment)

    def ids(after_id: int) -> list[int]:
        return list_store.list_ids(
            db, asked.filters, visible_to=current_user, now=moment, after_id=after_id, limit=ledgers.CHUNK
        )

    return _send(
        Ledger(
            "issues",
            _("问题台账"),
            ledgers.issue_columns(has_contacts=has_contacts),
            ledgers.issue_rows(db, ids, has_contacts=has_contacts),
            list_store.count_issues(db, asked.filters, visible_to=current_user, now=moment),
            # What was typed into the search box may be a name: that there was something says enough.
            " ".join(name if name == "q" else f"{name}={value}" for name, value in asked.query.items()),
        ),
        kind,
        moment,
    )


@bp.get("/reports/visits.<any(xlsx, csv):kind>")
@requires(Permission.REPORTS_READ)
def visit_ledger(kind: str):
    """走访台账 over some days."""
    db, moment, has_contacts = get_db(), now(), _wants_contacts()
    form = _visit_form(request.args)
    try:
        typed: dict[str, Any] = form.read() if form.from_on.raw_data else dict(form.data)
    except Invalid as error:
        for name, message in error.fields.items():
            field = next(each for each in form if each.name == name)
            field.errors = field.errors or [message]
        return _page(LedgerForm(), form, status=422)
    district_id = read_id(request.args.get("district", ""))
    span = Period(typed["from_on"], typed["to_on"]).bounds

    def ids(after_id: int) -> list[int]:
        return visits.list_ids(
            db, visible_to=current_user, span=span, district_id=district_id, after_id=after_id, limit=ledgers.CHUNK
        )

    district = f" district={district_id}" if district_id else ""
    return _send(
        Ledger(
            "visits",
            _("走访台账"),
            ledgers.visit_columns(has_contacts=has_contacts),
            ledgers.visit_rows(db, ids, has_contacts=has_contacts),
            visits.count_visits(db, visible_to=current_user, span=span, district_id=district_id),
            f"from={typed['from_on']} to={typed['to_on']}{district}",
        ),
        kind,
        moment,
    )


def _wants_contacts() -> bool:
    """Whether contacts were asked for. Raises Forbidden for who may not see them."""
    if not request.args.get("contacts"):
        return False
    if not current_user.can(Permission.CONTACTS_REVEAL):
        raise Forbidden(N_("您不能导出企业联系方式。去掉这一项再导出。"))
    return True


def _send(ledger: Ledger, kind: str, moment: datetime) -> Response:
    """Write the audit row, then the file, then send it: half a ledger never leaves."""
    actions.record_export(
        get_db(),
        ledger.name,
        filters=f"{kind} {ledger.filters}".strip(),
        count=ledger.count,
        has_contacts=bool(request.args.get("contacts")),
        by=current_user,
        now=moment,
    )
    file = tempfile.TemporaryFile()  # noqa: SIM115 (closed when it is sent)
    _write(file, ledger, kind)
    return attachment(file, TYPES[kind], f"{ledger.title}_{day_of(moment):%Y%m%d}.{kind}")


def _write(file: IO[bytes], ledger: Ledger, kind: str) -> None:
    columns: Sequence[sheets.Column] = ledger.columns
    if kind == "xlsx":
        sheets.write_xlsx(file, ledger.title, columns, ledger.rows)
    else:
        sheets.write_csv(file, columns, ledger.rows)
