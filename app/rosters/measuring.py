"""Measuring a workbook before it is opened. Pure.

The reader unpacks every part whole and makes room for each cell up to the last one: a small file may hold gigabytes,
and one cell in the last corner of a sheet would take all memory.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from app.i18n import N_
from app.rosters.cells import Wrong

MOST_ROWS, MOST_COLUMNS, MOST_CELLS = 200_000, 50, 4_000_000
MOST_UNPACKED = 400 * 1024 * 1024
"""Bytes of all parts of a workbook; 135,000 firms with twelve columns are about 90 MB."""

NO_TABLE = N_("这个文件不是 Excel 表格或 CSV。请在 WPS 或 Office 中打开后另存为 .xlsx 再上传。")
BROKEN = N_("这个文件打不开，可能没有传完整。请在 WPS 或 Office 中打开确认后，另存为 .xlsx 再上传。")
TOO_WIDE = N_("表格超过 %(most)d 列。请删去右侧多余的列后再上传。")
TOO_LONG = N_("表格超过 %(most)d 行。请删去下方多余的行，或分成几个文件上传。")
TOO_BIG = N_("这个文件解压后太大，不能读取。请把数据复制到新的表格里再上传。")

_FAR_COLUMN = re.compile(rb"""\sr\s*=\s*["'](?:[A-Z]{3,}|A[YZ]|[B-Z][A-Z])\d+["'][^>]*[^/>]>""")  # AX is column 50
_FAR_ROW = re.compile(rb"""\sr\s*=\s*["'][A-Z]{1,3}(?:[2-9]\d{5}|\d{7,})["'][^>]*[^/>]>""")
_NO_PLACE = re.compile(rb"""<(?:\w+:)?c(?=[\s/>])(?![^>]*\sr\s*=)[^>]*>""")
"""A cell that does not say where it stands: Excel, WPS and LibreOffice always say it, and we count by it."""

_CHUNK, _OVERLAP = 1 << 20, 256


def measure(path: Path) -> None:
    """Unpack every part once without keeping it: the sizes that a zip tells of itself may lie."""
    try:
        with zipfile.ZipFile(path) as book:
            parts = book.infolist()
            names = {part.filename for part in parts}
            if not any(name.lower() == "xl/workbook.xml" for name in names):
                raise Wrong(NO_TABLE)
            if len(parts) > 5000 or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Wrong(TOO_BIG)
            cells = unpacked = 0
            with path.open("rb") as file:
                for part in parts:
                    is_sheet = part.filename.lower().startswith("xl/worksheets/") and part.filename.endswith(".xml")
                    size, values = _scan(_unpacked(file, part), is_sheet=is_sheet, most=MOST_UNPACKED - unpacked)
                    unpacked, cells = unpacked + size, cells + values
            if cells > MOST_CELLS:
                raise Wrong(TOO_BIG)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, OSError, zlib.error) as error:
        raise Wrong(BROKEN) from error


def _unpacked(file: BinaryIO, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """What a part really unpacks to, piece by piece: zipfile stops where the part's own header says that it ends."""
    if part.flag_bits & 1 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Wrong(BROKEN)
    file.seek(part.header_offset)
    head = file.read(30)
    if len(head) < 30 or not head.startswith(b"PK\x03\x04"):
        raise Wrong(BROKEN)
    file.seek(int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little"), 1)
    left, inflate = part.compress_size, zlib.decompressobj(-zlib.MAX_WBITS)
    while left and (packed := file.read(min(left, _CHUNK))):
        left -= len(packed)
        if part.compress_type == zipfile.ZIP_STORED:
            yield packed
            continue
        while packed:
            yield inflate.decompress(packed, _CHUNK)
            packed = inflate.unconsumed_tail
    if left:
        raise Wrong(BROKEN)


def _scan(pieces: Iterator[bytes], *, is_sheet: bool, most: int) -> tuple[int, int]:
    """Read a part to its end: its bytes, of which there may be so many, and how many values it has if it is a sheet."""
    tail, size, cells = b"", 0, 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise Wrong(TOO_BIG)
        if is_sheet:
            held = tail + piece
            if _FAR_COLUMN.search(held):
                raise Wrong(TOO_WIDE, most=MOST_COLUMNS)
            if _FAR_ROW.search(held):
                raise Wrong(TOO_LONG, most=MOST_ROWS)
            if _NO_PLACE.search(held):
                raise Wrong(BROKEN)
            cells += held.count(b"</c>") + held.count(b":c>") - tail.count(b"</c>") - tail.count(b":c>")
            tail = held[-_OVERLAP:]
    return size, cells
