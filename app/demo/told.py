"""Issues told step by step: what each step writes, and how many minutes of work before now it happened."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from app.clock import LOCAL, day_of, local
from app.demo import texts
from app.demo.cases import OTHER_CATEGORY, Case, Problem
from app.demo.city import City, Steps
from app.demo.firms import DemoFirm
from app.demo.lives import live, make_link
from app.demo.office_hours import DAY
from app.demo.people import HOME_DEPARTMENT
from app.demo.texts_base import day_text
from app.demo.texts_power import power_problem
from app.demo.visits import visit
from app.issues import actions
from app.issues.lifecycle import Level, Status
from app.rules import routing
from app.rules import store as rules
from app.visits.models import Mode

Step = tuple[float, Callable[[Case], object]]
"""When (days of work before now) and what."""

_TRIES = 400


class Teller:
    """Tells issues of the city one after the other."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.rng = Random(city.rng.getrandbits(64))
        self.told_firms: set[int] = set()
        self._power = 0

    def firm(self, *, district_id: int | None = None, officer: str | None = None) -> DemoFirm:
        """A firm not told of yet."""
        fitting = [
            each
            for each in self.city.firms
            if each.is_operating
            and each.id not in self.told_firms
            and district_id in (None, each.district_id)
            and (each.officer.username == officer if officer else each.officer.username != "officer")
        ]
        firm = self.rng.choice(fitting)
        self.told_firms.add(firm.id)
        return firm

    def tell(
        self,
        firm: DemoFirm,
        reported_ago: float,
        *steps: Step,
        department_id: int,
        category_id: int | None = None,
        kind: str = "help",  # its limit is five working days; "": the problem's own
        urgency: str = "normal",
        is_other: bool = False,
        at: datetime | None = None,
        then_lives: bool = False,
        is_fresh: bool = False,
    ) -> None:
        """One visit with a problem for this department, and its steps. `is_other`: placed where no rule routes it."""
        moment = at or (self._lately if is_fresh else self.city.before_now)(reported_ago * DAY)
        reported = self._problem(firm, day_of(moment), department_id, category_id, kind)
        reported.kind, reported.urgency = kind or reported.kind, urgency
        pace = self.rng.uniform(0.985, 1.015)  # no two cases move at the same second

        def go_on(case: Case) -> Steps:
            for ago, step in steps:
                yield self.city.before_now(ago * DAY * pace)
                step(case)
            if then_lives:
                yield from live(case)

        problem = Problem(reported, OTHER_CATEGORY if is_other else reported.category_id, go_on)
        self.city.start(visit(self.city, firm, moment - timedelta(minutes=8), told=[problem]))

    def _lately(self, minutes: float) -> datetime:
        """So many minutes of work ago; on days off by daytime since yesterday, since some officers go out then too."""
        moment, now = self.city.before_now(minutes), self.city.now
        if now - moment < timedelta(hours=20):
            return moment
        there = local(now)
        if not time(13) <= there.time() <= time(18):
            there = datetime.combine(there.date() - timedelta(days=there.time() < time(13)), time(17, 30), LOCAL)
        return (there - timedelta(minutes=minutes)).astimezone(UTC)

    def _problem(
        self, firm: DemoFirm, on: date, department_id: int, category_id: int | None, kind: str
    ) -> texts.Reported:
        """A problem of the firm that is this department's duty and that the rules send there."""
        best = None
        if department_id == HOME_DEPARTMENT:
            self._power += 1
            return power_problem(self.rng, on, firm.trade, self._power)
        numbers = (
            [category_id] if category_id else [c for c, many in self.city.related.items() if department_id in many]
        )
        for _ in range(_TRIES):
            reported = texts.report(self.rng, on, firm.trade, self.rng.choice(numbers))
            if reported.department_id != department_id:
                continue
            decision = routing.route(
                rules.list_routing_rules(self.city.db, category_id=reported.category_id),
                category_id=reported.category_id,
                district_id=firm.district_id,
                text=f"{reported.title}\n{reported.description}",
                on=on,
            )
            best = reported
            if kind in ("", reported.kind) and decision is not None and decision.department_id == department_id:
                return reported
        assert best is not None, f"no problem for department {department_id}"
        return best


