"""A visit as it is recorded."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from app.clock import to_text
from app.i18n import N_
from app.issues.models import NewIssue

MOST_ISSUES = 5


class Mode(StrEnum):
    """How the firm was met."""

    ON_SITE = "on_site"
    PHONE = "phone"
    VIDEO = "video"


MODE_NAMES: Mapping[Mode, str] = {Mode.ON_SITE: N_("实地"), Mode.PHONE: N_("电话"), Mode.VIDEO: N_("视频")}


class Topic(StrEnum):
    """What was talked about."""

    OPERATION = "operation"
    LABOUR = "labour"
    FINANCE = "finance"
    PROJECT = "project"
    POLICY = "policy"
    SAFETY = "safety"
    MARKET = "market"
    OTHER = "other"


TOPIC_NAMES: Mapping[Topic, str] = {
    Topic.OPERATION: N_("生产经营"),
    Topic.LABOUR: N_("用工社保"),
    Topic.FINANCE: N_("融资信贷"),
    Topic.PROJECT: N_("项目建设"),
    Topic.POLICY: N_("政策宣传"),
    Topic.SAFETY: N_("安全生产"),
    Topic.MARKET: N_("市场订单"),
    Topic.OTHER: N_("其他"),
}


@dataclass(frozen=True)
class NewVisit:
    """A visit as the phone sends it. `client_key` was born with the draft; positions are WGS-84, accuracy in metres."""

    client_key: str
    firm_id: int
    visited_at: datetime | None  # None: when it is received
    mode: Mode
    topics: tuple[Topic, ...]
    notes: str
    contact_name: str
    latitude: float | None
    longitude: float | None
    accuracy_m: int | None
    issues: tuple[NewIssue, ...]

    def body_sha256(self, photo_hashes: Sequence[Sequence[str]]) -> str:
        """What makes two sendings of one key the same: the record, and the SHA-256 of each photo as it was sent.

        `photo_hashes`: first the visit's, then each issue's, in order.
        """
        body = {
            **asdict(self),
            "visited_at": to_text(self.visited_at) if self.visited_at else None,
            "photos": [list(each) for each in photo_hashes],
        }
        return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
