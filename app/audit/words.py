"""An entry in words, for the page and for the file."""

from collections.abc import Mapping

from flask import url_for

from app.audit.models import ACTION_NAMES, OBJECT_NAMES
from app.forms import read_id
from app.translation import gettext as _


def shown(row: Mapping, names: Mapping[str, str]) -> dict:
    """What was done, to what, what that is called and where it has its page; what has no words shows its code."""
    kind, _colon, number = row["object"].partition(":")
    number_id = read_id(number)
    return {
        "action": _(ACTION_NAMES.get(name := row["action"], name)),
        "object": f"{_(OBJECT_NAMES[kind]) if kind in OBJECT_NAMES else kind} {number}".strip(),
        "name": names.get(row["object"], ""),
        "url": _address(kind, number_id) if number_id else None,
    }


def _address(kind: str, number: int) -> str | None:
    if kind == "firm":
        return url_for("firms.show", firm_id=number)
    if kind == "issue":
        return url_for("issues.show", issue_id=number)
    return None
