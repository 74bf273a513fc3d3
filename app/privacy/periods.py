"""How long what is kept of people, in days. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Periods:
    """What this installation keeps for how many days; 0 for ever.

    `texts`: notes, contacts met, positions and photos of visits and of ended issues, counted from the end.
    `contacts`: of firms that are closed or moved away. `accounts`: from being disabled. `sessions`: from their end.
    """

    texts: int
    contacts: int
    accounts: int
    sessions: int

    def ends(self, name: str, now: datetime) -> datetime | None:
        """What was over before then is past its time; None: never."""
        days = getattr(self, name)
        return now - timedelta(days=days) if days else None
