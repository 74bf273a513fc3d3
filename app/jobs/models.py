"""A job as it is watched and as it is worked off."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

LEASE = timedelta(minutes=2)
"""A process that has not said for so long how far it is has died; another takes the job over."""

MOST_TRIES = 3
"""A job that has taken that many processes with it is given up."""

MOST_OPEN = 5
"""So many may wait for one person."""

KEPT_FOR = timedelta(days=1)
"""What a job made is deleted after that."""


class State(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Job:
    """One piece of long work. `error` is a msgid; `file_name` what its file saves as, '' where it made none."""

    id: int
    kind: str
    asked_by: int
    params: Mapping
    state: State
    done_count: int
    total_count: int
    file_name: str
    result_url: str
    error: str

    @property
    def is_open(self) -> bool:
        """Whether it waits or runs."""
        return self.state in (State.WAITING, State.RUNNING)


@dataclass(frozen=True)
class Done:
    """What came of a job: a file to save under this name (written to `Task.file`), or a page that shows it."""

    file_name: str = ""
    result_url: str = ""


Progress = Callable[[int, int], None]
"""Say that so many of so many are done. Cheap: it writes only now and then."""
