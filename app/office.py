"""`/office/`: everything the city office keeps in order, on one page, each entry with what it is for."""

from dataclasses import dataclass

from flask import Blueprint, current_app, url_for
from flask_login import current_user

from app.guard import requires
from app.htmx import render
from app.i18n import N_
from app.permissions import Permission
from app.translation import gettext as _

bp = Blueprint("office", __name__)


@dataclass(frozen=True)
class Task:
    """One thing the office keeps; shown to whoever may open `endpoint`."""

    endpoint: str
    label: str
    about: str
    icon: str


TASKS: dict[str, tuple[Task, ...]] = {
    N_("名册与分工"): (
        Task("rosters.index", N_("名册导入"), N_("企业、首席服务官、责任单位、经办人和包联分工的 Excel 表"), "upload"),
        Task("assignments.index", N_("包联分工"), N_("谁包联哪些企业，未包联的企业，人员离岗时交接"), "users"),
        Task("boundaries.index", N_("区县边界"), N_("地图上画出的区县轮廓，上传、预览、启用"), "map"),
    ),
    N_("走访活动"): (
        Task("campaigns.index", N_("走访活动"), N_("一段时间里走访哪些企业，附带问什么；进度和提醒"), "route"),
    ),
    N_("规则"): (
        Task("routing.index", N_("派单规则"), N_("哪类问题派给哪个单位，可先试派"), "forward"),
        Task("categories.index", N_("问题类别"), N_("可以报哪些问题，怎么叫，按什么顺序显示"), "list"),
        Task("departments.index", N_("责任单位"), N_("单位的名称、职责和关键词，改名、停用"), "building-2"),
        Task("answers.index", N_("标准答复"), N_("答复企业时可放入的常用文字，全市通用的在这里维护"), "clipboard-list"),
        Task("burden.index", N_("填报减负"), N_("服务官必须填几项、各有什么用，哪些可以不显示"), "check-check"),
        Task("limits.index", N_("办理时限"), N_("每个环节多长时间，可按类别单设；改动先试算"), "clock"),
        Task("calendar.index", N_("工作日历"), N_("放假和调休上班的日子；录入新一年的安排"), "calendar-days"),
    ),
    N_("运行"): (
        Task("notices.deliveries", N_("对外消息"), N_("发往工作群和邮箱的消息，没发出的在这里重发"), "send"),
        Task("backup.index", N_("备份与健康"), N_("最近的备份和检查，磁盘空间，等待发出的消息"), "database-backup"),
        Task("rescue.show", N_("导入手机记录"), N_("手机坏了或发不出时，把导出的文件交到这里"), "upload"),
    ),
    N_("账号与安全"): (
        Task("accounts.index", N_("账号"), N_("新建、停用、重置密码，改角色和范围"), "users"),
        Task("passwords.show_hand_out", N_("批量发放一次性密码"), N_("给从未登录的人，一个区县一批"), "printer"),
        Task("privacy.index", N_("个人信息"), N_("导出一个人的信息，保存期限和最近的清除"), "user"),
        Task("audit.index", N_("审计记录"), N_("谁看了什么、改了什么，只增不改"), "shield-check"),
    ),
}
"""The office's work by group, in the order of use."""


@bp.get("/office/")
@requires(Permission.OFFICE_READ)
def index():
    """What there is to keep, as far as this person may open it."""
    groups = [(_(name), [task for task in tasks if _opens(task.endpoint)]) for name, tasks in TASKS.items()]
    shown = [
        (name, [(url_for(task.endpoint), _(task.label), _(task.about), task.icon) for task in tasks])
        for name, tasks in groups
        if tasks
    ]
    return render("office/index.html", groups=shown)


def _opens(endpoint: str) -> bool:
    """Whether the signed-in person may open it: the declaration above its view decides, nothing else."""
    permission = getattr(current_app.view_functions[endpoint], "permission", None)
    return permission is not None and current_user.can(permission)
