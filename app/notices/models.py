"""What people are told, in words, and the messages that leave the house."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.i18n import N_


class Kind(StrEnum):
    """What a notice is about."""

    REPORTED = "reported"
    INFO_ASKED = "info_asked"
    SUPPLEMENTED = "supplemented"
    ASSIGNED = "assigned"
    RETURN_AGREED = "return_agreed"
    RETURNED = "returned"
    ESCALATED = "escalated"
    EXTENSION_ASKED = "extension_asked"
    EXTENSION_DECIDED = "extension_decided"
    SUSPENSION_ASKED = "suspension_asked"
    SUSPENSION_DECIDED = "suspension_decided"
    RESUMED = "resumed"
    ANSWERED = "answered"
    REJECTED = "rejected"
    VERIFIED = "verified"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    REOPENED = "reopened"
    URGED = "urged"
    SUPERVISED = "supervised"
    REPLIED = "replied"
    MERGED = "merged"
    VOIDED = "voided"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    CAMPAIGN = "campaign"


KIND_NAMES: Mapping[Kind, str] = {
    Kind.REPORTED: N_("新上报，请受理派单"),
    Kind.INFO_ASKED: N_("请补充情况"),
    Kind.SUPPLEMENTED: N_("已补充，请受理派单"),
    Kind.ASSIGNED: N_("派给本单位，请办理"),
    Kind.RETURN_AGREED: N_("同意退回，可以退回"),
    Kind.RETURNED: N_("责任单位退回，请改派"),
    Kind.ESCALATED: N_("两次退回，请指定责任单位"),
    Kind.EXTENSION_ASKED: N_("申请延期，请审批"),
    Kind.EXTENSION_DECIDED: N_("延期申请已有结果"),
    Kind.SUSPENSION_ASKED: N_("申请挂账，请审批"),
    Kind.SUSPENSION_DECIDED: N_("挂账事项已有结果"),
    Kind.RESUMED: N_("恢复办理，继续计时"),
    Kind.ANSWERED: N_("已有答复，请核实"),
    Kind.REJECTED: N_("核实不通过，请继续办理"),
    Kind.VERIFIED: N_("核实通过，等企业确认"),
    Kind.CONFIRMED: N_("已确认，办结归档"),
    Kind.DISPUTED: N_("企业表示未解决，重新办理"),
    Kind.REOPENED: N_("重办，请继续办理"),
    Kind.URGED: N_("催办，请抓紧办理"),
    Kind.SUPERVISED: N_("督办，请按期回复"),
    Kind.REPLIED: N_("责任单位已回复督办"),
    Kind.MERGED: N_("已并入其他问题"),
    Kind.VOIDED: N_("已作废"),
    Kind.DUE_SOON: N_("将到期，请抓紧"),
    Kind.OVERDUE: N_("已超期，请尽快办理"),
    Kind.CAMPAIGN: N_("走访活动里还有企业没走访"),
}

TONES: Mapping[Kind, str] = {
    Kind.OVERDUE: "red",
    Kind.SUPERVISED: "red",
    Kind.DISPUTED: "red",
    Kind.ESCALATED: "red",
    Kind.DUE_SOON: "amber",
    Kind.RETURNED: "amber",
    Kind.REJECTED: "amber",
    Kind.URGED: "amber",
}
"""The colour of a kind where it has one."""


class Part(StrEnum):
    """Whom a notice is for, by their part in the issue."""

    LEAD = "lead"  # the handlers of the leading department
    ASSISTING = "assisting"  # those of the assisting departments
    DISPATCHERS = "dispatchers"  # the district's desk
    HEADS = "heads"
    OFFICE = "office"
    OFFICER = "officer"  # who looks after the firm now
    REPORTER = "reporter"  # who reported it, unless the firm went to another since
    SUPERVISOR = "supervisor"  # who supervised it last


@dataclass(frozen=True)
class Telling:
    """One thing that people of these parts are told."""

    kind: Kind
    parts: tuple[Part, ...]


class Channel(StrEnum):
    """A way out of the house."""

    WECOM = "wecom"
    DINGTALK = "dingtalk"
    SMTP = "smtp"


CHANNEL_NAMES: Mapping[Channel, str] = {
    Channel.WECOM: N_("企业微信群"),
    Channel.DINGTALK: N_("钉钉群"),
    Channel.SMTP: N_("邮件"),
}


@dataclass(frozen=True)
class Message:
    """What an adapter sends. `key` is the same when it is tried again, so that a mail server may know it."""

    key: str
    subject: str
    body: str
