"""One page of the cases behind a figure: the side of it that is looked at, which page, the ways to the others."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self
from urllib.parse import urlencode

from flask import request

from app.errors import NotFound
from app.forms import read_id

PER_PAGE = 25
LAST_PAGE = 4000
PARTS: Mapping[str, bool | None] = {"": None, "yes": True, "no": False}


class CasePage(NamedTuple):
    """As the address asks for it. `kept` is what every other page of these cases is asked with too."""

    path: str
    kept: Mapping[str, str]
    part: str
    nth: int

    @classmethod
    def asked(cls, path: str, *, no_such: str) -> Self:
        """What the address says. Raises NotFound in the words of `no_such` for what no link of ours has."""
        part, nth = request.args.get("part", ""), read_id(request.args.get("page", "1"))
        if part not in PARTS or nth is None or nth > LAST_PAGE:
            raise NotFound(no_such)
        kept = {name: value for name, value in request.args.items() if name not in ("part", "page")}
        return cls(path, kept, part, nth)

    def sides(self, labels: Iterable[tuple[str, str, int]]) -> list[tuple[str, str, int, str]]:
        """The chips above the list (part, label, how many), each with its address."""
        return [(part, label, n, self._url(part=part)) for part, label, n in labels]

    def neighbours(self, has_more: bool) -> tuple[str | None, str | None]:
        """The addresses of the page before and of the next one, None where there is none."""
        before = self._url(part=self.part, page=self.nth - 1) if self.nth > 1 else None
        after = self._url(part=self.part, page=self.nth + 1) if has_more and self.nth < LAST_PAGE else None
        return before, after

    def _url(self, **more: object) -> str:
        query = urlencode({**self.kept, **{name: value for name, value in more.items() if value}})
        return f"{self.path}?{query}" if query else self.path
