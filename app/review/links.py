"""The one place that builds the addresses of the lists behind a board's numbers."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from urllib.parse import quote_plus

from flask import url_for

from app.review.periods import Period


class IssueLinks:
    """Makes addresses of the list of issues. Built once a page, since asking for the path is what costs.

    `always` narrows every list: the district, where the reader sees more than it.
    """

    def __init__(self, **always: object):
        self._path = url_for("issues.index")
        self._always = always

    def __call__(self, **query: object) -> str:
        """The list narrowed by these parameters; None and '' are left out."""
        given = {**self._always, **query}
        wanted = [(name, value) for name, value in given.items() if value not in (None, "", False)]
        return self._path + _query(wanted) if wanted else self._path

    def open(self, **query: object) -> str:
        """Those not ended."""
        return self(status="open", **query)

    def reported(self, period: Period, **query: object) -> str:
        """Those reported in the period, whatever became of them."""
        return self(reported_from=period.from_on, reported_to=period.to_on, **query)

    def closed(self, period: Period, **query: object) -> str:
        """Those closed in the period."""
        return self(status="closed", closed_from=period.from_on, closed_to=period.to_on, **query)

    def cases(self, period: Period, **query: object) -> str:
        """What is put behind `url_for("figures.show", figure=…)`: the period and the place of a figure's cases."""
        given = {"from": period.from_on, "to": period.to_on, **self._always, **query}
        return _query(given.items())


def _query(given: Iterable[tuple[str, object]]) -> str:
    return "?" + "&".join(f"{name}={_quoted(value)}" for name, value in given)


@lru_cache(maxsize=2048, typed=True)
def _quoted(value: object) -> str:
    # A board has two hundred addresses made of the same few days, places and words.
    if value is True:
        return "1"
    return quote_plus(value.isoformat() if isinstance(value, date) else str(value))
