"""The one place that builds the addresses of the lists behind a board's numbers."""

from datetime import date
from urllib.parse import urlencode

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
        pairs = {name: _text(value) for name, value in given.items() if value not in (None, "", False)}
        return f"{self._path}?{urlencode(pairs)}" if pairs else self._path

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
        return "?" + urlencode({name: _text(value) for name, value in given.items()})


def _text(value: object) -> str:
    if value is True:
        return "1"
    return value.isoformat() if isinstance(value, date) else str(value)
