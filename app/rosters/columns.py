# ruff: noqa: E501 (a table of headings)
"""The columns of each roster: what they are called in the template, and what offices call them. Pure.

The variants are headings seen in the offices' own ledgers. A heading is recognised without blanks, brackets and signs,
with or without what stands in its brackets: '*企业名称（必填）' is 企业名称.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.i18n import N_
from app.rosters.models import Kind


@dataclass(frozen=True)
class Column:
    """One column: the key of its field, its heading in the template, other headings (with blanks between), its width.

    `choices` names the list that the template offers. Headings are not translated: they are what the files say.
    """

    key: str
    heading: str
    variants: str = ""
    width: int = 14
    is_required: bool = False
    choices: str = ""


_DISTRICT = (
    "县(市、区) 所属县区 属地 县区 县市区 所属区县 所在区县 辖区 行政区划 区划 区县代码 区划代码 所在县区 所属辖区"
)
_TOWNSHIP = "乡镇(街道) 所属乡镇 乡镇 街道 镇办 乡镇办 所在乡镇 乡镇街道代码 乡(镇、街道)"
_DEPARTMENT = "部门 单位 承办单位 问题交办单位 主办部门 单位名称 所在单位 工作单位 部门名称 牵头单位"
_PHONE = "手机 手机号 手机号码 电话 联系电话 联系方式 电话号码 办公电话"
_OFFICER = "首席服务员 助企专员 企业服务专员 服务专员 包联人 包联领导 包联干部 包联县级领导 包联责任人 服务官 服务官姓名 首席服务官姓名"
_NAME = "单位名称 公司名称 企业全称 市场主体名称 经营主体名称 名称 企业 单位全称 企业(单位)名称 项目(企业)名称"
_CODE = "信用代码 社会信用代码 统一信用代码 统一社会信用代码证号 组织机构代码 统一代码 信用代码证号"

COLUMNS: Mapping[Kind, Sequence[Column]] = {
    Kind.FIRMS: (
        Column("name", "企业名称", _NAME, 36, True),
        Column("credit_code", "统一社会信用代码", _CODE, 22),
        Column("district", "区县", _DISTRICT, 12, choices="districts"),
        Column("township", "乡镇街道", _TOWNSHIP, 16, choices="townships"),
        Column("address", "地址", "企业地址 经营地址 注册地址 详细地址 住所 生产经营地址 通讯地址 所在地", 30),
        Column("industry", "行业", "所属行业 行业类别 行业门类 产业类别 产业 行业分类", choices="industries"),
        Column("size", "规模", "企业规模 规上/规下 四上企业 规模类型 规模类别", choices="sizes"),
        Column("contact_name", "联系人", "企业联系人 企业负责人 负责人 法定代表人 法人 法人代表 企业接待人 联系人姓名"),
        Column("contact_phone", "联系电话", f"{_PHONE} 联系人电话 企业联系电话 负责人电话 法人电话 联系人手机", 16),
        Column("status", "企业现状", "经营状态 生产状态 登记状态 状态 企业状态 经营情况", choices="statuses"),
        Column("officer", "首席服务官", _OFFICER),
        Column("officer_phone", "首席服务官手机号", "服务官电话 首席服务官电话 包联人电话 首席服务员电话 服务官手机 专员电话", 18),
    ),
    Kind.OFFICERS: (
        Column("name", "姓名", f"{_OFFICER} 首席服务官 人员姓名 名字", 12, True),
        Column("phone", "手机号", _PHONE, 16),
        Column("district", "区县", _DISTRICT, 12, choices="districts"),
        Column("unit", "工作单位", "单位 所在单位 派出单位 单位名称 包联单位 分包单位 助企工作组 所属单位", 26),
        Column("title", "职务", "职务职级 职级 职称 岗位 职务/职级", 16),
        Column("username", "用户名", "账号 登录名 登录账号 帐号 用户账号", 18),
    ),
    Kind.DEPARTMENTS: (
        Column("name", "单位名称", "责任单位 部门名称 单位全称 承办单位 牵头单位 部门 主办部门 名称 单位", 30, True),
        Column("short_name", "简称", "单位简称 部门简称", 16),
        Column("aliases", "曾用名", "别名 旧称 原名称 曾用名称 又名 旧名", 26),
        Column("matters", "职责事项", "职责 主要职责 受理事项 职能 办理事项", 40),
        Column("keywords", "关键词", "关键字", 30),
        Column("name_en", "英文名称", "英文名 英文", 30),
    ),
    Kind.HANDLERS: (
        Column("name", "姓名", "经办人 部门经办人 联络员 联系人 责任人 经办人姓名 人员姓名", 12, True),
        Column("department", "责任单位", _DEPARTMENT, 28, True, "departments"),
        Column("phone", "手机号", _PHONE, 16),
        Column("title", "职务", "职务职级 职级 职称 岗位", 16),
        Column("username", "用户名", "账号 登录名 登录账号 帐号 用户账号", 18),
    ),
    Kind.ASSIGNMENTS: (
        Column("firm", "企业名称", _NAME, 36),
        Column("credit_code", "统一社会信用代码", _CODE, 22),
        Column("district", "区县", _DISTRICT, 12, choices="districts"),
        Column("officer", "首席服务官", f"{_OFFICER} 姓名", 14),
        Column("phone", "首席服务官手机号", f"服务官电话 首席服务官电话 包联人电话 服务官手机 {_PHONE}", 18),
        Column("username", "首席服务官用户名", "用户名 账号 登录名 登录账号", 18),
        Column("role", "分工", "角色 包联角色 包联方式 主责/协助 类型", 10, choices="roles"),
        Column("from_on", "起始日期", "开始日期 包联时间 包联起始日期 分配日期 起始时间 开始时间", 14),
    ),
}  # fmt: skip

REASON = "原因"
"""The column that a file of refused rows adds."""

NUMBERS = ("序号", "编号", "no", REASON)
"""Headings that every roster may have and that say nothing: a count, and why a row was refused."""

HEADING_ROWS = 20
"""The headings stand within so many rows: above them are titles, units and dates."""

NO_HEADINGS = N_("没有找到表头。第一行（或标题下面一行）应写“%(heading)s”等列名，请下载模板对照。")


def heading_of(raw: Any) -> str:
    """A heading to compare: letters and digits only, in half width."""
    text = unicodedata.normalize("NFKC", raw) if isinstance(raw, str) else ""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def _without_brackets(raw: str) -> str:
    return re.sub(r"\([^)]*\)", "", unicodedata.normalize("NFKC", raw))


@dataclass(frozen=True)
class Headings:
    """Where the headings were found: their row (from 0), each field's column, and the headings nobody knows.

    `written` are all headings as the file has them, `cells` the same to compare.
    """

    row: int
    places: Mapping[str, int]
    unknown: Sequence[str]
    cells: Sequence[str]
    written: Sequence[str]


def find_headings(kind: Kind, rows: Iterable[Sequence[Any]]) -> Headings | None:
    """The row among the first twenty that names most fields and all required ones; None where there is none."""
    best = None
    for at, cells in zip(range(HEADING_ROWS), rows, strict=False):
        found = _read(kind, at, cells)
        if found is not None and (best is None or len(found.places) > len(best.places)):
            best = found
    return best


def _read(kind: Kind, at: int, cells: Sequence[Any]) -> Headings | None:
    known = _known(kind)
    places: dict[str, int] = {}
    ranks: dict[str, int] = {}
    unknown: dict[int, str] = {}
    for column, raw in enumerate(cells):
        if not isinstance(raw, str) or not raw.strip():
            continue
        key, rank = known.get(heading_of(raw)) or known.get(heading_of(_without_brackets(raw))) or ("", 0)
        if key and (key not in places or rank < ranks[key]):
            if key in places:
                unknown[places[key]] = str(cells[places[key]])
            places[key], ranks[key] = column, rank
        elif heading_of(raw) not in NUMBERS:
            unknown[column] = raw
    if not all(column.key in places for column in COLUMNS[kind] if column.is_required):
        return None
    if kind is Kind.ASSIGNMENTS and not _is_assignment(places):
        return None
    if len(places) < 2 and sum(1 for raw in cells if isinstance(raw, str) and raw.strip()) > 1:
        return None  # one word alone, in a row of other things, is a title that happens to be a heading
    names = [" ".join(unknown[column].split()) for column in sorted(unknown)]
    written = [" ".join(raw.split()) if isinstance(raw, str) else "" for raw in cells]
    return Headings(at, places, names, [heading_of(raw) for raw in cells], written)


def _is_assignment(places: Mapping[str, int]) -> bool:
    return bool({"firm", "credit_code"} & set(places)) and bool({"officer", "phone", "username"} & set(places))


def _known(kind: Kind) -> dict[str, tuple[str, int]]:
    """Each known heading: its field, and how good a name for it (the template's own is 0)."""
    found: dict[str, tuple[str, int]] = {}
    for rank in range(60):
        for column in COLUMNS[kind]:
            words = [column.heading, *column.variants.split()]
            if rank < len(words):
                found.setdefault(heading_of(words[rank]), (column.key, rank))
    return found
