"""What the office types about an account."""

import re

from wtforms import SelectField
from wtforms.validators import ValidationError

from app.accounts.models import AccountInput
from app.errors import Invalid
from app.forms import BaseForm, BooleanField, ConfirmForm, IdField, PickField, TextField
from app.people.account_store import STATES
from app.people.models import ROLE_NAMES
from app.permissions import Role
from app.translation import lazy_gettext as _l

USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}")
"""Two letters or more, the first a letter or a digit."""
_PHONE = re.compile(r"\+?[0-9][0-9 -]{3,18}[0-9]")
NEEDS_DISTRICT = (Role.OFFICER, Role.DISPATCHER, Role.HEAD)


def _id(raw) -> int | str | None:
    """The id that was chosen; what is none stays as it is, to be refused by the list."""
    text = str(raw or "")
    return (int(text) if text.isdecimal() and len(text) < 16 else text) if text else None


class _Place(SelectField):
    """A district or department by its id; None when left out."""

    def __init__(self, label=None, **more):
        super().__init__(label, coerce=_id, **more)

    def pre_validate(self, form):
        if self.data is not None and self.data not in {value for value, _name in self.choices}:
            raise ValidationError(_l("请从列表中选择。"))


def _word(pattern: re.Pattern[str], message):
    def check(form, field) -> None:
        if field.data and not pattern.fullmatch(field.data):
            raise ValidationError(message)

    return check


class AccountForm(ConfirmForm):
    """An account: new, or as it shall be."""

    is_trimmed = True

    username = TextField(
        _l("用户名"),
        most=64,
        required=True,
        validators=[_word(USERNAME, _l("用户名用字母、数字、点和横线，至少 2 位，以字母或数字开头。"))],
        render_kw={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"},
    )
    name = TextField(_l("姓名"), most=40, required=True, render_kw={"autocomplete": "off"})
    role = PickField(_l("角色"), of=[(role, label) for role, label in ((r, _l(ROLE_NAMES[r])) for r in Role)])
    district_id = _Place(_l("区县"))
    department_id = _Place(_l("责任单位"))
    unit = TextField(_l("工作单位"), most=80)
    title = TextField(_l("职务"), most=40)
    phone = TextField(
        _l("电话"), most=20, validators=[_word(_PHONE, _l("请填写电话号码，如 13800000000 或 0375-1234567。"))],
        render_kw={"inputmode": "tel", "autocomplete": "off"},
    )  # fmt: skip
    version = IdField()

    def read_account(self) -> AccountInput:
        """The account as typed, its place as the role has it. Raises Invalid naming the field."""
        typed = self.read()
        role = typed["role"]
        district_id = typed["district_id"] if role in NEEDS_DISTRICT else None
        department_id = typed["department_id"] if role is Role.HANDLER else None
        if role in NEEDS_DISTRICT and district_id is None:
            self.district_id.errors = [_l("这个角色要选一个区县。")]
        if role is Role.HANDLER and department_id is None:
            self.department_id.errors = [_l("部门经办人要选一个责任单位。")]
        if self.district_id.errors or self.department_id.errors:
            raise Invalid(fields={})
        words = {name: typed[name] or "" for name in ("unit", "title", "phone")}
        return AccountInput(
            username=typed["username"],
            name=typed["name"],
            role=role,
            district_id=district_id,
            department_id=department_id,
            **words,
        )


class SearchForm(BaseForm):
    """What the list of accounts is narrowed by."""

    q = TextField(_l("姓名、用户名或电话尾号"), most=40)
    role = SelectField(_l("角色"))
    district = _Place(_l("区县"))
    department = _Place(_l("责任单位"))
    state = SelectField(_l("状态"))
    after = TextField(most=64)


class HandOutForm(ConfirmForm):
    """Whose accounts get passwords for one use, and on what they are handed out."""

    role = SelectField(_l("角色"))
    district = _Place(_l("区县"))
    department = _Place(_l("责任单位"))
    with_valid = BooleanField(_l("也给已领一次性密码、还没登录的人重新发放"))


def with_choices(form, *, districts, departments, named):
    """The form with the places to choose from; `named` gives a row's name in the page's language."""
    pairs = {"district": (districts, _l("全部区县")), "department": (departments, _l("全部单位"))}
    for name, (rows, all_of_them) in pairs.items():
        is_of_one = f"{name}_id" in form
        field = form[f"{name}_id"] if is_of_one else form[name]
        field.choices = [
            ("", "–" if is_of_one else all_of_them),
            *((row["id"], named(row, "short_name")) for row in rows),
        ]
    if isinstance(form, SearchForm | HandOutForm):
        form.role.choices = [("", _l("全部角色")), *((role.value, _l(ROLE_NAMES[role])) for role in Role)]
        form.role.data = form.role.data or ""
    if isinstance(form, SearchForm):
        words = (_l("全部状态"), _l("从未登录"), _l("正在锁定"), _l("已停用"))
        form.state.choices = list(zip(STATES, words, strict=True))
        form.state.data = form.state.data or ""
    return form
