"""The visit form: one page, up to five problems in it."""

import re
import secrets
import time
from collections.abc import Collection, Sequence
from datetime import timedelta

from werkzeug.datastructures import MultiDict
from wtforms import HiddenField
from wtforms.validators import ValidationError

from app.campaigns.models import Question
from app.clock import now
from app.errors import Invalid
from app.forms import (
    BaseForm,
    IdField,
    LongTextField,
    MomentField,
    NumberField,
    PickField,
    PickManyField,
    TextField,
)
from app.issues.models import NewIssue
from app.rules.models import KIND_NAMES, URGENCY_NAMES, Kind, Urgency
from app.search import LONGEST_QUERY
from app.spans import OpenSpanForm
from app.translation import lazy_gettext as _l
from app.visits.answers import answer_form, read_answers
from app.visits.models import MODE_NAMES, MOST_ISSUES, TOPIC_NAMES, Mode, NewVisit

_ISSUE_NAME = re.compile(r"issues-([0-9]{1,9})-")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TITLE_LENGTH, DESCRIPTION_LENGTH, NOTES_LENGTH = 60, 2000, 4000


def new_key() -> str:
    """A UUID of version 7 for a new draft: milliseconds since 1970 in front, so that keys sort by birth (RFC 9562)."""
    stamp = time.time_ns() // 1_000_000
    value = (stamp & (1 << 48) - 1) << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    text = f"{value:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


class ClientKeyField(HiddenField):
    """The visit's key, made with the draft."""

    def process_formdata(self, valuelist):
        self.data = (valuelist[0] if valuelist else "").strip().lower()

    def pre_validate(self, form):
        if not _UUID.fullmatch(self.data or ""):
            raise ValidationError(_l("页面已失效，请返回企业页面重新记走访。"))


class IssueForm(BaseForm):
    """One problem of a visit; its names begin with issues-0- to issues-4-."""

    category_id = IdField(_l("问题类别"), required=True, message=_l("请选择问题类别。"))
    kind = PickField(
        _l("性质"), of=[(key, _l(name)) for key, name in KIND_NAMES.items()], required=False, default=Kind.HELP
    )
    title = TextField(_l("一句话说清问题"), most=TITLE_LENGTH, required=True)
    description = LongTextField(_l("具体情况"), most=DESCRIPTION_LENGTH)
    urgency = PickField(
        _l("紧急程度"),
        of=[(key, _l(name)) for key, name in URGENCY_NAMES.items()],
        required=False,
        default=Urgency.NORMAL,
    )

    def read_issue(self, category_ids: Collection[int] | None = None) -> NewIssue:
        """The problem as typed; place comes with the visit. Raises Invalid, also for a category not among the given."""
        typed = self.read()
        if category_ids is not None and typed["category_id"] not in category_ids:
            self.category_id.errors = [_l("请选择问题类别。")]
            raise Invalid(fields={"category_id": str(self.category_id.errors[0])})
        return NewIssue(
            category_id=typed["category_id"],
            kind=typed["kind"] or Kind.HELP,
            urgency=typed["urgency"] or Urgency.NORMAL,
            title=typed["title"],
            description=typed["description"],
        )


