"""What the pages of a campaign share: who may see it, its form, what it would ask of officers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import url_for

from app.campaigns import actions, coverage_store, store
from app.campaigns.forms import CampaignBase, campaign_form, running_form
from app.campaigns.models import MOST_QUESTIONS, SEEN_BY_ALL, Campaign, Choice, Status
from app.clock import today
from app.db import get_db
from app.errors import AppError, Invalid, NotFound
from app.filters import named
from app.htmx import render
from app.people.models import User
from app.permissions import Role
from app.places import store as places
from app.translation import gettext as _
from app.translation import ngettext


def may_see(campaign: Campaign, reader: User) -> bool:
    """Drafts and what was withdrawn are the office's own business, which the auditor may read."""
    return campaign.status in SEEN_BY_ALL or reader.role in (Role.OFFICE, Role.AUDITOR)


def campaign_or_404(campaign_id: int, *, reader: User | None = None) -> Campaign:
    """The campaign, if there is one and this reader may see it."""
    campaign = store.get_campaign(get_db(), campaign_id)
    if campaign is None or (reader is not None and not may_see(campaign, reader)):
        raise NotFound(actions.NO_SUCH_CAMPAIGN)
    return campaign


@dataclass(frozen=True)
class Burden:
    """What a campaign asks of officers: firms, officers, fields on each visit, how many of them must be filled in."""

    firms: int | None
    officers: int
    fields: int
    required: int

    @property
    def answers(self) -> int:
        """All fields of all firms."""
        return (self.firms or 0) * self.fields


def burden_of(form: CampaignBase, campaign: Campaign | None) -> Burden:
    """The form as it stands; `firms` is None where its firms cannot be read yet."""
    asked = [each for each in form.questions if each.text.data]
    required = sum(bool(each.is_required.data) for each in asked)
    if campaign is not None and campaign.status is not Status.DRAFT:
        _visited, firms = coverage_store.count_coverage(get_db(), campaign)
        return Burden(firms, coverage_store.count_officers(get_db(), campaign), len(asked), required)
    form.validate()
    picked = ("district_ids", "township_ids", "industries", "sizes", "codes")
    if any(form[name].errors for name in picked):
        return Burden(None, 0, len(asked), required)
    firms, officers = coverage_store.count_chosen(get_db(), form.read_choice(form.data))
    return Burden(firms, officers, len(asked), required)


def burden_of_stored(campaign: Campaign, choice: Choice) -> Burden:
    """The same of a draft as it is stored."""
    firms, officers = coverage_store.count_chosen(get_db(), choice)
    asked = store.list_questions(get_db(), campaign.id)
    return Burden(firms, officers, len(asked), sum(each.is_required for each in asked))


def words_of(choice: Choice) -> str:
    """Whom it chooses, in words."""
    if choice.codes:
        return ngettext("指定名单 %(num)d 家", "指定名单 %(num)d 家", len(choice.codes))
    db = get_db()
    names = [named(row) for row in places.list_districts(db) if row["id"] in choice.district_ids]
    if choice.township_ids:
        names += [named(row) for row in places.list_all_townships(db) if row["id"] in choice.township_ids]
    parts = [_("、").join(each) for each in (names, choice.industries, choice.sizes) if each]
    return _("；").join(parts) if names else _("；").join([_("全市"), *parts])


def new_form(formdata=None) -> CampaignBase:
    """The form of a campaign that there is not yet."""
    return _draft_form(formdata, given={"from_on": today()})


def form_of(campaign: Campaign, formdata=None) -> CampaignBase:
    """The form of a stored one, filled with what it is."""
    db = get_db()
    given: dict[str, Any] = {
        "version": campaign.version,
        "name": campaign.name,
        "from_on": campaign.from_on,
        "to_on": campaign.to_on,
        "target": "" if campaign.target is None else str(campaign.target),
        "target_kind": campaign.target_kind,
        "remind_days": campaign.remind_days,
    }
    questions = [
        {
            "text": each.text,
            "kind": each.kind,
            "choices": _("、").join(each.choices),
            "purpose": each.purpose,
            "is_required": each.is_required,
        }
        for each in store.list_questions(db, campaign.id)
    ]
    if campaign.status is not Status.DRAFT:
        return running_form(formdata, given=given, questions=questions)
    choice = store.get_choice(db, campaign.id)
    return _draft_form(formdata, given={**given, **_given(choice)}, questions=questions)


def _given(choice: Choice) -> dict[str, object]:
    return {
        "district_ids": choice.district_ids,
        "township_ids": choice.township_ids,
        "industries": choice.industries,
        "sizes": choice.sizes,
        "codes": "\n".join(choice.codes),
    }


def _draft_form(formdata, *, given: dict, questions=()) -> CampaignBase:
    db = get_db()
    return campaign_form(
        formdata,
        districts=places.list_districts(db),
        townships=places.list_all_townships(db),
        trades=coverage_store.list_trades(db),
        given=given,
        questions=questions,
    )


def edit_page(form: CampaignBase, *, campaign: Campaign | None = None, error: AppError | None = None):
    """The form's page, with what was wrong."""
    problem = ""
    if error is not None:
        problem = _(error.message, **error.params)
        if isinstance(error, Invalid) and error.fields:
            problem = ""
            _put(form, error)
    return render(
        "campaigns/edit.html",
        status=error.status if error else 200,
        form=form,
        campaign=campaign,
        burden=burden_of_page(form, campaign),
        townships=_by_district() if "township_ids" in form else [],
        most_questions=MOST_QUESTIONS,
        problem=problem,
        back_url=url_for("coverage.show", campaign_id=campaign.id) if campaign else url_for("campaigns.index"),
    )


def burden_of_page(form: CampaignBase, campaign: Campaign | None) -> Burden:
    """The same for a page: counting must not put messages into a form that nobody has sent yet."""
    errors = {field.name: list(field.errors) for field in form}
    burden = burden_of(form, campaign)
    for field in form:
        field.errors = errors[field.name]
    return burden


def _put(form: CampaignBase, error: Invalid) -> None:
    """The messages of what only the database knows, at their fields."""
    for name, message in error.fields.items():
        if name in form and not form[name].errors:
            form[name].errors = [_(message, **error.params)]


def _by_district() -> list[tuple[Mapping, set[str]]]:
    """Each district with the ids of its townships as a form names them."""
    found: dict[int, set[str]] = {}
    for row in places.list_all_townships(get_db()):
        found.setdefault(row["district_id"], set()).add(str(row["id"]))
    return [(row, found[row["id"]]) for row in places.list_districts(get_db()) if row["id"] in found]
