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

FIRST_NAMES = frozenset(
    "client_key firm_id visited_at mode topics notes contact_name latitude longitude accuracy_m issues".split()
)
FIRST_ISSUE_NAMES = frozenset("category_id kind urgency title description latitude longitude accuracy_m".split())
"""What a record was made of when the first phones kept one."""


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
    answers: tuple[tuple[int, str], ...] = ()  # to a campaign's questions: the number that the page gave it, and words

    def body_sha256(self, photo_hashes: Sequence[Sequence[str]]) -> str:
        """What makes two sendings of one key the same: the record, and the SHA-256 of each photo as it was sent.

        `photo_hashes`: first the visit's, then each issue's, in order. A field that came with a later release counts
        only where it is filled, so that a record stored before an upgrade and sent again after it is still the same.
        """
        body = {
            **_counted(asdict(self), FIRST_NAMES),
            "issues": [_counted(asdict(each), FIRST_ISSUE_NAMES) for each in self.issues],
            "visited_at": to_text(self.visited_at) if self.visited_at else None,
            "photos": [list(each) for each in photo_hashes],
        }
        return hashlib.sha256(json.dumps(body, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _counted(values: dict, first: frozenset[str]) -> dict:
    """The fields that tell records apart: the first ones always, later ones where they are filled."""
    return {name: value for name, value in values.items() if name in first or value}


ANSWER_ERASED = N_("（已清除）")
"""What stands where somebody answered a campaign's question in her own words, once its period is over."""
