"""What the addresses of the assignment screens ask for, and how an error is said on them."""

from flask import request, url_for
from flask_login import current_user

from app.db import get_db
from app.errors import AppError, Invalid, NotFound
from app.firms.models import FIRM_STATUS_NAMES, FirmStatus
from app.forms import read_id
from app.i18n import N_
from app.places import store as places
from app.translation import gettext as _

LAST_PAGE = 1000


def asked_district():
    """The district that the address or the reader's own post names; None for the whole city."""
    raw = request.args.get("district")
    own = current_user.district_id
    if own is not None and raw and raw != str(own):
        raise NotFound(N_("没有这个区县，或不在您的工作范围内。"))
    if own is None and not raw:
        return None
    district = places.get_district(get_db(), own or read_id(raw or "") or 0)
    if district is None:
        raise NotFound(N_("没有这个区县，或不在您的工作范围内。"))
    return district


def page_asked() -> int:
    """The page of a list. Raises NotFound."""
    page = read_id(request.args.get("page", "1"))
    if page is None or page > LAST_PAGE:
        raise NotFound(N_("没有这一页。请从第一页看起。"))
    return page


def pages(page: int, *, has_more: bool, **kept) -> tuple[str | None, str | None]:
    """The addresses of the pages before and after."""
    endpoint = request.endpoint or ""
    return (
        url_for(endpoint, page=page - 1, **kept) if page > 1 else None,
        url_for(endpoint, page=page + 1, **kept) if has_more else None,
    )


def problem_of(error: AppError | None) -> str:
    """An error in words; a single field's message where there is one."""
    if error is None:
        return ""
    message = next(iter(error.fields.values()), error.message) if isinstance(error, Invalid) else error.message
    return _(message, **error.params)


def firm_status(status: str) -> str:
    """A firm's status in words, where it is not the usual one."""
    return "" if status == FirmStatus.OPERATING else _(FIRM_STATUS_NAMES[FirmStatus(status)])
