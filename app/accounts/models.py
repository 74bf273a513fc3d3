"""What the office gives out and keeps about an account. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from app.permissions import Role


@dataclass(frozen=True)
class Slip:
    """A password for one use on its way to its person: shown once, kept nowhere, and in no log by its repr."""

    user_id: int
    username: str
    name: str
    place: str
    password: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True)
class AccountInput:
    """What the office typed about an account, its place of work as the role has it."""

    username: str
    name: str
    role: Role
    district_id: int | None
    department_id: int | None
    phone: str
    unit: str
    title: str
