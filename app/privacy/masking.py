"""Telephone numbers in a text that is kept. Pure."""

import re

_PHONE = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}[- ]?\d{7,8})(?!\d)")


def without_phones(text: str) -> str:
    """The text with each telephone number, mobile or with its area code, given as its first three figures."""
    return _PHONE.sub(lambda found: f"{found[0][:3]}****", text)
