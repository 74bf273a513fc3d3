"""Reading one cell: whatever Excel, WPS and people make of a text, a code, a phone, a day. Pure.

Each reader gives the value, or raises `Wrong` with words for the person. An empty cell is None: it says nothing.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from app.firms import credit_code
from app.i18n import N_

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_POWER = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(0\d{2,3})?([2-9]\d{6,7})(?:(?:转|x|ext\.?)(\d{1,6}))?", re.IGNORECASE)
_SERVICE = re.compile(r"[48]00\d{7}|\d{5}")
_DAY = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})日?(?:[ T].*)?|(\d{4})(\d{2})(\d{2})")
_FIRST_SERIAL, _LAST_SERIAL = 36526, 73050
"""Excel's day numbers of 2000-01-01 and 2099-12-31 (days since 1899-12-30)."""


class Wrong(ValueError):
    """A cell that cannot be taken; `message` is a msgid."""

    def __init__(self, message: str, **params: Any):
        super().__init__(message)
        self.message = message
        self.params: Mapping[str, Any] = params


NONE = ("无", "-", "–", "/")
"""What people write where there is nothing to write."""

NUMBER_CODE = N_("Excel 把信用代码变成了数字，请把该列设为文本后重填。")


def plain(raw: Any) -> str:
    """What a cell shows, on one line: half width, no unseen characters, whole numbers without '.0'."""
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        raw = int(raw)
    if isinstance(raw, datetime) and raw.time() == time():
        raw = raw.date()
    text = unicodedata.normalize("NFKC", _UNSEEN.sub("", str(raw)))
    if text.isprintable():
        return " ".join(text.split())
    return " ".join("".join(" " if unicodedata.category(each) in ("Cc", "Cs", "Co") else each for each in text).split())


def read_text(raw: Any, *, most: int) -> str | None:
    """A text of at most so many characters, with 中文括号 in Chinese words."""
    text = plain(raw)
    if any("\u3400" <= letter <= "\u9fff" for letter in text):
        text = text.replace("(", "（").replace(")", "）").replace(",", "，").replace(";", "；").replace(":", "：")
    if len(text) > most:
        raise Wrong(N_("最多 %(most)d 字，现在有 %(count)d 字，请精简。"), most=most, count=len(text))
    return text or None


def read_code(raw: Any) -> str | None:
    """A credit code in capitals, its check character right."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        raise Wrong(NUMBER_CODE)
    text = re.sub(r"[\s\-]", "", plain(raw)).upper()
    if not text or text in NONE:
        return None
    if _POWER.fullmatch(text):
        raise Wrong(NUMBER_CODE)
    if len(text) == 15 and text.isdigit():
        raise Wrong(N_("这是 15 位的旧注册号，请填 18 位统一社会信用代码；没有就空着。"))
    if len(text) != 18:
        raise Wrong(N_("统一社会信用代码应为 18 位，现在是 %(count)d 位。"), count=len(text))
    strange = next((letter for letter in text if letter not in credit_code.ALPHABET), None)
    if strange:
        raise Wrong(N_("统一社会信用代码里不会有“%(letter)s”，请核对是否把数字认成了字母。"), letter=strange)
    if not credit_code.is_valid(text):
        raise Wrong(N_("统一社会信用代码的校验位不对，请核对是否抄错了一位。"))
    return text


def read_phone(raw: Any) -> str | None:
    """A mobile or landline number: '138 3750-0001' → '13837500001', '0375 2861234' → '0375-2861234'."""
    text = plain(raw)
    if not text or text in NONE:
        return None
    if _POWER.fullmatch(text):
        raise Wrong(N_("Excel 把电话变成了科学计数，请把该列设为文本后重填。"))
    bare = re.sub(r"[\s\-()（）—–]", "", text)
    bare = re.sub(r"^(\+86|0086|86(?=1[3-9]\d{9}$))", "", bare)
    if _MOBILE.fullmatch(bare):
        return bare
    landline = _LANDLINE.fullmatch(bare)
    if landline:
        area, number, inner = landline.groups()
        return (f"{area}-" if area else "") + number + (f"-{inner}" if inner else "")
    if _SERVICE.fullmatch(bare):
        return bare
    if len(re.findall(r"\d{7,}", text)) > 1:
        raise Wrong(N_("一个格子只能填一个电话。"))
    raise Wrong(N_("电话写法不对：手机 11 位，座机写成 0375-2861234。"))


def read_day(raw: Any) -> date | None:
    """A day, however it was written: a date cell, a text, or the serial number that Excel shows when unformatted."""
    if isinstance(raw, datetime):
        return _within(raw.date())
    if isinstance(raw, date):
        return _within(raw)
    text = plain(raw)
    if not text:
        return None
    if re.fullmatch(r"\d{5}(\.\d+)?", text) and _FIRST_SERIAL <= float(text) <= _LAST_SERIAL:
        return date(1899, 12, 30) + timedelta(days=int(float(text)))
    match = _DAY.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        year, month, day = (int(part) for part in match.groups() if part is not None)
        return _within(date(year, month, day))
    except ValueError as error:
        if isinstance(error, Wrong):
            raise
        raise Wrong(N_("日期写法如 2026-11-23，请重新填写。")) from error


def _within(day: date) -> date:
    if not 2000 <= day.year <= 2099:
        raise Wrong(N_("日期不在 2000 年到 2099 年之间，请核对。"))
    return day


def read_word(raw: Any, words: Mapping[str, str], *, refusal: str) -> str | None:
    """One of a few words, whatever way it is written. Raises Wrong with `refusal` (given what was written)."""
    text = plain(raw).casefold()
    if not text:
        return None
    if text not in words:
        raise Wrong(refusal, text=text[:20])
    return words[text]
