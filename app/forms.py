"""The fields that forms are made of: they clean what was typed, refuse nonsense in words, and give typed values."""

import math
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    Field,
    FileField,
    Form,
    PasswordField,
    RadioField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    widgets,
)
from wtforms.fields.choices import Choice, SelectChoice
from wtforms.validators import InputRequired, Length, Optional, StopValidation, ValidationError

from app.clock import LOCAL, now
from app.errors import Invalid
from app.translation import gettext, language
from app.translation import lazy_gettext as _l

EARLIEST = date(2020, 1, 1)
LARGEST_ID = 2**53


class BaseForm(Form):
    """A form in the language of the page. `read()` gives the typed values or raises Invalid with every message.

    A blank is no answer, whatever the field: what was sent is trimmed before it is read, unless `is_trimmed` is False.
    """

    is_trimmed = True

    class Meta:
        """WTForms' own messages follow the page's language."""

        @property
        def locales(self):
            return [language()]

        def wrap_formdata(self, form, formdata):
            if formdata is None or not form.is_trimmed:
                return formdata
            return MultiDict([(name, value.strip()) for name, value in formdata.items(multi=True)])

    def read(self) -> dict:
        """The fields' values by name. Raises Invalid."""
        if self.validate():
            return dict(self.data)
        raise Invalid(fields={field.name: str(field.errors[0]) for field in self if field.errors})


class ConfirmForm(BaseForm):
    """One's own password again, asked for when it was last given a while ago."""

    is_trimmed = False

    confirmation = PasswordField(_l("您自己的密码"), [Length(max=200)], render_kw={"autocomplete": "current-password"})


def show_problems(form, error: Invalid):
    """The form with an action's messages at its fields, for showing it again."""
    for name, message in error.fields.items():
        if name in form and not form[name].errors:
            form[name].errors = [gettext(message, **error.params)]
    return form


def _clean(text: str | None) -> str:
    """Composed, trimmed, with one kind of line end; zero-width characters are what a paste leaves behind."""
    if not text:
        return ""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    return text.translate({0x200B: None, 0x200C: None, 0x200D: None, 0xFEFF: None}).strip()


def clean_line(text: str | None) -> str:
    """One line as it is kept: composed, trimmed, its line ends blanks."""
    return " ".join(_clean(text).split("\n"))


def is_printable(letter: str) -> bool:
    """Whether a keyboard types it: control characters, halves of pairs and private ones break exports and hide text."""
    return unicodedata.category(letter) not in {"Cc", "Cs", "Co"} or letter in "\n\t"


class _Printable:
    """Refuse characters that no keyboard types."""

    def __call__(self, form, field):
        if not all(map(is_printable, field.data or "")):
            raise ValidationError(_l("这里有无法识别的字符，请重新输入。"))


class _AtMost:
    """Refuse more characters than the field holds, saying how many there are."""

    def __init__(self, length: int):
        self.length = length
        self.field_flags = {"maxlength": length}

    def __call__(self, form, field):
        if field.data and len(field.data) > self.length:
            raise ValidationError(
                _l("最多 %(most)d 字，现在有 %(count)d 字，请精简。", most=self.length, count=len(field.data))
            )


def _needed(required: bool, message=None) -> list:
    return [InputRequired(message or _l("请填写这一项。"))] if required else [Optional(strip_whitespace=True)]


class _TypedText(Field):
    """What a line of text and several have in common; `clean` says how they differ."""

    clean: Callable[[str], str]

    def __init__(self, label=None, *, most: int, required: bool = False, validators=(), **more):
        super().__init__(label, [*_needed(required), _Printable(), _AtMost(most), *validators], **more)

    def process_formdata(self, valuelist):
        self.data = self.clean(valuelist[0] if valuelist else "")

    def pre_validate(self, form):
        if not self.data and any(isinstance(check, InputRequired) for check in self.validators):
            raise StopValidation(_l("请填写这一项。"))


class TextField(_TypedText, StringField):
    """One line of text."""

    clean = staticmethod(clean_line)


class LongTextField(_TypedText, TextAreaField):
    """Several lines of text."""

    clean = staticmethod(_clean)


class IdField(Field):
    """The id of a row: a whole number from 1 on. None when empty."""

    widget = widgets.TextInput()

    def __init__(self, label=None, *, required: bool = False, **more):
        super().__init__(label, _needed(required, more.pop("message", None)), **more)

    def process_formdata(self, valuelist):
        raw = valuelist[0].strip() if valuelist else ""
        self.data = None
        if raw:
            self.data = read_id(raw)
            if self.data is None:
                raise ValueError(_l("请从列表中选择。"))

    def _value(self):
        return "" if self.data is None else str(self.data)


def read_id(raw: str) -> int | None:
    """A row's id from text, or None: plain ASCII digits, short enough for any key."""
    if not raw.isascii() or not raw.isdigit() or len(raw) > 16:
        return None
    value = int(raw)
    return value if 0 < value < LARGEST_ID else None


def needed(field: Field) -> None:
    """Let a field that may be left out be one that must be filled in, as its label and its check then say."""
    rest = [check for check in field.validators if not isinstance(check, Optional)]
    field.validators = [*_needed(True), *rest]
    field.flags.required = True


