"""How an issue of the demo lives from its report to its end: one function for each status it may wait in."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time

from app.clock import LOCAL
from app.demo import texts
from app.demo.cases import Case, master_for
from app.demo.city import Steps
from app.demo.handling import handle
from app.demo.office_hours import DAY
from app.issues import actions
from app.issues.lifecycle import Outcome, Status
from app.rules.models import Urgency
from app.visits.models import Mode

LINK_DAYS = 14
NOT_SOLVED = {Outcome.EXPLAINED, Outcome.NOT_PERMITTED, Outcome.OUT_OF_REMIT, Outcome.LONG_TERM, Outcome.WITHDRAWN}


def live(case: Case) -> Steps:
    """Step by step through whatever status the issue stands at, until it has ended."""
    while not case.is_settled and (stage := _STAGES.get(case.issue.status)):
        yield from stage(case)


def _triage(case: Case) -> Steps:
    is_urgent = case.issue.urgency is Urgency.URGENT
    yield case.wait(25 if is_urgent else 110)
    if case.chance(0.012):
        case.act("void", case.office, note=case.say(texts.VOID_REASONS))
    elif not case.notes and case.chance(0.12):
        case.act("ask_info", case.dispatcher, note=case.say(texts.INFO_REQUESTS))
    elif case.chance(0.1) and case.reported.kind == "consultation":
        answer = texts.answered(case.rng, case.reported, case.city.today)
        by = case.officer if case.chance(0.4) else case.dispatcher
        case.act("answer_on_spot", by, outcome=Outcome.EXPLAINED, public_answer=answer.answer, note="")
    else:
        is_wrong = case.chance(0.12)
        department_id = case.another_department_id() if is_wrong else case.right_department_id
        assisting = (case.another_department_id(),) if not is_wrong and case.chance(0.15) else ()
        case.act(
            "dispatch",
            case.dispatcher,
            department_id=department_id,
            assisting_ids=assisting,
            urgency=case.issue.urgency,
        )


def _supplement(case: Case) -> Steps:
    yield case.wait(200)
    case.act("supplement", case.officer, note=case.say(texts.SUPPLEMENTS))


def _receive(case: Case) -> Steps:
    """A department accepts, or says that it is not for it."""
    yield case.wait(20 if case.issue.urgency is Urgency.URGENT else 95, 1.0)
    if case.chance(0.008):
        case.act("void", case.office, note=case.say(texts.VOID_REASONS))
    elif case.issue.return_count == 0 and (master := master_for(case)) and case.chance(0.5):
        case.act("merge", case.dispatcher, master_number=master.issue.number, note=case.say(texts.MERGE_REASONS))
    elif case.chance(_return_share(case)):
        other = case.another_department_id()
        case.act(
            "return",
            case.handler,
            note=case.say(texts.RETURN_REASONS, department=case.department(other)),
            basis=case.say(texts.RETURN_BASES[case.rng.choice(("duty", "law"))]),
            suggested_department_id=other,
        )
    else:
        case.act("accept", case.handler)


def _return_share(case: Case) -> float:
    if case.issue.department_id != case.right_department_id:
        return 0.75
    return 0.5 if case.issue.return_count else 0.04


def _redispatch(case: Case) -> Steps:
    yield case.wait(130)
    lead = case.issue.department_id
    assert lead is not None
    is_right = lead != case.right_department_id
    department_id = case.right_department_id if is_right else lead
    patterns = texts.REDISPATCH_REASONS["accepted" if is_right else "refused"]
    case.act(
        "redispatch",
        case.dispatcher,
        department_id=department_id,
        is_return_right=is_right,
        note=case.say(patterns, department=case.department(department_id)),
    )


def _designate(case: Case) -> Steps:
    yield case.wait(DAY)
    department_id = case.right_department_id
    by = case.head if case.chance(0.85) else case.office
    ruling = case.say(texts.RULINGS, department=case.department(department_id))
    case.act("designate", by, department_id=department_id, ruling=ruling)


def _suspended(case: Case) -> Steps:
    """It goes on by itself on the day of review, or earlier when the department says so."""
    review_on = case.issue.review_on
    assert review_on is not None
    if case.chance(0.4):
        yield case.wait(5 * DAY, 0.4)
        if case.city.today < review_on:
            case.act("resume", case.handler, note="")
            return
    yield datetime.combine(review_on, time(0, 5), LOCAL).astimezone(UTC)
    actions.advance_by_system(case.city.db, case.issue.id, "resume", brought={}, now=case.city.time)
    case.refresh()


def _verify(case: Case) -> Steps:
    yield case.wait(0.55 * DAY, 0.8)
    by = case.officer if case.chance(0.85) else case.dispatcher
    if case.issue.rework_count == 0 and case.chance(0.08):
        case.act("reject_answer", by, note=case.say(texts.REJECT_REASONS))
    else:
        case.act("verify", by)


def _callback(case: Case) -> Steps:
    """The officer hands over the link; the firm answers, or nobody reaches it."""
    city = case.city
    yield case.wait(20)
    make_link(case)
    if case.chance(0.07):
        yield from unreached(case)
        return
    yield case.wait(0.9 * DAY, 0.9)
    # The officer shows the same link again, or a new one when it has expired meanwhile.
    actions.mark_opened(city.db, make_link(case), now=city.time)
    yield case.wait(3, 0.5)
    link_id = make_link(case)
    is_solved = case.issue.outcome not in NOT_SOLVED and not case.chance(0.05)
    is_satisfied = case.chance(0.93)
    is_disputed = case.issue.reopen_count == 0 and case.chance(0.055)
    if is_disputed and case.chance(0.3):
        case.act("dispute_answer", case.dispatcher, note=case.say(texts.DISPUTE_COMMENTS))
        return
    comment = ""
    if is_disputed:
        is_solved = is_satisfied = False
        comment = case.say(texts.DISPUTE_COMMENTS)
    elif is_solved and is_satisfied and case.chance(0.4):
        comment = case.say(GENERAL_COMMENTS)
    elif not is_solved:
        is_satisfied = True
        comment = EXPLAINED_COMMENT if case.chance(0.4) else ""
    actions.confirm_by_firm(
        city.db, link_id, is_solved=is_solved, is_satisfied=is_satisfied, comment=comment, now=city.time
    )
    case.refresh()


def make_link(case: Case) -> int:
    """The firm's link from its officer."""
    return actions.make_link(case.city.db, case.issue.id, by=case.officer, now=case.city.time, days=LINK_DAYS)


