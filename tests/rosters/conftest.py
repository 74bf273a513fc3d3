"""Handing a roster in as the office does."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest

from app.db import fetch_one, fetch_value
from tests import factories
from tests.page_checks import Answer


@dataclass
class Desk:
    """The office at the rosters' pages."""

    page: Callable
    db: object
    runner: object

    def send(self, kind: str, content: bytes, name: str = "名册.xlsx", *, status: int = 303, **typed) -> Answer:
        """Upload a file; its preview, or the form with what is wrong."""
        here = self.page("office")
        form = here.get(f"/office/rosters/{kind}").one("form[enctype]")
        answer = here.send(form, files={"file": (io.BytesIO(content), name)}, status=status, **typed)
        return answer if answer.status_code != 303 else self._end_of(answer)

    def show(self, verdict: str = "", *, status: int = 200) -> Answer:
        """The latest import's page."""
        latest = fetch_value(self.db, "SELECT max(id) FROM roster_imports")
        return self.page("office").get(f"/office/rosters/imports/{latest}?show={verdict}", status=status)

    def store(self, *, status: int = 303) -> Answer:
        """Press the button that stores."""
        latest = fetch_value(self.db, "SELECT max(id) FROM roster_imports")
        here = self.page("office")
        answer = here.post(f"/office/rosters/imports/{latest}/storing", status=status)
        return answer if answer.status_code != 303 else self._end_of(answer)

    def take_in(self, kind: str, content: bytes, name: str = "名册.xlsx", **typed) -> Mapping[str, int]:
        """Upload and store; what the preview counted."""
        self.send(kind, content, name, **typed)
        counts = self.counts
        self.store()
        return counts

    @property
    def counts(self) -> Mapping[str, int]:
        """What the latest import's rows came to, those that are none left out."""
        row = dict(fetch_one(self.db, "SELECT * FROM roster_imports ORDER BY id DESC LIMIT 1"))
        return {
            key[:-6]: n
            for key, n in row.items()
            if key.endswith("_count") and n and key not in ("byte_count", "stored_count")
        }

    def _end_of(self, answer: Answer) -> Answer:
        """The job's page, then what it led to."""
        self.runner.join()
        here = self.page("office")
        watched = here.get(answer.headers["Location"], status=(200, 303))
        return here.get(watched.headers["Location"]) if watched.status_code == 303 else watched


@pytest.fixture
def desk(app, db, page) -> Desk:
    factories.the_user(db, "office")
    return Desk(page, db, app.extensions["jobs"])
