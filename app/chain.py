"""Rows that vouch for the row before them, so that a history cannot be altered unseen. Pure."""

import hashlib
import json
from collections.abc import Mapping

START = "0" * 64
"""What the first row of a chain names as its predecessor."""


def link(previous: str, content: Mapping[str, object]) -> str:
    """The hash of a row: SHA-256 over its predecessor's hash and its own content as sorted JSON."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()
