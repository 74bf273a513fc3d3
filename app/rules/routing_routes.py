"""Where problems go: the office's rules in force, a box to try a text in, and what a text being typed suggests."""

from flask import Blueprint, make_response, request, url_for
from flask_login import current_user

from app.clock import now, today
from app.db import get_db
from app.departments import store as departments
from app.errors import Conflict, Invalid, NotFound
from app.filters import day
from app.forms import read_id
from app.guard import requires
from app.htmx import go_to, render
from app.i18n import N_
from app.permissions import Permission
from app.places import store as places
from app.rules import learned, routing_actions, routing_words
from app.rules import store as rules
from app.rules.routing import PRECEDENCE, Rule
from app.rules.routing_forms import EndingForm, RuleBase, SuggestionForm, rule_form, trial_form
from app.translation import gettext as _

bp = Blueprint("routing", __name__)

SHORTEST_TEXT = 6
"""Fewer characters than this suggest nothing."""


@bp.get("/office/routing")
@requires(Permission.RULES_READ)
def index():
    """The rules in force, those to come and those that were, of one category or all."""
    return _page()


@bp.post("/office/routing/trial")
@requires(Permission.RULES_READ)
def trial():
    """Who would get this, and why. A POST, so that its words stand in no address or log."""
    db = get_db()
    form = trial_form(request.form, categories=departments.list_categories(db), districts=places.list_districts(db))
    try:
        typed = form.read()
    except Invalid:
        return _page(form=form, status=422)
    found = routing_words.trials(
        db, text=typed["text"], category_id=typed["category_id"], district_id=typed["district_id"], now=now()
    )
    return _page(form=form, trials=found)


@bp.get("/office/routing/new")
@requires(Permission.RULES_EDIT)
def new():
    """The form for a rule that there is not yet."""
    return _rule_page(_form(given={"category_id": read_id(request.args.get("category", ""))}))


@bp.get("/office/routing/<int:rule_id>")
@requires(Permission.RULES_EDIT)
def edit(rule_id: int):
    """One rule: its next version, or its end."""
    rule = _rule_or_404(rule_id)
    return _rule_page(_form(given=_given(rule)), rule=rule)


@bp.post("/office/routing")
@requires(Permission.RULES_EDIT)
def create():
    """Lay down a rule from a day on."""
    form = _form(request.form)
    rule_id = read_id(form.replaces.data or "")
    try:
        new_rule, replaces = form.read_rule()
        routing_actions.add_rule(get_db(), new_rule, replaces=replaces, by=current_user, now=now())
    except (Invalid, Conflict) as error:
        rule = rules.get_routing_rule(get_db(), rule_id) if rule_id else None
        return _rule_page(form, rule=rule, error=error)
    message = _("规则已保存，自%(day)s起用于新上报的问题。", day=day(new_rule.valid_from))
    return go_to(url_for(".index", category=new_rule.category_id), message)


@bp.post("/office/routing/<int:rule_id>/ending")
@requires(Permission.RULES_EDIT)
def end(rule_id: int):
    """Let a rule count no more from a day on."""
    rule = _rule_or_404(rule_id)
    ending = EndingForm(request.form)
    try:
        typed = ending.read()
        routing_actions.end_rule(get_db(), rule_id, on=typed["on"], by=current_user, now=now())
    except (Invalid, Conflict) as error:
        return _rule_page(_form(given=_given(rule)), rule=rule, ending=ending, error=error)
    message = _("第 %(number)d 号规则自%(day)s起停用。", number=rule_id, day=day(typed["on"]))
    return go_to(url_for(".index", category=rule.category_id), message)


@bp.post("/issues/suggestion")
@requires(Permission.VISITS_RECORD)
def suggest():
    """The categories that the words of a problem suggest, as buttons; nothing where they do not say enough."""
    form = SuggestionForm(request.form)
    if not form.validate():
        return make_response("", 204)
    text = f"{form.title.data}\n{form.description.data}".strip()
    found = learned.categories_for(get_db(), text, now=now()) if len(text) >= SHORTEST_TEXT else []
    return render("rules/_suggestion.html", suggested=found) if found else make_response("", 204)


def _rule_or_404(rule_id: int) -> Rule:
    rule = rules.get_routing_rule(get_db(), rule_id)
    if rule is None:
        raise NotFound(routing_actions.NO_SUCH_RULE)
    return rule


def _page(*, form=None, trials=None, status: int = 200):
    db = get_db()
    categories = departments.list_categories(db)
    chosen = request.args.get("category")
    category = departments.get_category(db, read_id(chosen) or 0) if chosen else None
    if chosen and category is None:
        raise NotFound(N_("没有这个问题类别。请从页面上选择。"))
    form = form or trial_form(
        categories=categories, districts=places.list_districts(db), given={"district_id": current_user.district_id}
    )
    category_id = category["id"] if category else None
    return render(
        "rules/routing.html",
        "rules/_trial.html",
        status=status,
        form=form,
        trials=trials,
        precedence=_(PRECEDENCE),
        categories=categories,
        category=category,
        lines=routing_words.lines(db, category_id=category_id, on=today()),
        may_edit=current_user.can(Permission.RULES_EDIT),
    )


def _form(formdata=None, *, given: dict | None = None) -> RuleBase:
    db = get_db()
    return rule_form(
        formdata,
        categories=departments.list_categories(db),
        districts=places.list_districts(db),
        departments=departments.list_departments(db),
        given=given,
    )


def _given(rule: Rule) -> dict:
    """The next version of a rule, as long as nothing is changed."""
    return {
        "replaces": rule.id,
        "category_id": rule.category_id,
        "district_id": rule.district_id,
        "keywords": " ".join(rule.keywords),
        "department_id": rule.department_id,
        "assisting_ids": rule.assisting_ids,
        "valid_from": max(rule.valid_from, today()),
        "note": rule.note,
    }


def _rule_page(
    form: RuleBase,
    *,
    rule: Rule | None = None,
    ending: EndingForm | None = None,
    error: Invalid | Conflict | None = None,
):
    problem = ""
    if isinstance(error, Conflict):
        problem = _(error.message, **error.params)
    elif error:
        target = ending or form
        for name, message in error.fields.items():
            if name in target and not target[name].errors:
                target[name].errors = [_(message, **error.params)]
        problem = "" if error.fields else _(error.message, **error.params)
    line = routing_words.line(get_db(), rule, on=today()) if rule else None
    return render(
        "rules/rule.html",
        status=error.status if error else 200,
        form=form,
        rule=line,
        ending=None if line is None or line.state == "past" else ending or EndingForm(),
        problem=problem,
        precedence=_(PRECEDENCE),
    )
