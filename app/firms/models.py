"""A firm as its page and the actions see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.i18n import N_

OPEN_STATUSES = "callback dispatched disputed in_progress needs_info proposed returned submitted suspended".split()
"""Of a firm's issues, named one by one as the index by firm and status wants it: the lifecycle's, as a test says."""

OPEN_SQL = f"({', '.join(map(repr, OPEN_STATUSES))})"


class FirmStatus(StrEnum):
    """Whether the firm is still there to be visited."""

    OPERATING = "operating"
    STOPPED = "stopped"
    MOVED = "moved"
    LOST = "lost"
    CLOSED = "closed"


FIRM_STATUS_NAMES: Mapping[FirmStatus, str] = {
    FirmStatus.OPERATING: N_("正常经营"),
    FirmStatus.STOPPED: N_("停产停业"),
    FirmStatus.MOVED: N_("已迁出"),
    FirmStatus.LOST: N_("联系不上"),
    FirmStatus.CLOSED: N_("已注销"),
}


@dataclass(frozen=True)
class Firm:
    """One firm. Positions are WGS-84 degrees, accuracy in metres."""

    id: int
    name: str
    credit_code: str | None
    district_id: int
    district: str
    district_en: str
    township: str
    township_en: str
    address: str
    industry: str
    size: str
    contact_name: str
    contact_phone: str
    status: FirmStatus
    latitude: float | None
    longitude: float | None
    accuracy_m: int | None
    position_source: str | None
    positioned_at: str | None
    officer_id: int | None
    officer: str | None
    version: int


@dataclass(frozen=True)
class Round:
    """A campaign as the roster asks of it: its firms, and from when until before when a visit counts (UTC texts)."""

    campaign_id: int
    since: str
    until: str
