"""What is typed and ticked on the assignment screens."""

from werkzeug.datastructures import MultiDict

from app.errors import Invalid
from app.forms import BaseForm, DayField, IdField, PickField, read_id
from app.i18n import N_
from app.translation import lazy_gettext as _l

MOST_FIRMS = 400
"""At once; more are done in several goes."""

MOST_RECEIVERS = 12


class AssignForm(BaseForm):
    """An officer for one firm."""

    user_id = IdField(_l("首席服务官"), required=True, message=_l("请选择首席服务官。"))
    part = PickField(_l("分工"), of=[("lead", _l("包联人")), ("deputy", _l("协助"))], default="lead", required=False)
    from_on = DayField(_l("从哪天起"), required=False, ahead_days=0)
    until_on = DayField(_l("到哪天为止"), required=False, past=False)


def read_ids(values: MultiDict, name: str, *, most: int = MOST_FIRMS) -> list[int]:
    """The ids ticked under that name, each once. Raises Invalid for what no page sends, or too many."""
    found = [read_id(raw.strip()) for raw in values.getlist(name)]
    ids = [each for each in dict.fromkeys(found) if each is not None]
    if None in found:
        raise Invalid(N_("请从页面上的名单选择。"))
    if len(ids) > most:
        raise Invalid(N_("一次最多选 %(most)d 项，请分几次办理。"), most=most)
    return ids


def read_receivers(values: MultiDict) -> dict[int, int]:
    """Firm → receiver, from the fields to-<firm>. Raises Invalid."""
    found = {}
    for name in values:
        if not name.startswith("to-"):
            continue
        firm_id, user_id = read_id(name.removeprefix("to-")), read_id(values[name].strip() or "-")
        if firm_id is None or user_id is None:
            raise Invalid(N_("请给每家企业选一位接手人。"))
        found[firm_id] = user_id
    if len(found) > MOST_FIRMS:
        raise Invalid(N_("一次最多选 %(most)d 项，请分几次办理。"), most=MOST_FIRMS)
    return found
