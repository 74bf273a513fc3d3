"""An issue as its page, the rules and the actions see it."""

from dataclasses import dataclass
from datetime import date, datetime

from app.issues.lifecycle import Level, Outcome, Status
from app.rules.models import Clock, Kind, Urgency

EVENT_FIELDS = ("issue_id", "action", "at", "by_id", "actor", "from_status", "to_status", "note", "data")
"""What the hash of an event covers, besides its predecessor's and the audit log's."""


@dataclass(frozen=True)
class NewIssue:
    """A problem as an officer reports it. Positions are WGS-84 degrees, accuracy in metres."""

    category_id: int
    kind: Kind
    urgency: Urgency
    title: str
    description: str
    latitude: float | None = None
    longitude: float | None = None
    accuracy_m: int | None = None


@dataclass(frozen=True)
class Issue:
    """One issue with everything the lifecycle asks of it. Moments are UTC."""

    id: int
    number: str
    version: int
    status: Status
    visit_id: int | None
    firm_id: int
    firm: str
    firm_contact: str
    firm_phone: str
    firm_address: str
    district_id: int
    district: str
    district_en: str
    category_id: int
    category: str
    category_en: str
    department_id: int | None
    department: str | None
    department_en: str | None
    assisting_ids: tuple[int, ...]
    reported_by: int
    reporter: str
    reported_at: datetime
    kind: Kind
    urgency: Urgency
    title: str
    description: str
    latitude: float | None
    longitude: float | None
    accuracy_m: int | None
    clock: Clock | None
    due_at: datetime | None
    amber_at: datetime | None
    is_due_provisional: bool
    closed_at: datetime | None
    outcome: Outcome | None
    public_answer: str
    is_solved: bool | None
    is_satisfied: bool | None
    return_count: int
    rework_count: int
    reopen_count: int
    extension_count: int
    extension_asked_on: date | None
    suspension_asked_on: date | None
    review_on: date | None
    reply_by_on: date | None
    supervision: Level | None
    is_return_agreed: bool
    merged_into_id: int | None
    erased_at: str | None
    # Derived when it is read:
    is_accept_window_open: bool
    is_reopen_window_open: bool
    is_overdue: bool
    failed_contact_days: int

    @property
    def is_extension_pending(self) -> bool:
        """Whether the handler waits for an extension to be decided."""
        return self.extension_asked_on is not None

    @property
    def is_suspension_pending(self) -> bool:
        """Whether the handler waits for a suspension to be decided."""
        return self.suspension_asked_on is not None

    @property
    def is_reply_due(self) -> bool:
        """Whether a supervision waits for its reply."""
        return self.reply_by_on is not None
