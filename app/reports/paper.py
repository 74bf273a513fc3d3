"""A bulletin as .docx in the layout of GB/T 9704-2012 党政机关公文格式: A4, 22 lines of 28 characters. Pure.

The fonts are named, not embedded: an office has them, and elsewhere the reader's program takes the nearest.
"""

from collections.abc import Sequence
from datetime import date
from typing import IO, Any

from app.i18n import N_
from app.reports.bulletin import Block, Document, full_day

SONG, FANG, HEI, KAI, PLAIN = N_("方正小标宋简体"), N_("仿宋_GB2312"), N_("黑体"), N_("楷体_GB2312"), N_("宋体")
TITLE, BODY, RECORD, CELL = 22.0, 16.0, 14.0, 10.5
LINE = 28.9
"""Points from line to line: 22 of them fill the 225 mm of the type area."""

_AFTER_BORDERS = (
    "shd tabs suppressAutoHyphens kinsoku wordWrap overflowPunct topLinePunct autoSpaceDE autoSpaceDN bidi "
    "adjustRightInd snapToGrid spacing ind contextualSpacing mirrorIndents suppressOverlap jc textDirection "
    "textAlignment textboxTightWrap outlineLvl divId cnfStyle rPr sectPr pPrChange"
).split()

RED, BLACK = "FF0000", "000000"
_THICK, _THIN = "8", "6"  # eighths of a point: 0.35 and 0.25 mm


def write_docx(file: IO[bytes], paper: Document) -> None:
    """Write the document."""
    import docx

    made = docx.Document()
    _page(made)
    _head(made, paper)
    _body(made, paper)
    _signature(made, paper)
    _record(made, paper)
    _numbers(made)
    made.core_properties.author = paper.issuer
    made.core_properties.title = paper.title
    made.core_properties.comments = ""
    made.save(file)


def _page(made: Any) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    section = made.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin, section.left_margin, section.right_margin = (
        Mm(37),
        Mm(35),
        Mm(28),
        Mm(26),
    )
    section.footer_distance = Mm(24)
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(round(LINE * 20)))
    normal = made.styles["Normal"]
    normal.font.name, normal.font.size = FANG, Pt(BODY)
    normal.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FANG)
    normal.paragraph_format.space_after = normal.paragraph_format.space_before = Pt(0)


def _line(
    made: Any,
    text: str,
    *,
    font: str = FANG,
    size: float = BODY,
    align: str = "left",
    colour: str = BLACK,
    indent_chars: int = 0,
    left_chars: int = 0,
    right_chars: int = 0,
    before: float = 0,
    is_exact: bool = True,
    is_bold: bool = False,
    into: Any = None,
) -> Any:
    """One paragraph. Indents are in characters, as the standard gives them."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    paragraph = into or made.add_paragraph()
    paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, align.upper())
    shape = paragraph.paragraph_format
    if is_exact:
        shape.line_spacing_rule, shape.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(LINE if size <= TITLE else size * 1.3)
    shape.space_before = Pt(before)
    for name, count in (("first_line", indent_chars), ("left", left_chars), ("right", right_chars)):
        if count:  # in points for programs that do not know characters, and in characters for those that do
            setattr(shape, f"{name}_indent", Pt(size * count))
            attribute = {"first_line": "firstLineChars"}.get(name, f"{name}Chars")
            paragraph._p.pPr.find(qn("w:ind")).set(qn(f"w:{attribute}"), str(100 * count))
    run = paragraph.add_run(_clean(text))
    run.font.name, run.font.size, run.font.bold = font, Pt(size), is_bold or None
    run.font.color.rgb = RGBColor.from_string(colour)
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
    return paragraph


def _clean(text: str) -> str:
    """Without the control characters that no XML file may hold."""
    return "".join(letter for letter in text if letter >= " " or letter in "\n\t")


def _rule(paragraph: Any, side: str, *, colour: str, size: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    holder = paragraph._p.get_or_add_pPr()
    borders = holder.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        holder.insert_element_before(borders, *(f"w:{name}" for name in _AFTER_BORDERS))
    border = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", size), ("space", "1"), ("color", colour)):
        border.set(qn(f"w:{name}"), value)
    borders.append(border)


def _head(made: Any, paper: Document) -> None:
    """版头: the issuer in red 35 mm below the type area's top, the number two lines below, a red rule."""
    _line(made, paper.issuer, font=SONG, size=_fitting(paper.issuer), align="center", colour=RED, before=35 / 25.4 * 72)
    _line(made, "")
    number = _line(made, paper.number or N_("（发文字号）"), align="center", before=LINE)
    _rule(number, "bottom", colour=RED, size="18")


def _fitting(text: str) -> float:
    """The largest size at which the issuer's name stands on one line of 156 mm."""
    return min(48.0, 430 / max(len(text), 1))


def _body(made: Any, paper: Document) -> None:
    _line(made, "")
    for part in paper.title.split("\n"):
        _line(
            made, part, font=SONG, size=TITLE, align="center", before=LINE if part == paper.title.split("\n")[0] else 0
        )
    _line(made, "")
    _line(made, paper.addressed_to)
    for block in paper.blocks:
        if block.kind == "table":
            _table(made, block)
        else:
            font = {"h1": HEI, "h2": KAI}.get(block.kind, FANG)
            is_title = block.kind != "p"
            line = _line(made, block.text, font=font, indent_chars=2, align="left" if is_title else "justify")
            line.paragraph_format.keep_with_next = is_title  # no title alone at the foot of a page


