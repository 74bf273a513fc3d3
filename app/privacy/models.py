"""Of whom something is held, and how it is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Subject:
    """A person: who has an account, or whom a firm names as its contact."""

    kind: str  # "account" or "contact"
    id: int  # of the account, or of the firm
    name: str

    @property
    def object(self) -> str:
        """As the audit log names it."""
        return f"{'user' if self.kind == 'account' else 'firm'}:{self.id}"


@dataclass(frozen=True)
class Section:
    """One sheet of what is held."""

    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[str | int | float | None]]
