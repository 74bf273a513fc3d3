"""What the office's page 备份与健康 says, in words."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlite_utils import Database

from app.backup import check_actions, health, store
from app.clock import from_text
from app.config import Settings
from app.i18n import N_
from app.translation import gettext as _
from app.translation import ngettext

OLD_BACKUP = timedelta(days=2)
"""A backup a night is the rule: beyond two days somebody must look."""

LATE = timedelta(minutes=15)
"""What waits longer than that is stuck, not busy."""

PARTS: Mapping[str, str] = {
    "database": N_("数据库"),
    "photos": N_("照片文件夹"),
    "schema": N_("数据库结构"),
    "references": N_("记录之间的关联"),
    "issue history": N_("办理过程未被改动"),
    "audit log": N_("审计记录未被改动"),
    "search": N_("搜索索引"),
    "clocks": N_("时限（抽查）"),
    "photo files missing": N_("照片文件齐全"),
    "photo files damaged": N_("照片文件完好"),
    "photo files that no row names": N_("多余的照片文件"),
}
"""The parts of `health.probe` and of `check_actions.check`."""

FAULTS: Mapping[str, str] = {
    "locked": N_("被其他程序占用"),
    "read-only": N_("磁盘只读，写不进去"),
    "full": N_("磁盘已满"),
    "gone": N_("找不到，可能是磁盘没有挂载"),
    "not permitted": N_("没有写入权限"),
    "not migrated": N_("尚未升级"),
    "damaged": N_("文件已损坏"),
    "disk error": N_("磁盘读写出错"),
}

UNKNOWN = N_("不能写入")

FOLDERS: Mapping[str, str] = {
    "instance": N_("数据所在磁盘"),
    "photos": N_("照片所在磁盘"),
    "backups": N_("备份所在磁盘"),
}

_TIGHT = 0.1
"""A disk with less than a tenth free is nearly full."""


@dataclass(frozen=True)
class Line:
    """One line of a list: what, how it stands, and whether that is as it should be."""

    label: str
    text: str
    is_well: bool = True


@dataclass(frozen=True)
class Overview:
    """The whole page. `warnings` say what must be done, the most pressing first."""

    warnings: list[str]
    backup: list[Line]
    parts: list[Line]
    disks: list[Line]
    queues: list[Line]
    check: list[Line]
    checked_at: str
    is_deep: bool
    versions: list[Line]


def overview(db: Database, settings: Settings, found: health.Health, *, release: str, now: datetime) -> Overview:
    """Everything there is to say just now."""
    last, checked = health.last_backup(db), check_actions.last_check(db)
    parts = [
        Line(_(PARTS[part]), _(FAULTS.get(fault, UNKNOWN)) if fault else _("正常"), not fault)
        for part, fault in found.faults.items()
    ]
    disks = [
        Line(_(FOLDERS[name]), _("剩余 %(free)s，共 %(all)s", free=size(free), all=size(of)), free >= of * _TIGHT)
        for name, (free, of) in health.room(settings).items()
    ]
    queues = _queues(health.waiting(db, now=now))
    check = [
        Line(
            _(PARTS.get(each["part"], each["part"])),
            ngettext("%(num)d 处", "%(num)d 处", each["count"]) if each["count"] else _("正常"),
            not (each["count"] and each["is_fault"]),
        )
        for each in (checked["findings"] if checked else ())
    ]
    return Overview(
        warnings=_warnings(last, parts, disks, check, now=now),
        backup=_backup(last, now=now),
        parts=parts,
        disks=disks,
        queues=queues,
        check=check,
        checked_at=checked["at"] if checked else "",
        is_deep=bool(checked and checked["is_deep"]),
        versions=[
            Line(_("程序"), release),
            Line(_("数据库结构"), store.get_schema(db)),
            Line("SQLite", store.SQLITE),
            Line("Python", platform.python_version()),
        ],
    )


def _warnings(last: dict | None, parts: list[Line], disks: list[Line], check: list[Line], *, now: datetime):
    warnings = [
        _("%(what)s：%(fault)s。请系统管理员马上处理。", what=each.label, fault=each.text)
        for each in parts
        if not each.is_well
    ]
    if last is None:
        warnings.append(_("还没有备份过。请系统管理员按运行手册设置每晚自动备份。"))
    elif (old := now - from_text(last["at"])) > OLD_BACKUP:
        warnings.append(_("最近一次备份是%(ago)s。请系统管理员检查每晚的自动备份。", ago=ago(old)))
    if last and last["problem_count"]:
        warnings.append(_("最近一次备份时有照片缺失或损坏，请系统管理员尽快检查。"))
    warnings += [_("%(disk)s快满了：%(text)s。", disk=each.label, text=each.text) for each in disks if not each.is_well]
    if not all(each.is_well for each in check):
        warnings.append(_("最近一次检查发现数据有问题，请系统管理员处理。"))
    return warnings


def _backup(last: dict | None, *, now: datetime) -> list[Line]:
    if last is None:
        return []
    old = now - from_text(last["at"])
    return [
        Line(_("最近一次"), ago(old), old <= OLD_BACKUP),
        Line(_("数据库"), size(last["database_bytes"])),
        Line(_("照片文件"), _("%(n)s 个，%(size)s", n=last["photo_count"], size=size(last["photo_bytes"]))),
        Line(
            _("缺失或损坏的照片"),
            ngettext("%(num)d 个", "%(num)d 个", last["problem_count"]) if last["problem_count"] else _("没有"),
            not last["problem_count"],
        ),
    ]


def _queues(waiting: health.Waiting) -> list[Line]:
    def line(label: str, count: int, seconds: int) -> Line:
        since = timedelta(seconds=seconds)
        if not count:
            return Line(label, _("没有"))
        text = ngettext("%(num)d 条", "%(num)d 条", count)
        return Line(
            label, _("%(count)s，最早的已等 %(span)s", count=text, span=span(since)) if seconds else text, since <= LATE
        )

    late = timedelta(seconds=waiting.tick_late_s)
    photos = line(_("手机待传的照片"), waiting.photos, waiting.photos_s)
    return [
        line(_("待发的对外消息"), waiting.deliveries, waiting.deliveries_s),
        Line(_("没有送达的对外消息"), str(waiting.failed) if waiting.failed else _("没有"), not waiting.failed),
        Line(photos.label, photos.text),  # a phone may be without a signal for days: nothing is wrong with the server
        Line(_("每分钟的定时工作"), _("已停 %(span)s", span=span(late)) if late > LATE else _("正常"), late <= LATE),
    ]


def size(count: int) -> str:
    """Bytes for people: '3.2 GB'."""
    for name, unit in (("GB", 1e9), ("MB", 1e6)):
        if count >= unit:
            return f"{count / unit:.1f} {name}"
    return f"{count / 1e3:.0f} KB"


def span(length: timedelta) -> str:
    """How long, in the largest unit that fits: '3 天'."""
    if length >= timedelta(days=1):
        return ngettext("%(num)d 天", "%(num)d 天", length.days)
    minutes = int(length.total_seconds() // 60)
    if minutes >= 60:
        return ngettext("%(num)d 小时", "%(num)d 小时", minutes // 60)
    return ngettext("%(num)d 分钟", "%(num)d 分钟", minutes)


def ago(length: timedelta) -> str:
    """How long ago: '3 天前'."""
    return _("%(span)s前", span=span(length)) if length >= timedelta(minutes=1) else _("刚刚")