class PickField(RadioField):
    """One of a few: radio buttons, shown as a segmented control or chips. The value is the enum's member or the id."""

    def __init__(self, label=None, *, of, required: bool = True, default=None, **more):
        """`of`: pairs (value, label) where the value is an enum member, a bool or an id."""
        pairs = list(of)
        self._values = {_key(value): value for value, _label in pairs}
        super().__init__(
            label,
            choices=[SelectChoice(_key(value), text) for value, text in pairs],
            validators=[InputRequired(_l("请选择一项。"))] if required else [Optional()],
            default=default,
            coerce=self._read,
            validate_choice=False,
            **more,
        )
        if default is not None:
            self.flags.required = True  # it always holds a value, so its label need not say that it may be left out

    @property
    def must_pick(self) -> bool:
        """Whether one must be picked by hand: the browser is told so at each choice."""
        return any(isinstance(check, InputRequired) for check in self.validators)

    def _read(self, raw):
        if raw is None:
            return None
        return self._values.get(_key(raw))

    def process_formdata(self, valuelist):
        raw = valuelist[0].strip() if valuelist else ""
        self.data = self._values.get(raw)
        if raw and raw not in self._values:
            raise ValueError(_l("请从列表中选择。"))

    def pre_validate(self, form):
        """Choices were checked while reading."""

    def iter_choices(self):
        for choice in self.choices:
            is_chosen = self.data is not None and _key(self.data) == choice.value
            yield Choice(choice.value, choice.label, is_chosen, {})


def _key(value) -> str:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


class PickManyField(SelectMultipleField):
    """Any of a few: checkboxes shown as chips. The value is a tuple."""

    widget = widgets.ListWidget(prefix_label=False)
    option_widget = widgets.CheckboxInput()

    def __init__(self, label=None, *, of, most: int = 20, **more):
        pairs = list(of)
        self._values = {_key(value): value for value, _label in pairs}
        self._most = most
        super().__init__(
            label,
            choices=[SelectChoice(_key(value), text) for value, text in pairs],
            validate_choice=False,
            default=(),
            **more,
        )

    def process_data(self, value):
        self.data = tuple(value or ())

    def process_formdata(self, valuelist):
        chosen = [raw for raw in valuelist if raw]
        if len(chosen) > self._most or any(raw not in self._values for raw in chosen):
            raise ValueError(_l("请从列表中选择。"))
        self.data = tuple(dict.fromkeys(self._values[raw] for raw in chosen))

    def pre_validate(self, form):
        """Choices were checked while reading."""

    def iter_choices(self):
        held = {_key(value) for value in self.data or ()}
        for choice in self.choices:
            yield Choice(choice.value, choice.label, choice.value in held, {})


class DayField(StringField):
    """A day, typed or picked: 2026-11-23."""

    widget = widgets.DateInput()

    def __init__(self, label=None, *, required: bool = True, ahead_days: int = 400, past: bool = True, **more):
        super().__init__(label, _needed(required, _l("请选择日期。")), **more)
        self._ahead = ahead_days
        self._past = past

    def process_formdata(self, valuelist):
        raw = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not raw:
            return
        try:
            day = date.fromisoformat(raw)
        except ValueError as error:
            raise ValueError(_l("日期写法如 2026-11-23，请重新选择。")) from error
        today = now().astimezone(LOCAL).date()
        first = EARLIEST if self._past else today
        if not first <= day <= today + timedelta(days=self._ahead):
            raise ValueError(_l("日期不在可选范围内，请重新选择。"))
        self.data = day

    def _value(self):
        if self.data is None:
            return self.raw_data[0] if self.raw_data else ""
        return self.data if isinstance(self.data, str) else self.data.isoformat()


class MomentField(StringField):
    """A day and time in Pingdingshan, as datetime-local gives it; the value is in UTC, at most a day ahead."""

    widget = widgets.DateTimeLocalInput()

    def __init__(self, label=None, *, required: bool = False, **more):
        super().__init__(label, _needed(required), **more)

    def process_formdata(self, valuelist):
        raw = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not raw:
            return
        try:
            moment = datetime.fromisoformat(raw)
            moment = (moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)).astimezone(UTC).replace(microsecond=0)
        except (ValueError, OverflowError) as error:
            raise ValueError(_l("时间写法如 2026-11-23 14:30，请重新选择。")) from error
        if moment < datetime.combine(EARLIEST, time(), UTC) or moment > now() + timedelta(days=1):
            raise ValueError(_l("时间不在可选范围内：不能晚于现在。"))
        self.data = moment

    def _value(self):
        if isinstance(self.data, datetime):
            return self.data.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M")
        return self.raw_data[0] if self.raw_data else ""


class UploadField(FileField):
    """A file that must be there; its content is read from the request itself. `accept` as in '.xlsx,.csv'."""

    def __init__(self, label=None, *, accept: str, **more):
        super().__init__(label, render_kw={"accept": accept, "required": True}, **more)
        self.flags.required = True


class NumberField(Field):
    """A decimal number between two bounds; NaN and infinity are no numbers."""

    widget = widgets.HiddenInput()

    def __init__(self, label=None, *, least: float, most: float, **more):
        super().__init__(label, [Optional(strip_whitespace=True)], **more)
        self._least, self._most = least, most

    def process_formdata(self, valuelist):
        raw = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not raw:
            return
        try:
            value = float(raw) if len(raw) <= 40 and raw.isascii() else math.nan
        except ValueError:
            value = math.nan
        if not self._least <= value <= self._most:
            raise ValueError(_l("位置数据不对。可以清除位置后再提交，不影响保存。"))
        self.data = value

    def _value(self):
        return "" if self.data is None else str(self.data)


__all__ = [
    "BaseForm",
    "BooleanField",
    "DayField",
    "IdField",
    "LongTextField",
    "MomentField",
    "NumberField",
    "PickField",
    "PickManyField",
    "TextField",
    "UploadField",
    "read_id",
]