class VisitForm(BaseForm):
    """A visit. `issues` holds the five problem forms, of which the empty ones are left out.

    `blank` is what all five look like while nothing `is_sent`; N stands for their number.
    """

    client_key = ClientKeyField()
    firm_id = IdField(_l("企业"), required=True, message=_l("请先选择企业。"))
    visited_at = MomentField(_l("走访时间"))
    mode = PickField(
        _l("走访方式"), of=[(key, _l(name)) for key, name in MODE_NAMES.items()], required=False, default=Mode.ON_SITE
    )
    topics = PickManyField(_l("谈到什么"), of=[(key, _l(name)) for key, name in TOPIC_NAMES.items()])
    notes = LongTextField(_l("走访内容"), most=NOTES_LENGTH)
    contact_name = TextField(_l("见到的人"), most=40)
    latitude = NumberField(_l("纬度"), least=-90, most=90)
    longitude = NumberField(_l("经度"), least=-180, most=180)
    accuracy_m = NumberField(_l("精度"), least=0, most=100_000)

    def __init__(
        self,
        formdata: MultiDict | None = None,
        *,
        with_photos: Collection[int] = (),
        category_ids: Collection[int] | None = None,
        questions: Sequence[Question] = (),
        **more,
    ):
        """`with_photos`: the positions of problems that photos came with, which are therefore not empty.

        `category_ids`: the categories in use, where the caller knows them; the error then names the right problem.
        `questions`: what the running campaign asks on this page.
        """
        super().__init__(formdata, **more)
        self.is_sent = formdata is not None
        self.blank = IssueForm(prefix="issues-N")
        self.issues = [IssueForm(formdata, prefix=f"issues-{position}") for position in range(MOST_ISSUES)]
        self.asked = answer_form(formdata, questions)
        self.questions = questions
        self._answers = read_answers(formdata)
        self._with_photos = set(with_photos)
        self._category_ids = category_ids
        self._is_beyond = any(int(found[1]) >= MOST_ISSUES for found in map(_ISSUE_NAME.match, formdata or ()) if found)

    def reported(self) -> list[int]:
        """The positions of the problems that are not empty."""
        return [position for position, form in enumerate(self.issues) if self._is_filled(position, form)]

    def _is_filled(self, position: int, form: IssueForm) -> bool:
        return bool(
            position in self._with_photos
            or form.title.data
            or form.description.data
            or form.category_id.data
            or (form.category_id.raw_data and form.category_id.raw_data[0].strip())
        )

    def read_visit(self) -> NewVisit:
        """The visit as typed. Raises Invalid with every message, problems' fields by their full names."""
        fields: dict[str, str] = {}
        typed: dict = {}
        try:
            typed = self.read()
        except Invalid as error:
            fields |= error.fields
        if typed and (typed["latitude"] is None) != (typed["longitude"] is None):
            fields["latitude"] = str(_l("位置数据不对。可以清除位置后再提交，不影响保存。"))
            self.latitude.errors = [fields["latitude"]]
        if self._is_beyond:
            fields["issues"] = str(_l("一次走访最多报 %(most)d 个问题，其余的请另记一次走访。", most=MOST_ISSUES))
        found = []
        for position in self.reported():
            form = self.issues[position]
            try:
                found.append(form.read_issue(self._category_ids))
            except Invalid as error:
                fields |= {
                    f"issues-{position}-{name.removeprefix(f'issues-{position}-')}": message
                    for name, message in error.fields.items()
                }
        try:
            self.asked.read()
        except Invalid as error:
            fields |= error.fields
        if fields:
            raise Invalid(fields=fields)
        visited_at = typed["visited_at"]
        # A phone's clock may run a little ahead of the server's.
        if visited_at and visited_at - now() > timedelta(minutes=10):
            self.visited_at.errors = [_l("走访时间不能晚于现在。")]
            raise Invalid(fields={"visited_at": str(self.visited_at.errors[0])})
        has_place = typed["latitude"] is not None
        return NewVisit(
            client_key=typed["client_key"],
            firm_id=typed["firm_id"],
            visited_at=visited_at,
            mode=typed["mode"] or Mode.ON_SITE,
            topics=tuple(typed["topics"]),
            notes=typed["notes"],
            contact_name=typed["contact_name"],
            latitude=round(typed["latitude"], 5) if has_place else None,
            longitude=round(typed["longitude"], 5) if has_place else None,
            accuracy_m=round(typed["accuracy_m"]) if has_place and typed["accuracy_m"] is not None else None,
            issues=tuple(found),
            answers=self._answers,
        )


class FindForm(OpenSpanForm):
    """What the list of visits is searched by: a firm, and days, both of them included."""

    q = TextField(_l("找走访"), most=LONGEST_QUERY)
