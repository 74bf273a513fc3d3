"""Firms in a bulletin have no name: 某机械公司. Pure, but for the list of trades beside the other data."""

import re
from functools import lru_cache
from pathlib import Path

from app.i18n import N_

_TRADES = Path(__file__).resolve().parent.parent / "data" / "trade_words.txt"
_SUFFIX = re.compile(N_("(股份有限公司|有限责任公司|集团有限公司|有限公司|公司|合作社|中心|商行|厂|店|部|场|院|社)$"))
_KINDS = {N_("合作社"), N_("中心"), N_("厂"), N_("店")}
_PLACE = re.compile(N_("^([^省市县区]{2,3}[省市县区])+"))
SHORTEST = 4
"""A shorter part of a name is a word of its own too often."""

_NUMBERS = re.compile(r"\d[\d -]{5,}\d")


@lru_cache
def _trades() -> tuple[str, ...]:
    words = _TRADES.read_text(encoding="utf-8").split()
    return tuple(sorted(words, key=len, reverse=True))


def masked(name: str) -> str:
    """What the firm is called in public: its trade where the name says it, and nothing that is its own."""
    suffix = _SUFFIX.search(name)
    kind = suffix[0] if suffix and suffix[0] in _KINDS else N_("公司") if suffix else N_("企业")
    stem = name[: suffix.start()] if suffix else name
    trade = next((word for word in _trades() if word in stem), "")
    return N_("某%(trade)s%(kind)s") % {"trade": trade, "kind": kind}


def _called(name: str) -> list[str]:
    """What people write for the firm, the longest first: 平顶山市鹰翔机械有限公司, 平顶山市鹰翔机械, 鹰翔机械."""
    suffix = _SUFFIX.search(name)
    stem = name[: suffix.start()] if suffix else name
    local = _PLACE.sub("", stem)
    trade = next((word for word in _trades() if word in local), "")
    ends = local.find(trade) + len(trade) if trade else 0
    short = local[max(ends - len(trade) - 2, 0) : ends]
    return [name, *(each for each in (stem, local, short) if len(each) >= SHORTEST)]


def without_names(text: str, name: str) -> str:
    """The text without the firm's name, whole or short, and without long numbers (telephones, credit codes)."""
    for each in _called(name):
        text = text.replace(each, masked(name))
    return _NUMBERS.sub("***", text)
