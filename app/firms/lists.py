"""The list of firms that the roster's page and the visit form's picker share: what the address asks for, its rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode

from sqlite_utils import Database
from werkzeug.datastructures import MultiDict

from app.errors import NotFound
from app.firms import store
from app.firms.models import FIRM_STATUS_NAMES, FirmStatus, Round
from app.forms import read_id
from app.i18n import N_
from app.people.models import User
from app.permissions import Role
from app.search import LONGEST_QUERY
from app.translation import gettext as _

PER_PAGE = 50
SHOWS = ("", "unvisited", "open")


@dataclass(frozen=True)
class Chip:
    """One filter above the list."""

    url: str
    label: str
    count: int | None
    is_current: bool


class Row(NamedTuple):
    """A firm of the list: the stored row, and what its page says of it."""

    row: Any
    url: str
    tag: str
    tone: str


@dataclass(frozen=True)
class FirmList:
    """A page of firms."""

    path: str
    query: str
    show: str
    rows: Sequence[Row]
    chips: Sequence[Chip]
    total: int | None  # of all her firms, for officers
    first_url: str | None
    next_url: str | None


def read(
    db: Database, args: MultiDict, *, by: User, now: datetime, round_: Round | None, path: str, row_path: str
) -> FirmList:
    """What the address asks for; a firm's id is appended to `row_path`. Raises NotFound for what no link has."""
    query = args.get("q", "").strip()[:LONGEST_QUERY]
    show = args.get("show", "")
    if show not in SHOWS:
        raise NotFound(N_("没有这样的筛选条件。请从页面上选择。"))
    if show == "unvisited" and round_ is None:
        show = ""  # the campaign is over: its old address shows every firm
    found = store.list_firms(
        db,
        visible_to=by,
        now=now,
        query=query,
        show=show,
        round_=round_,
        after=_after(db, args.get("after"), by),
        limit=PER_PAGE,
    )
    # An officer has a handful of firms, which are counted at once; a city's are not counted for a heading.
    counts = store.count_by_state(db, visible_to=by, round_=round_) if by.role is Role.OFFICER else None
    kept = {name: value for name, value in (("q", query), ("show", show)) if value}
    has_more = len(found) > PER_PAGE
    return FirmList(
        path=path,
        query=query,
        show=show,
        rows=[_row(row, row_path) for row in found[:PER_PAGE]],
        chips=_chips(path, query, show, counts, has_round=round_ is not None),
        total=counts["total"] if counts else None,
        first_url=_url(path, kept) if args.get("after") else None,
        next_url=_url(path, {**kept, "after": found[PER_PAGE - 1]["id"]}) if has_more else None,
    )


def _after(db: Database, raw: str | None, by: User) -> tuple[str, int] | None:
    if not raw:
        return None
    firm_id = read_id(raw)
    firm = store.get_firm(db, firm_id, visible_to=by) if firm_id else None
    if firm is None:
        raise NotFound(N_("这一页已经变了，请从头看。"))
    return firm.name, firm.id


def _row(row, row_path: str) -> Row:
    tag, tone = "", ""
    if row["late_count"]:
        tag, tone = _("超期 %(n)d", n=row["late_count"]), "red"
    elif row["open_count"]:
        tag, tone = _("办理中 %(n)d", n=row["open_count"]), "amber"
    elif row["status"] != FirmStatus.OPERATING:
        tag = _(FIRM_STATUS_NAMES[FirmStatus(row["status"])])
    return Row(row, f"{row_path}{row['id']}", tag, tone)


def _chips(path: str, query: str, show: str, counts, *, has_round: bool) -> list[Chip]:
    chips = [("open", _("有未办结"), "with_open")]
    if has_round:
        chips.insert(0, ("unvisited", _("本轮未走访"), "unvisited"))
    # A second tap on a chip takes it off again.
    return [
        Chip(
            _url(path, {name: value for name, value in (("q", query), ("show", "" if key == show else key)) if value}),
            label,
            counts[column] if counts else None,
            key == show,
        )
        for key, label, column in chips
    ]


def _url(path: str, params: dict) -> str:
    return f"{path}?{urlencode(params)}" if params else path
