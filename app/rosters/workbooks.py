"""The workbooks that the office fills in: a template with drop-down lists. Pure."""

from collections.abc import Mapping, Sequence
from typing import IO, Any

from app.i18n import N_
from app.rosters.columns import COLUMNS
from app.rosters.models import KIND_NAMES, Kind

LINES = 5000
"""So many lines of the template offer their lists; longer files are pasted in and judged all the same."""

HOW_TO: Mapping[Kind, Sequence[str]] = {
    Kind.FIRMS: (
        N_("带 * 的列必填，其余可空；空着的格子不会改动系统中已有的内容。"),
        N_("企业先按统一社会信用代码对应，没有代码的按“区县＋企业名称”对应。"),
        N_("区县填全称或 6 位代码，乡镇街道填名称或 9 位代码。"),
        N_("首席服务官填姓名；有同名的再填手机号。先导入首席服务官名册，再导入企业。"),
    ),
    Kind.OFFICERS: (
        N_("带 * 的列必填，其余可空；空着的格子不会改动系统中已有的内容。"),
        N_("人员先按用户名、再按手机号、再按“区县＋姓名”对应。"),
        N_("用户名可空：系统用手机号，没有手机号的自动编一个。首次密码由市营商办另行发放。"),
    ),
    Kind.DEPARTMENTS: (
        N_("带 * 的列必填，其余可空；空着的格子不会改动系统中已有的内容。"),
        N_("改了名称的单位，把旧名称写在“曾用名”里。多个名称、事项之间用分号隔开。"),
    ),
    Kind.HANDLERS: (
        N_("带 * 的列必填，其余可空；空着的格子不会改动系统中已有的内容。"),
        N_("责任单位填全称或简称。人员先按用户名、再按手机号、再按“责任单位＋姓名”对应。"),
        N_("用户名可空：系统用手机号，没有手机号的自动编一个。首次密码由市营商办另行发放。"),
    ),
    Kind.ASSIGNMENTS: (
        N_("每行一家企业、一位首席服务官。企业填信用代码或名称，服务官填姓名、手机号或用户名。"),
        N_("分工空着就是包联人；一家企业只有一位包联人，协助的可以有几位。"),
    ),
}
"""What stands on the template's second sheet."""


def write_template(
    file: IO[bytes], kind: Kind, *, title: str, lists: Mapping[str, Sequence[str]], how_to: Sequence[str]
) -> None:
    """Write an empty roster with its headings, texts as texts, and the lists of words as drop-downs."""
    import xlsxwriter

    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(title)
    help_sheet = book.add_worksheet(f"{title}·说明")
    words = book.add_worksheet("选项")
    head = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#E6EEFB", "border": 1})
    text = book.add_format({"num_format": "@"})
    sheet.freeze_panes(1, 0)
    sheet.set_row(0, 32)
    for at, column in enumerate(COLUMNS[kind]):
        sheet.set_column(at, at, column.width, text)
        sheet.write_string(0, at, f"*{column.heading}" if column.is_required else column.heading, head)
    for at, line in enumerate(how_to):
        help_sheet.write_string(at, 0, line)
    help_sheet.set_column(0, 0, 90)
    _offer(sheet, words, kind, lists)
    words.hide()
    sheet.activate()
    book.close()


def _offer(sheet: Any, words: Any, kind: Kind, lists: Mapping[str, Sequence[str]]) -> None:
    """Write each list into a column of the hidden sheet, and let the cells of its field offer it.

    Excel only warns: a word of one's own (a code instead of a name) is judged on import.
    """
    used = 0
    for at, column in enumerate(COLUMNS[kind]):
        offered = lists.get(column.choices, ())
        if not offered:
            continue
        words.write_column(0, used, offered)
        letter = chr(65 + used)
        sheet.data_validation(
            1,
            at,
            LINES,
            at,
            {
                "validate": "list",
                "source": f"=选项!${letter}$1:${letter}${len(offered)}",
                "error_type": "information",
                "ignore_blank": True,
            },
        )
        used += 1


def title_of(kind: Kind) -> str:
    """The template's name, a msgid that is not translated: what offices file is Chinese."""
    return f"{KIND_NAMES[kind]}名册" if kind is not Kind.ASSIGNMENTS else KIND_NAMES[kind]
