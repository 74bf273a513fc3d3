"""What the audit log tells of, in words. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.i18n import N_


@dataclass(frozen=True)
class Search:
    """What the log is narrowed to; None: not by that. From `since` on and before `until`.

    `people` finds what they did and what was done about their accounts; `objects` are as in 'firm:12'.
    """

    action: str = ""
    people: tuple[int, ...] | None = None
    objects: tuple[str, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None


ACTION_NAMES: Mapping[str, str] = {
    "sign_in": N_("登录"),
    "sign_in_refused": N_("登录被拒"),
    "access_refused": N_("访问被拒"),
    "sign_out": N_("退出登录"),
    "account_locked": N_("账号锁定"),
    "account_unlocked": N_("解除锁定"),
    "sessions_ended": N_("退出其他登录"),
    "password_changed": N_("修改密码"),
    "password_handed_out": N_("发放一次性密码"),
    "code_set_up": N_("启用动态验证码"),
    "code_switched_off": N_("停用动态验证码"),
    "code_reset": N_("重置动态验证码"),
    "recovery_codes_made": N_("重新生成备用码"),
    "identity_linked": N_("绑定统一身份"),
    "identity_unlinked": N_("解除统一身份绑定"),
    "account_created": N_("新建账号"),
    "account_changed": N_("修改账号"),
    "account_disabled": N_("停用账号"),
    "account_enabled": N_("启用账号"),
    "contact_revealed": N_("查看企业联系电话"),
    "firm_positioned": N_("修改企业位置"),
    "firm_status_changed": N_("修改企业状态"),
    "firm_changed": N_("修改企业资料"),
    "officer_assigned": N_("调整首席服务官"),
    "roster_imported": N_("导入名册"),
    "outbox_imported": N_("导入手机导出的记录"),
    "ledger_exported": N_("导出台账"),
    "bulletin_exported": N_("导出通报"),
    "bulletin_issued": N_("签发通报"),
    "photos_exported": N_("导出照片"),
    "calendar_changed": N_("修改工作日历"),
    "limit_changed": N_("修改时限"),
    "rule_changed": N_("修改派单规则"),
    "category_changed": N_("修改问题类别"),
    "department_changed": N_("修改责任单位"),
    "canned_changed": N_("修改标准答复"),
    "campaign_changed": N_("修改走访活动"),
    "campaign_begun": N_("开始走访活动"),
    "campaign_ended": N_("结束走访活动"),
    "campaign_withdrawn": N_("撤回走访活动"),
    "campaign_reminded": N_("提醒还要走访的企业"),
    "boundaries_proposed": N_("上传区县边界待预览"),
    "boundaries_shown": N_("启用区县边界"),
    "boundaries_discarded": N_("撤下边界预览"),
    "boundaries_removed": N_("撤下区县边界"),
    "setting_changed": N_("修改系统设置"),
    "backup_taken": N_("备份数据"),
    "data_checked": N_("检查数据"),
    "backup_restored": N_("从备份恢复"),
    "data_erased": N_("清除到期数据"),
    "personal_data_exported": N_("导出个人信息"),
}
"""The words for each action written with `store.add_entry`; one that is not named here shows its code."""

OBJECT_NAMES: Mapping[str, str] = {
    "account": N_("账号"),
    "user": N_("账号"),
    "firm": N_("企业档案"),
    "issue": N_("问题件"),
    "visit": N_("走访记录"),
    "photo": N_("照片"),
    "report": N_("报表"),
    "bulletin": N_("工作通报"),
    "calendar": N_("工作日历"),
    "limit": N_("时限"),
    "rule": N_("派单规则条目"),
    "category": N_("问题类别"),
    "department": N_("责任单位"),
    "canned": N_("标准答复"),
    "campaign": N_("走访活动"),
    "boundaries": N_("区县边界"),
    "setting": N_("系统设置"),
    "roster": N_("名册"),
    "backup": N_("备份"),
    "check": N_("数据检查"),
    "erasing": N_("到期数据"),
    "page": N_("页面"),
}
"""The words for the first part of what an entry is about, as in 'firm:12'."""
