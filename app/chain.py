"""Rows that vouch for the row before them, so that a history cannot be altered unseen. Pure."""

import hashlib
import json
import re
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


def first_broken(rows: Iterable[Any], fields: Sequence[str], *, other: str, erasing: str = "") -> int | None:
    """The id of the first row whose hash does not follow from its content and its predecessor, or None.

    Where column `erasing` is filled, text was erased: that row's hash is taken as it stands, for the next row names it,
    and `digest_of_left` says whether the rest is as it was.
    """
    previous = START
    for row in rows:
        content = vouching({name: row[name] for name in fields}, other, row[other])
        is_whole = bool(erasing and row[erasing]) or row["hash"] == link(previous, content)
        if row["previous_hash"] != previous or not is_whole:
            return row["id"]
        previous = row["hash"]
    return None


DIGEST = re.compile(r"sha256:([0-9a-f]{64})")
"""How an entry of the audit log says what was left of the rows that it tells the erasing of."""


def digest_of_left(rows: Iterable[Any], fields: Sequence[str], *, other: str) -> str:
    """SHA-256 over these rows, hashes and what is left of their content, in the order given."""
    digest = hashlib.sha256()
    for row in rows:
        content = vouching({name: row[name] for name in fields}, other, row[other])
        digest.update(link(row["hash"], content).encode())
    return digest.hexdigest()
