"""What the form of a visit shows, whichever address leads to it, and for which firm."""

from flask import url_for
from flask_login import current_user

from app.campaigns import coverage_store as campaign_firms
from app.campaigns import store as campaigns
from app.campaigns.models import Question
from app.clock import now, today
from app.db import get_db
from app.departments import store as departments
from app.errors import Invalid, NotFound
from app.filters import named
from app.firms import store as firms
from app.firms.actions import NO_SUCH_FIRM
from app.firms.models import Firm
from app.forms import read_id
from app.htmx import render
from app.photos import actions as photos
from app.rules import forecast
from app.translation import gettext as _
from app.visits import burden_forms, burden_store, store
from app.visits.burden import GOVERNED
from app.visits.forms import VisitForm, new_key


def firm_or_404(raw: str | int) -> Firm:
    """The firm, if there is one and it is this person's. Raises NotFound."""
    firm_id = read_id(str(raw))
    firm = firms.get_firm(get_db(), firm_id, visible_to=current_user) if firm_id else None
    if firm is None:
        raise NotFound(NO_SUCH_FIRM)
    return firm


def asked_of(firm_id: int | None) -> list[Question]:
    """What the running campaign asks of this firm; nothing once it has answered on a visit."""
    db = get_db()
    campaign = campaigns.get_running(db, on=today())
    if campaign is None or firm_id is None or not campaign_firms.is_chosen(db, campaign.id, firm_id):
        return []
    if store.has_answered(db, firm_id, campaign_id=campaign.id, since=campaign.round.since):
        return []
    return campaigns.list_questions(db, campaign.id)


def form_page(firm: Firm, form: VisitForm, *, error: Invalid | None = None, lost_photos: int = 0):
    """The form with what was typed, what governs its fields, and where each category leads."""
    db, moment = get_db(), now()
    categories = departments.list_categories(db)
    foreseen = forecast.forecasts(db, categories, firm.district_id, moment)
    fields = {name: _(message, **error.params) for name, message in error.fields.items()} if error else {}
    if "client_key" in fields:
        form.client_key.data = new_key()  # the old page's was no key: with a fresh one the next tap will do
    shown = {name: text for name, text in fields.items() if name.endswith("photos") or name in ("issues", "client_key")}
    burden = burden_store.get_burden(db)
    return render(
        "visits/new.html",
        status=422 if error else 200,
        firm=firm,
        form=burden_forms.ask(form, burden),
        burden=burden,
        purposes={each.key: burden.of(each.key).purpose or _(each.purpose) for each in GOVERNED},
        reported=set(form.reported()),
        other_errors=shown,
        lost_photos=lost_photos,
        categories=[
            {
                "id": row["id"],
                "name": named(row),
                "forecast": forecast.words(foreseen[row["id"]]),
                "reasons": forecast.reasons(foreseen[row["id"]]),
            }
            for row in categories
        ],
        forecast_url=url_for("issues.show_forecast"),
        most_photos=photos.MOST_PHOTOS,
    )
