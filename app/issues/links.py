"""The firm's link: an address that names one issue and that nobody can guess or make. Pure but for the signing key."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from itsdangerous import BadSignature, Signer

from app.clock import to_text
from app.i18n import N_


class LinkState(StrEnum):
    """How it stands with a link."""

    WAITING = "waiting"
    OPENED = "opened"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"


LINK_STATE_NAMES: Mapping[LinkState, str] = {
    LinkState.WAITING: N_("企业还没有打开"),
    LinkState.OPENED: N_("企业已打开，尚未答复"),
    LinkState.USED: N_("企业已答复"),
    LinkState.REVOKED: N_("已被新链接取代"),
    LinkState.EXPIRED: N_("已过期"),
}


class ToldLink(NamedTuple):
    """A stored link, how it stands and what the page calls that."""

    row: Mapping
    state: LinkState
    name: str


def told(rows: Sequence[Mapping], now: datetime) -> list[ToldLink]:
    """Stored links with how each stands now."""
    states = [_state(row, to_text(now)) for row in rows]
    return [ToldLink(row, state, LINK_STATE_NAMES[state]) for row, state in zip(rows, states, strict=True)]


def _state(row: Mapping, now: str) -> LinkState:
    if row["used_at"]:
        return LinkState.USED
    if row["revoked_at"]:
        return LinkState.REVOKED
    if row["expires_at"] <= now:
        return LinkState.EXPIRED
    return LinkState.OPENED if row["opened_at"] else LinkState.WAITING


def token_for(link_id: int, secret: str) -> str:
    """The last part of the link's address: its id and an HMAC-SHA-256 over it, which only the key can make."""
    return _signer(secret).sign(str(link_id)).decode()


def link_id_of(token: str, secret: str) -> int | None:
    """Which link a token names, or None if it was not made here."""
    if not token.isascii():
        return None
    try:
        return int(_signer(secret).unsign(token))
    except (BadSignature, ValueError):
        return None


def _signer(secret: str) -> Signer:
    return Signer(secret, salt="firm-link", sep=".", digest_method=hashlib.sha256)