EXPLAINED_COMMENT = "虽然没完全按我们想的办，但解释清楚了，能理解。"
_PARTICULAR = ("已到账", "路修", "停几次", "解释清楚")
GENERAL_COMMENTS = tuple(each for each in texts.CONFIRM_COMMENTS if not any(word in each for word in _PARTICULAR))


def unreached(case: Case) -> Steps:
    """Three failed contacts on three days, then the dispatcher closes it."""
    for _ in range(3):
        case.act("log_contact", case.dispatcher, contact_mode=Mode.PHONE, note=case.say(texts.CONTACT_FAILURES))
        yield case.city.hours.after(case.city.time, DAY + case.rng.uniform(-30, 30))
    while case.refresh().failed_contact_days < 3:
        case.act("log_contact", case.dispatcher, contact_mode=Mode.PHONE, note=case.say(texts.CONTACT_FAILURES))
        yield case.city.hours.after(case.city.time, DAY)
    case.act("close_unreached", case.dispatcher, note="三个工作日三次联系未果，答复已短信告知，按规定归档。")


def _closed(case: Case) -> Steps:
    """Most stay closed; a few come back when the trouble does."""
    case.is_settled = bool(case.issue.reopen_count) or not case.chance(0.015)
    if case.is_settled:
        return
    yield case.wait(7 * DAY, 0.4)
    by = case.officer if case.issue.is_reopen_window_open and case.chance(0.8) else case.office
    case.act("reopen", by, note=case.say(texts.DISPUTE_COMMENTS))


_STAGES: Mapping[Status, Callable[[Case], Steps]] = {
    Status.SUBMITTED: _triage,
    Status.NEEDS_INFO: _supplement,
    Status.DISPATCHED: _receive,
    Status.IN_PROGRESS: handle,
    Status.RETURNED: _redispatch,
    Status.DISPUTED: _designate,
    Status.SUSPENDED: _suspended,
    Status.PROPOSED: _verify,
    Status.CALLBACK: _callback,
    Status.CLOSED: _closed,
}