def _table(made: Any, block: Block) -> None:
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    caption = _line(made, block.text, font=HEI, size=RECORD, align="center")
    caption.paragraph_format.keep_with_next = True
    columns = len(block.rows[0])
    table = made.add_table(rows=0, cols=columns, style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    table._tbl.tblPr.append(_narrow_margins())
    first = 36.0 if columns > 1 else 156.0
    widths = [Mm(first), *[Mm((156.0 - first) / (columns - 1))] * (columns - 1)]
    # LibreOffice goes by the columns, Word by the cells below.
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for nth, row in enumerate(block.rows):
        line = table.add_row()
        marks = line._tr.get_or_add_trPr()
        marks.append(OxmlElement("w:cantSplit"))
        if nth == 0:
            marks.append(OxmlElement("w:tblHeader"))
        for at, text in enumerate(row):
            cell = line.cells[at]
            cell.width = widths[at]
            paragraph = cell.paragraphs[0]
            paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if at == 0 and nth else WD_ALIGN_PARAGRAPH.CENTER
            paragraph.paragraph_format.line_spacing = Pt(CELL + 5)
            off_grid = OxmlElement("w:snapToGrid")  # the body's 22 lines a page are too wide apart for a table
            off_grid.set(qn("w:val"), "0")
            paragraph._p.get_or_add_pPr().insert_element_before(off_grid, "w:spacing", "w:ind", "w:jc", "w:rPr")
            run = paragraph.add_run(_clean(text))
            font = HEI if nth == 0 else FANG
            run.font.name, run.font.size = font, Pt(CELL)
            run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _narrow_margins() -> Any:
    """Half a millimetre left and right of a cell, so that a percentage stands on one line."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "28")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    return margins


def _signature(made: Any, paper: Document) -> None:
    """署名 a line below the text, two characters in; the date below."""
    _line(made, "")
    _line(made, paper.issuer, align="right", right_chars=2)
    _line(made, full_day(date.fromisoformat(paper.dated)), align="right", right_chars=4)


def _record(made: Any, paper: Document) -> None:
    """版记: 报送, 抄送, who printed it and when, between rules of the type area's width, its last rule on the last
    page's lower edge.
    """
    from docx.enum.table import WD_TABLE_ALIGNMENT
    from docx.shared import Mm

    lines: list[tuple[str, ...]] = [(N_("报送：") + paper.recipients + N_("。"),)] if paper.recipients else []
    if paper.copies:
        lines.append((N_("抄送：") + paper.copies + N_("。"),))
    printed = N_("%(day)s印发") % {"day": full_day(date.fromisoformat(paper.dated))}
    lines.append((paper.issuer, printed))
    _line(made, "")
    table = made.add_table(rows=0, cols=1)
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    table._tbl.tblPr.insert_element_before(
        _at_the_foot(), "w:tblOverlap", "w:bidiVisual", "w:tblStyleRowBandSize", "w:tblStyleColBandSize", "w:tblW",
        "w:jc", "w:tblCellSpacing", "w:tblInd", "w:tblBorders", "w:shd", "w:tblLayout", "w:tblCellMar", "w:tblLook",
    )  # fmt: skip
    table._tbl.tblPr.append(_narrow_margins())
    table.columns[0].width = Mm(156)
    for nth, words in enumerate(lines):
        cell = table.add_row().cells[0]
        cell.width = Mm(156)
        _rules(cell, top=_THICK if nth == 0 else _THIN, bottom=_THICK if nth == len(lines) - 1 else _THIN)
        _fill(_line(cell, "", size=RECORD, left_chars=1, right_chars=1, into=cell.paragraphs[0]), words)
    _line(made, "", size=CELL)  # what the table hangs on


def _at_the_foot() -> Any:
    """The place of a table that stands on the lower edge of the type area, whatever is above it."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    place = OxmlElement("w:tblpPr")
    for name, value in (
        ("vertAnchor", "margin"),
        ("horzAnchor", "margin"),
        ("tblpXSpec", "center"),
        ("tblpYSpec", "bottom"),
    ):
        place.set(qn(f"w:{name}"), value)
    return place


def _rules(cell: Any, **sides: str) -> None:
    """Black lines above and below a cell, in eighths of a point."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tcBorders")
    for side, size in sides.items():
        border = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", size), ("space", "0"), ("color", BLACK)):
            border.set(qn(f"w:{name}"), value)
        borders.append(border)
    cell._tc.get_or_add_tcPr().append(borders)


def _fill(paragraph: Any, words: Sequence[str]) -> None:
    """One text, or one at the left and one at the right end of the line."""
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.shared import Mm

    paragraph.runs[0].text = _clean("\t".join(words))
    if len(words) > 1:
        paragraph.paragraph_format.tab_stops.add_tab_stop(Mm(150), WD_TAB_ALIGNMENT.RIGHT)


def _numbers(made: Any) -> None:
    """— 1 — in size four: right on odd pages, left on even ones, a character in."""
    made.settings.odd_and_even_pages_header_footer = True
    section = made.sections[0]
    for footer, align in ((section.footer, "right"), (section.even_page_footer, "left")):
        footer.is_linked_to_previous = False
        _number(footer.paragraphs[0], align)


def _number(paragraph: Any, align: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    paragraph.alignment = getattr(WD_ALIGN_PARAGRAPH, align.upper())
    setattr(paragraph.paragraph_format, f"{align}_indent", Pt(RECORD))
    for kind, text in (
        (None, "— "),
        ("begin", ""),
        ("instr", " PAGE "),
        ("separate", ""),
        (None, "1"),
        ("end", ""),
        (None, " —"),
    ):
        run = paragraph.add_run(text if kind is None else "")
        run.font.name, run.font.size = PLAIN, Pt(RECORD)
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), PLAIN)
        if kind == "instr":
            mark = OxmlElement("w:instrText")
            mark.set(qn("xml:space"), "preserve")
            mark.text = text
            run._r.append(mark)
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
