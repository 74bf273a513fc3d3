"""The places a role goes to: bottom bar on phones, side bar on wide screens."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from flask import request, url_for

from app.i18n import N_
from app.permissions import Role
from app.translation import gettext as _


@dataclass(frozen=True)
class Place:
    """One entry; `endpoint` belongs to a blueprint whose pages all count as being there."""

    endpoint: str
    label: str
    icon: str
    is_primary: bool = False
    is_wide_only: bool = False  # phones have it in the top bar


@dataclass(frozen=True)
class NavItem:
    """An entry as the template draws it."""

    url: str
    label: str
    icon: str
    is_current: bool
    is_primary: bool
    count: int = 0
    is_wide_only: bool = False


_NOTICES = Place("notices.index", N_("消息"), "bell", is_wide_only=True)
_ME = Place("people.me", N_("我的"), "user")
_ISSUES = Place("issues.index", N_("问题"), "clipboard-list")
_FIRMS = Place("firms.index", N_("企业"), "building-2")
_VISITS = Place("visits.index", N_("走访"), "route")
_BOARD = Place("review.index", N_("总览"), "layout-dashboard")
_DECK = Place("deck.index", N_("待我定夺"), "gavel")
_REPORTS = Place("reports.index", N_("台账与通报"), "file-text")
_MAP = Place("map.index", N_("地图"), "map")
_RULES = Place("routing.index", N_("派单规则"), "forward")
_OFFICE = Place("office.index", N_("管理"), "settings")

PLACES: dict[Role, tuple[Place, ...]] = {
    Role.OFFICER: (
        Place("home.index", N_("今日"), "house"),
        _FIRMS,
        Place("visits.new", N_("记走访"), "plus", is_primary=True),
        _ISSUES,
        _NOTICES,
        _ME,
    ),
    Role.HANDLER: (Place("issues.index", N_("待办"), "inbox"), _NOTICES, _ME),
    Role.DISPATCHER: (_BOARD, _ISSUES, _FIRMS, _VISITS, _MAP, _REPORTS, _RULES, _NOTICES, _ME),
    Role.HEAD: (_BOARD, _DECK, _ISSUES, _MAP, _FIRMS, _VISITS, _REPORTS, _NOTICES, _ME),
    Role.OFFICE: (_BOARD, _ISSUES, _FIRMS, _VISITS, _OFFICE, _MAP, _REPORTS, _NOTICES, _ME),
    Role.AUDITOR: (
        _BOARD,
        _ISSUES,
        _FIRMS,
        _VISITS,
        _MAP,
        _REPORTS,
        Place("audit.index", N_("审计"), "shield-check"),
        _OFFICE,
        _NOTICES,
        _ME,
    ),
}


def nav_for(role: Role, counters: Mapping[str, Callable[[], int]]) -> list[NavItem]:
    """The entries of a role, the one being looked at marked, each with what waits there (by its endpoint's counter)."""
    places = PLACES[role]
    here = _here(places)
    return [
        NavItem(
            url=_address(place.endpoint),
            label=_(place.label),
            icon=place.icon,
            is_primary=place.is_primary,
            count=counters[place.endpoint]() if place.endpoint in counters else 0,
            is_wide_only=place.is_wide_only,
            is_current=place is here,
        )
        for place in places
    ]


def _here(places: tuple[Place, ...]) -> Place | None:
    """Where the open page belongs: its own entry, else that of its room, else the one its address stands below."""
    endpoint = request.endpoint or ""
    own = [place for place in places if place.endpoint == endpoint]
    room = [
        place for place in places if not place.is_primary and place.endpoint.split(".")[0] == endpoint.split(".")[0]
    ]
    above = [
        place
        for place in places
        if _address(place.endpoint) != "/" and request.path.startswith(_address(place.endpoint))
    ]
    return next(iter([*own, *room, *above]), None)


@cache
def _address(endpoint: str) -> str:
    return url_for(endpoint)
