"""What the office types or uploads to change the calendar, and to confirm what was tried."""

from wtforms import HiddenField, SelectField
from wtforms.fields.choices import SelectChoice

from app.forms import BaseForm, LongTextField
from app.rules.notice import LONGEST
from app.translation import lazy_gettext as _l

LARGEST_FILE = 1024 * 1024
"""Bytes; a year's calendar has some kilobytes."""
_LARGEST_DAYS = 200_000


class CalendarBase(BaseForm):
    """The notice as text; a file may come instead."""

    text = LongTextField(_l("粘贴通知正文或表格"), most=LONGEST)


def calendar_form(formdata=None, *, years: list[int], given: dict | None = None) -> CalendarBase:
    """The form with the years that may be chosen where the text names none."""
    fields = {
        "year": SelectField(
            _l("年份"),
            choices=[SelectChoice("", _l("按通知里写的")), *(SelectChoice(str(year), str(year)) for year in years)],
            coerce=lambda raw: int(raw) if str(raw).isascii() and str(raw).isdigit() and len(str(raw)) == 4 else None,
            validate_choice=False,
        )
    }
    return type("CalendarForm", (CalendarBase,), fields)(formdata, data=given)


class ConfirmedDays(BaseForm):
    """What the trial showed, sent back: the days as lines, and the state they were tried on."""

    days = HiddenField()
    state = HiddenField()

    def read_lines(self) -> list[str]:
        """The lines of the days; too long a text is none of ours."""
        return (self.days.data or "")[:_LARGEST_DAYS].splitlines()
