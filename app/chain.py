"""Rows that vouch for the row before them, so that a history cannot be altered unseen. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

START = "0" * 64
"""What the first row of a chain names as its predecessor."""


def link(previous: str, content: Mapping[str, object]) -> str:
    """The hash of a row: SHA-256 over its predecessor's hash and its own content as sorted JSON."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


def vouching(content: Mapping[str, object], other: str, hash_: str | None) -> dict[str, object]:
    """A row's content with the newest hash of the other chain in column `other`; rows from before there was one, none.

    Each chain naming the other's rows, neither can be written anew, or cut at its end, without the other showing it.
    """
    return {**content, other: hash_} if hash_ else dict(content)


def first_broken(rows: Iterable[Any], fields: Sequence[str], *, other: str) -> int | None:
    """The id of the first row whose hash does not follow from its content and its predecessor, or None."""
    previous = START
    for row in rows:
        content = vouching({name: row[name] for name in fields}, other, row[other])
        if row["previous_hash"] != previous or row["hash"] != link(previous, content):
            return row["id"]
        previous = row["hash"]
    return None
