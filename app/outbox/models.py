"""What a phone announces and what it is told back."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SCHEMAS = frozenset({1})
"""The versions of a record's layout that are taken. A phone may have slept for a year: none is dropped sooner."""

ACCOUNT_HEADER = "X-Qifang-Account"


@dataclass(frozen=True)
class Announced:
    """A photo that will follow its record: `group` 0 is the visit's own, n the nth reported problem's."""

    key: str
    sha256: str  # of the file as the phone sends it
    group: int
    position: int


@dataclass(frozen=True)
class PhoneMove:
    """A move as it waited on a phone: against the version that she saw, what it brings and the photos to follow."""

    issue_id: int
    action: str
    version: int
    brought: Mapping[str, object]
    announced: tuple[Announced, ...]
    body_sha256: str  # what makes two sendings the same


@dataclass(frozen=True)
class Receipt:
    """What is stored of a record, a visit or a move on an issue: only a phone that holds one may forget."""

    client_key: str
    have: tuple[str, ...]
    missing: tuple[str, ...]
    visit_id: int | None = None
    issue_id: int | None = None


def hashes_of(announced: Sequence[Announced], groups: int) -> list[list[str]]:
    """The SHA-256 of each photo, first the visit's own, then each problem's, in order."""
    ordered = sorted(announced, key=lambda each: (each.group, each.position))
    return [[each.sha256 for each in ordered if each.group == group] for group in range(groups)]


def account_of(user_id: int) -> str:
    """An account's name on the phone: the caches and records of two people on one phone never mix."""
    return hashlib.sha256(f"qifang account {user_id}".encode()).hexdigest()[:16]