def dispatch(case: Case) -> None:
    """To the right department, unless a rule was quicker."""
    dispatch_to(case, case.right_department_id)


def dispatch_to(case: Case, department_id: int) -> None:
    """To this department."""
    if case.issue.status is Status.SUBMITTED:
        case.act("dispatch", case.dispatcher, department_id=department_id, assisting_ids=(), urgency=case.issue.urgency)


def accept(case: Case) -> None:
    """The department takes it."""
    case.act("accept", case.handler)


def progress(case: Case) -> None:
    """A line of progress."""
    case.act("note", case.handler, note=case.say(texts.PROGRESS_NOTES, due=day_text(case.day(3))))


def ask_info(case: Case) -> None:
    """The desk wants to know more."""
    case.act("ask_info", case.dispatcher, note=case.say(texts.INFO_REQUESTS))


def give_back(case: Case) -> None:
    """The department says that it is not for it."""
    other = case.another_department_id()
    note = case.say(texts.RETURN_REASONS, department=case.department(other))
    basis = case.say(texts.RETURN_BASES["duty"])
    case.act("return", case.handler, note=note, basis=basis, suggested_department_id=other)


def send_again(case: Case) -> None:
    """The desk refuses the return: the same department again."""
    lead = case.issue.department_id
    assert lead is not None
    note = case.say(texts.REDISPATCH_REASONS["refused"], department=case.department(lead))
    case.act("redispatch", case.dispatcher, department_id=lead, is_return_right=False, note=note)


def ask_extension(case: Case) -> None:
    """Three more working days."""
    assert case.issue.due_at is not None
    until = case.city.hours.day_after(day_of(case.issue.due_at), 3)
    note = case.say(texts.EXTENSION_REASONS, due=day_text(until))
    case.act("request_extension", case.handler, note=note, extend_to_on=until)


def grant_extension(case: Case) -> None:
    """As asked."""
    case.act("grant_extension", case.dispatcher, extend_to_on=case.issue.extension_asked_on, note="")


def ask_suspension(case: Case) -> None:
    """Until a month from now."""
    review_on = day_of(case.city.now) + timedelta(days=30)
    note = case.say(texts.SUSPEND_CONDITIONS, due=day_text(review_on))
    case.act("request_suspension", case.handler, note=note, review_on=review_on)


def suspend(case: Case) -> None:
    """As asked."""
    review_on = case.issue.suspension_asked_on
    case.act("suspend", case.office, note="同意挂账，条件具备后及时恢复办理。", review_on=review_on)


def verify(case: Case) -> None:
    """The officer finds it as answered, and hands the firm its link."""
    case.act("verify", case.officer)
    make_link(case)


def open_link(case: Case) -> None:
    """The firm looks at its link and has not answered yet."""
    actions.mark_opened(case.city.db, make_link(case), now=case.city.time)


def reject(case: Case) -> None:
    """The officer finds it not as answered."""
    case.act("reject_answer", case.officer, note=case.say(texts.REJECT_REASONS))


def dispute(case: Case) -> None:
    """The firm says that it is not solved."""
    comment = case.say(texts.DISPUTE_COMMENTS)
    link_id = make_link(case)
    actions.mark_opened(case.city.db, link_id, now=case.city.time)
    actions.confirm_by_firm(
        case.city.db, link_id, is_solved=False, is_satisfied=False, comment=comment, now=case.city.time
    )
    case.refresh()


def miss(case: Case) -> None:
    """The desk does not reach the firm."""
    case.act("log_contact", case.dispatcher, contact_mode=Mode.PHONE, note=case.say(texts.CONTACT_FAILURES))


def urge(case: Case) -> None:
    """The head asks to hurry."""
    case.act("urge", case.head, note=case.say(texts.URGE_TEXTS, due=day_text(case.day(2))))


def supervise(case: Case, level: Level, days: int) -> None:
    """The head wants a reply within so many working days."""
    note = case.say(texts.SUPERVISE_TEXTS[level])
    case.act("supervise", case.head, note=note, level=level, reply_by_on=case.day(days))


def assist(case: Case, department_id: int) -> None:
    """Another department is to help."""
    case.act("assist", case.dispatcher, assisting_ids=(department_id,))
