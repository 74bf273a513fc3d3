"""The two ledgers 问题台账 and 走访台账: their headings in the order that offices file them, and their cells."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date

from sqlite_utils import Database

from app.clock import day_of, from_text
from app.filters import is_english, pair
from app.firms.models import FIRM_STATUS_NAMES, FirmStatus
from app.i18n import N_
from app.issues.lifecycle import LEVEL_NAMES, OUTCOME_NAMES, STATUS_NAMES, Outcome, Status
from app.reports import store
from app.reports.sheets import Cell, Column
from app.translation import gettext as _
from app.visits.models import MODE_NAMES, TOPIC_NAMES, Mode, Topic

CHUNK = 500

ISSUE_HEADINGS: tuple[tuple[str, int], ...] = (
    (N_("序号"), 6),
    (N_("问题编号"), 13),
    (N_("收集时间"), 12),
    (N_("县(市、区)"), 14),
    (N_("企业名称"), 28),
    (N_("问题来源"), 12),
    (N_("问题类别"), 16),
    (N_("企业问题诉求"), 48),
    (N_("解决层级"), 10),
    (N_("问题交办单位"), 22),
    (N_("协办单位"), 22),
    (N_("责任人"), 10),
    (N_("交办时间"), 12),
    (N_("解决问题时限"), 14),
    (N_("签收时间"), 12),
    (N_("当前进展情况"), 14),
    (N_("解决措施"), 40),
    (N_("是否解决"), 12),
    (N_("办结时间"), 12),
    (N_("延期申请"), 12),
    (N_("异议/退回"), 12),
    (N_("回访情况"), 18),
    (N_("企业满意度"), 12),
    (N_("督办情况"), 16),
    (N_("销号"), 8),
    (N_("备注"), 16),
)
VISIT_HEADINGS: tuple[tuple[str, int], ...] = (
    (N_("序号"), 6),
    (N_("县(市、区)"), 14),
    (N_("企业名称"), 28),
    (N_("统一社会信用代码"), 22),
    (N_("所属行业"), 12),
    (N_("企业规模"), 10),
    (N_("包联领导"), 10),
    (N_("首席服务员"), 12),
    (N_("包联单位"), 16),
    (N_("走访时间"), 12),
    (N_("走访方式"), 10),
    (N_("走访人员"), 12),
    (N_("企业接待人"), 12),
    (N_("生产经营情况"), 40),
    (N_("宣传政策情况"), 14),
    (N_("企业反映问题"), 36),
    (N_("现场解决情况"), 16),
    (N_("是否需上报"), 12),
    (N_("走访照片"), 10),
    (N_("备注"), 16),
)
_CONTACTS: tuple[tuple[str, int], ...] = ((N_("企业联系人"), 12), (N_("联系电话"), 16))
_PHONE = _CONTACTS[1:]


def issue_columns(*, has_contacts: bool) -> list[Column]:
    """The headings of 问题台账; the firm's contact only where it was asked for."""
    return [Column(_(name), width) for name, width in (*ISSUE_HEADINGS, *(_CONTACTS if has_contacts else ()))]


def visit_columns(*, has_contacts: bool) -> list[Column]:
    """The headings of 走访台账; the firm's telephone only where it was asked for."""
    return [Column(_(name), width) for name, width in (*VISIT_HEADINGS, *(_PHONE if has_contacts else ()))]


Ids = Callable[[int], list[int]]
"""The next ids after a given one, none at the end."""


def issue_rows(db: Database, ids: Ids, *, has_contacts: bool) -> Iterator[list[Cell]]:
    """The lines of 问题台账, read in pieces."""
    for nth, row in enumerate(_read(ids, lambda some: store.list_ledger_issues(db, some)), start=1):
        yield _issue(nth, row) + ([row["contact_name"], row["contact_phone"]] if has_contacts else [])


def visit_rows(db: Database, ids: Ids, *, has_contacts: bool) -> Iterator[list[Cell]]:
    """The lines of 走访台账, read in pieces."""
    for nth, row in enumerate(_read(ids, lambda some: store.list_ledger_visits(db, some)), start=1):
        yield _visit(nth, row) + ([row["contact_phone"]] if has_contacts else [])


def _read(ids: Ids, rows_of: Callable[[list[int]], list]) -> Iterator[Mapping]:
    after = 0
    while some := ids(after):
        yield from rows_of(some)
        after = some[-1]


def _day(moment: str | None) -> date | None:
    return day_of(from_text(moment)) if moment else None


