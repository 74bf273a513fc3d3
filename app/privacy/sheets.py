"""What is held about a person as one .xlsx, a sheet for each part. No text is ever a formula. Pure."""

from collections.abc import Iterable
from typing import IO

from app.privacy.models import Section
from app.reports.sheets import LONGEST_TEXT


def write_sections(file: IO[bytes], sections: Iterable[Section]) -> int:
    """Write it; how many lines there are in all."""
    import xlsxwriter

    book = xlsxwriter.Workbook(
        file, {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    head = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E6EEFB", "border": 1})
    text = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    count = 0
    for section in sections:
        sheet = book.add_worksheet(section.title)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(section.headings) - 1, 24)
        for at, heading in enumerate(section.headings):
            sheet.write_string(0, at, heading, head)
        for nth, row in enumerate(section.rows, start=1):
            count += 1
            for at, value in enumerate(row):
                if value not in (None, ""):
                    sheet.write_string(nth, at, str(value)[:LONGEST_TEXT], text)
    book.close()
    return count
