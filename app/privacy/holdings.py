"""What is held about one person, in words: a sheet for each part."""

from collections.abc import Sequence

from sqlite_utils import Database

from app.audit.models import ACTION_NAMES
from app.clock import from_text, local
from app.errors import Invalid, NotFound
from app.i18n import N_
from app.issues.lifecycle import TRANSITIONS
from app.people.models import ROLE_NAMES
from app.permissions import Role
from app.privacy import export_store as store
from app.privacy.models import Section, Subject
from app.translation import gettext as _
from app.visits.models import MODE_NAMES, Mode

KINDS = ("account", "contact")


def find_subject(db: Database, kind: str, text: str) -> Subject:
    """The person. Raises NotFound when there is none, Invalid when there are several."""
    rows = store.find_accounts(db, text) if kind == "account" else store.find_contacts(db, text)
    if not rows:
        raise NotFound(N_("没有找到。账号请填用户名或电话，企业请填全称、信用代码或联系电话。"))
    if len(rows) > 1:
        raise Invalid(N_("找到的不止一个。请改填用户名或信用代码。"))
    return Subject(kind, rows[0]["id"], rows[0]["name"])


def sections_of(db: Database, subject: Subject) -> list[Section]:
    """All of it."""
    return _of_account(db, subject.id) if subject.kind == "account" else _of_contact(db, subject.id)


def _moment(text: str | None) -> str:
    return f"{local(from_text(text)):%Y-%m-%d %H:%M}" if text else ""


def _mode(mode: str) -> str:
    return _(MODE_NAMES[Mode(mode)])


def _yes(value: int) -> str:
    return _("是") if value else _("否")


def _position(row) -> Sequence[float | None]:
    return row["latitude"], row["longitude"], row["accuracy_m"], row["distance_m"]


def _of_account(db: Database, user_id: int) -> list[Section]:
    return [
        Section(
            _("账号"),
            (_("用户名"), _("姓名"), _("角色"), _("区县"), _("责任单位"), _("工作单位"), _("职务"), _("电话"),
             _("在用"), _("建立"), _("上次登录"), _("上次改密码"), _("动态验证码"), _("统一身份")),
            [
                (row["username"], row["name"], _(ROLE_NAMES[Role(row["role"])]), row["district"], row["department"],
                 row["unit"], row["title"], row["phone"], _yes(row["is_active"]), _moment(row["created_at"]),
                 _moment(row["last_sign_in_at"]), _moment(row["password_changed_at"]), _moment(row["code_since"]),
                 row["identity"])
                for row in store.list_account(db, user_id)
            ],
        ),
        Section(
            _("登录"),
            (_("设备"), _("方式"), _("登录时间"), _("最后使用"), _("退出时间")),
            [
                (row["device"], row["way"], *(_moment(row[name]) for name in ("created_at", "seen_at", "ended_at")))
                for row in store.list_sessions(db, user_id)
            ],
        ),
        Section(
            _("走访记录"),
            (_("走访时间"), _("入库时间"), _("企业"), _("方式"), _("纬度"), _("经度"), _("精度（米）"),
             _("距企业（米）")),
            [
                (_moment(row["visited_at"]), _moment(row["received_at"]), row["firm"], _mode(row["mode"]),
                 *_position(row))
                for row in store.list_visits_by(db, user_id)
            ],
        ),
        Section(
            _("办理经过"),
            (_("时间"), _("问题编号"), _("操作"), _("说明")),
            [
                (_moment(row["at"]), row["number"], _action(row["action"]), row["note"])
                for row in store.list_moves_by(db, user_id)
            ],
        ),
        Section(
            _("包联分工"),
            (_("企业"), _("包联人"), _("从"), _("到")),
            [
                (row["firm"], _yes(row["is_lead"]), row["from_on"], row["to_on"])
                for row in store.list_assignments(db, user_id)
            ],
        ),
        Section(
            _("审计记录"),
            (_("时间"), _("操作"), _("对象"), _("说明")),
            [
                (_moment(row["at"]), _(ACTION_NAMES.get(name := row["action"], name)), row["object"], row["detail"])
                for row in store.list_entries(db, user_id)
            ],
        ),
    ]  # fmt: skip


def _action(name: str) -> str:
    return _(TRANSITIONS[name].done) if name in TRANSITIONS else name


def _of_contact(db: Database, firm_id: int) -> list[Section]:
    return [
        Section(
            _("企业联系人"),
            (_("企业"), _("信用代码"), _("联系人"), _("联系电话"), _("建立")),
            [
                (row["name"], row["credit_code"], row["contact_name"], row["contact_phone"], _moment(row["created_at"]))
                for row in store.list_contact(db, firm_id)
            ],
        ),
        Section(
            _("走访记录"),
            (_("走访时间"), _("首席服务官"), _("方式"), _("见到的人"), _("走访内容"), _("活动问题的回答"),
             _("清除时间")),
            [
                (_moment(row["visited_at"]), row["officer"], _mode(row["mode"]), row["contact_name"], row["notes"],
                 row["answers"], _moment(row["erased_at"]))
                for row in store.list_visits_to(db, firm_id)
            ],
        ),
        Section(
            _("反映的问题"),
            (_("问题编号"), _("上报时间"), _("标题"), _("问题描述"), _("给企业的答复"), _("办结时间"), _("清除时间")),
            [
                (row["number"], _moment(row["reported_at"]), row["title"], row["description"], row["public_answer"],
                 _moment(row["closed_at"]), _moment(row["erased_at"]))
                for row in store.list_issues_of(db, firm_id)
            ],
        ),
        Section(
            _("查看过联系电话的人"),
            (_("时间"), _("姓名"), _("角色")),
            [
                (_moment(row["at"]), row["by_name"], _(ROLE_NAMES[Role(row["by_role"])]) if row["by_role"] else "")
                for row in store.list_reveals(db, firm_id)
            ],
        ),
        Section(
            _("确认链接"),
            (_("问题编号"), _("发出"), _("打开"), _("答复")),
            [
                (row["number"], _moment(row["created_at"]), _moment(row["opened_at"]), _moment(row["used_at"]))
                for row in store.list_links(db, firm_id)
            ],
        ),
    ]  # fmt: skip