def _issue(nth: int, row: Mapping) -> list[Cell]:
    status = Status(row["status"])
    return [
        nth,
        row["number"],
        _day(row["reported_at"]),
        pair(row, "district"),
        row["firm"],
        _("走访收集") if row["visit_id"] else _("日常驻点收集"),
        pair(row, "category"),
        "\n".join(filter(None, (row["title"], row["description"]))),
        _("市级") if row["department_id"] else _("县级"),
        pair(row, "department"),
        _("、").join(((row["assisting_en"] if is_english() else row["assisting"]) or "").splitlines()),
        row["handler"] or "",
        _day(row["dispatched_at"]),
        _day(row["handle_due_at"]),
        _day(row["accepted_at"]) if row["dispatched_at"] else None,
        _(STATUS_NAMES[status]),
        row["public_answer"] or row["said"] or "",
        _solved(row, status),
        _day(row["closed_at"]),
        _extension(row),
        _("退回 %(n)d 次", n=row["return_count"]) if row["return_count"] else "",
        _called_back(row, status),
        "" if row["is_satisfied"] is None else _("满意") if row["is_satisfied"] else _("不满意"),
        _directed(row),
        _("是") if status is Status.CLOSED else _("否"),
        _remark(row),
    ]


def _solved(row: Mapping, status: Status) -> str:
    """The four words that ledgers use, by what the firm said and how it was answered."""
    if status in (Status.MERGED, Status.VOID):
        return _(STATUS_NAMES[status])
    if status is Status.SUSPENDED or row["outcome"] == Outcome.LONG_TERM:
        return _("长期推进")
    if status is not Status.CLOSED:
        return _("推进中")
    if row["outcome"] in (Outcome.EXPLAINED, Outcome.NOT_PERMITTED, Outcome.OUT_OF_REMIT):
        return _("解释说明")
    if row["is_solved"] or (row["is_solved"] is None and row["outcome"] == Outcome.SOLVED):
        return _("已解决")
    return _(OUTCOME_NAMES[Outcome(row["outcome"])]) if row["outcome"] else _("未解决")


def _extension(row: Mapping) -> str:
    if row["extension_asked_on"]:
        return _("待审，延至%(day)s", day=row["extension_asked_on"])
    return _("准予 %(n)d 次", n=row["extension_count"]) if row["extension_count"] else ""


def _called_back(row: Mapping, status: Status) -> str:
    if row["is_solved"] is not None:
        return _("企业确认已解决") if row["is_solved"] else _("企业表示未解决")
    if row["unreached_count"]:
        return _("%(n)d 次未联系上", n=row["unreached_count"])
    return _("待企业确认") if status is Status.CALLBACK else ""


def _directed(row: Mapping) -> str:
    parts = [_("催办 %(n)d 次", n=row["urge_count"])] if row["urge_count"] else []
    if row["supervision"]:
        parts.append(_(LEVEL_NAMES[row["supervision"]]) + (_("，待回复") if row["reply_by_on"] else ""))
    return _("；").join(parts)


def _remark(row: Mapping) -> str:
    parts = []
    if row["review_on"]:
        parts.append(_("%(day)s复核", day=row["review_on"]))
    if row["rework_count"] or row["reopen_count"]:
        parts.append(_("返工 %(n)d 次", n=row["rework_count"] + row["reopen_count"]))
    return _("；").join(parts)


def _visit(nth: int, row: Mapping) -> list[Cell]:
    topics = row["topics"].split()
    reported = row["issue_count"] - row["on_spot_count"]
    remarks = (
        [_("谈到：%(topics)s", topics=_("、").join(_(TOPIC_NAMES[Topic(each)]) for each in topics))] if topics else []
    )
    remarks += _answers(row["answers"])
    return [
        nth,
        pair(row, "district"),
        row["firm"],
        row["credit_code"] or "",
        row["industry"],
        row["size"],
        "",
        row["officer"] or "",
        "",
        _day(row["visited_at"]),
        _(MODE_NAMES[Mode(row["mode"])]),
        row["visitor"],
        row["contact_name"],
        row["notes"] or _(FIRM_STATUS_NAMES[FirmStatus(row["firm_status"])]),
        _("已宣传") if Topic.POLICY in topics else "",
        _("；").join((row["issues"] or "").splitlines()) or _("无"),
        _("当场答复 %(n)d 件", n=row["on_spot_count"]) if row["on_spot_count"] else "",
        _("是，%(n)d 件", n=reported) if reported else _("否"),
        _("%(n)d 张", n=row["photo_count"]) if row["photo_count"] else "",
        _("；").join(remarks),
    ]


def _answers(joined: str | None) -> list[str]:
    """What was answered to a campaign's questions, each with its question."""
    pairs = (each.split("\x1f", 1) for each in (joined or "").split("\x1e") if each)
    return [_("%(question)s：%(answer)s", question=question, answer=answer) for question, answer in pairs]
