"""A file on its way out of the house."""

from collections.abc import Iterator
from os import SEEK_END
from typing import IO
from urllib.parse import quote

from flask import Response

_PIECE = 64 * 1024

TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
"""What the ending of a file's name says it is."""


def attachment(file: IO[bytes], mimetype: str, name: str) -> Response:
    """An answer that saves as `name`: read in pieces, kept by no cache; the file is closed at its end."""
    size = file.seek(0, SEEK_END)
    file.seek(0)
    response = Response(_pieces(file), mimetype=mimetype)
    response.call_on_close(file.close)  # nothing is read for a HEAD, and what never began has no end that closes it
    # Headers are latin-1 on a real server: the name in percent, and a plain one for what does not know that (RFC 6266).
    plain = f"qifang.{name.rsplit('.', 1)[-1]}"
    response.headers["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    )
    response.headers["Cache-Control"] = "no-store"
    response.content_length = size
    return response


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    try:
        while piece := file.read(_PIECE):
            yield piece
    finally:
        file.close()
