"""What is typed to name a category or a department, and to keep a canned answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import HiddenField

from app.filters import named
from app.forms import BaseForm, IdField, LongTextField, PickManyField, TextField
from app.pickers import RowField
from app.translation import lazy_gettext as _l


class CategoryBase(BaseForm):
    """How a category is called and explained; `was` is what it looked like when the page was opened."""

    name = TextField(_l("名称"), most=20, required=True)
    hint = TextField(_l("哪些情况归这一类"), most=120)
    name_en = TextField(_l("英文名称"), most=80, required=True)
    hint_en = TextField(_l("英文说明"), most=200)
    was = HiddenField()

    def read_category(self) -> dict[str, Any]:
        """The category as typed. Raises Invalid."""
        typed = self.read()
        typed.pop("was")
        return typed


def category_form(formdata=None, *, departments: Sequence, given: Mapping | None = None) -> CategoryBase:
    """The form with the departments that usually answer."""
    fields = {
        "answering_ids": PickManyField(
            _l("通常由谁办"), of=[(row["id"], named(row, "short_name")) for row in departments], most=10
        )
    }
    return type("CategoryForm", (CategoryBase,), fields)(formdata, data=dict(given or {}))


class DepartmentForm(BaseForm):
    """How a department is called and what it answers for."""

    name = TextField(_l("全称"), most=40, required=True)
    short_name = TextField(_l("简称"), most=20, required=True)
    name_en = TextField(_l("英文名称"), most=120, required=True)
    aliases = TextField(_l("曾用名"), most=400)
    matters = TextField(_l("职责"), most=400)
    keywords = TextField(_l("关键词"), most=400)
    was = HiddenField()

    def read_department(self) -> dict[str, Any]:
        """The department as typed. Raises Invalid."""
        typed = self.read()
        typed.pop("was")
        return typed


class CannedBase(BaseForm):
    """A canned answer; `version` is that of the one she looked at, none for a new one."""

    title = TextField(_l("名称"), most=30, required=True)
    body = LongTextField(_l("答复内容"), most=1000, required=True)
    version = IdField()

    def read_answer(self) -> dict[str, Any]:
        """The answer as typed. Raises Invalid."""
        typed = self.read()
        typed.pop("version")
        return typed


def canned_form(formdata=None, *, categories: Sequence, given: Mapping | None = None) -> CannedBase:
    """The form with the categories that it may be kept for."""
    fields = {"category_id": RowField(_l("用于哪类问题"), of=categories, empty=_l("各类通用"))}
    return type("CannedForm", (CannedBase,), fields)(formdata, data=dict(given or {}))
