"""What happens while a department handles a demo issue: progress, extensions, suspensions, nudges, the answer."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from app.clock import day_of
from app.demo import texts
from app.demo.cases import Case
from app.demo.city import Steps
from app.demo.drawings import CATEGORY_SCENES
from app.demo.office_hours import DAY
from app.demo.texts_base import day_text
from app.demo.texts_moves import ANSWER_OPENINGS
from app.issues.lifecycle import MAX_EXTENSIONS, Level, Outcome, Status
from app.photos.intake import Picture
from app.rules.models import Urgency
from app.visits.models import Mode

SLOW = 0.085
"""The share of departments' work that overruns its limit."""

Aside = Callable[[Case], Steps]
"""Something that happens on the way."""

_OUTCOMES = (Outcome.PARTLY, Outcome.NOT_PERMITTED, Outcome.OUT_OF_REMIT, Outcome.LONG_TERM, Outcome.WITHDRAWN)


def handle(case: Case) -> Steps:
    """Work on it until it is answered, returned or suspended."""
    started, case.delay = case.city.time, 0.0
    limit = _limit(case)
    pace = case.rng.uniform(1.05, 2.4) if case.chance(SLOW) else min(case.rng.betavariate(3, 2.4), 0.95)
    end = max(limit * pace, case.rng.uniform(60, 150))
    for share, aside in sorted(_asides(case, pace), key=lambda each: each[0]):
        yield case.city.hours.after(started, share * limit)
        before = case.issue.status
        yield from aside(case)
        if case.issue.status is not before:
            return
    yield case.city.hours.after(started, end + case.delay)
    answer(case)


def _limit(case: Case) -> float:
    """Minutes of work until it is due, and at least a couple of hours."""
    due_at = case.issue.due_at
    return max(case.city.hours.between(case.city.time, due_at), 120.0) if due_at else 2.0 * DAY


def _asides(case: Case, pace: float) -> list[tuple[float, Aside]]:
    """What else happens on the way, each at its share of the limit."""
    rng = case.rng
    found: list[tuple[float, Aside]] = []
    if pace > 0.3:
        found = [(rng.uniform(0.1, pace * 0.9), _progress) for _ in range(rng.choice((0, 0, 1, 1, 2)))]
    if case.issue.urgency is Urgency.NORMAL and pace > 0.7 and case.chance(0.3):
        found.append((rng.uniform(0.45, 0.62), _extension))
    for share, at, aside in (
        (0.03, 0.3, _suspension),
        (0.02, 0.2, _assistance),
        (0.012, 0.35, _long_term),
        (0.03, 0.5, _urging),
        (0.03, 0.4, _late_return),
    ):
        if pace > at and case.chance(share):
            found.append((at, aside))
    if pace > 1.1 and case.chance(0.6):
        found.append((1.05, _urging))
    if pace > 1.3 and case.chance(0.7):
        found.append((1.25, _supervision))
    if pace > 2.0:
        found.append((1.9, _sharper_supervision))
    return found


def _progress(case: Case) -> Steps:
    yield case.wait(5)
    case.act("note", case.handler, note=case.say(texts.PROGRESS_NOTES, due=day_text(case.day(3))))


def _extension(case: Case) -> Steps:
    """Asked for in time; the district decides the first, the city the second."""
    city, issue = case.city, case.issue
    if (
        issue.is_extension_pending
        or issue.extension_count >= MAX_EXTENSIONS
        or not issue.due_at
        or city.time >= issue.due_at
    ):
        return
    days = case.rng.randint(2, 5)
    until = city.hours.day_after(day_of(issue.due_at), days)
    note = case.say(texts.EXTENSION_REASONS, due=day_text(until))
    case.act("request_extension", case.handler, note=note, extend_to_on=until)
    yield case.wait(150)
    by = case.dispatcher if case.issue.extension_count == 0 else case.office
    if case.chance(0.2):
        case.act("refuse_extension", by, note="事项不复杂，请按原定时限办结，确有困难的先分步答复企业。")
        return
    case.act("grant_extension", by, extend_to_on=until, note="")
    case.delay += days * DAY * 0.8
    if case.chance(0.2):
        yield case.wait(1.2 * DAY, 0.3)
        yield from _extension(case)


def _suspension(case: Case) -> Steps:
    """Asked for by the department, decided by the city."""
    review_on = case.city.today + timedelta(days=case.rng.randint(10, 60))
    note = case.say(texts.SUSPEND_CONDITIONS, due=day_text(review_on))
    case.act("request_suspension", case.handler, note=note, review_on=review_on)
    yield case.wait(0.8 * DAY)
    if case.chance(0.3):
        case.act("refuse_suspension", case.office, note="条件不充分，请继续办理，办理中的困难可申请延期。")
    else:
        case.act("suspend", case.office, note=note, review_on=max(review_on, case.day(1)))


def _long_term(case: Case) -> Steps:
    """The head sees that it takes longer than a limit, and when it is looked at again."""
    yield case.wait(30)
    review_on = case.city.today + timedelta(days=case.rng.randint(30, 75))
    note = case.say(texts.SUSPEND_CONDITIONS, due=day_text(review_on))
    case.act("list_long_term", case.head, note=note, review_on=review_on)


def _assistance(case: Case) -> Steps:
    yield case.wait(5)
    case.act("assist", case.dispatcher, assisting_ids=(case.another_department_id(),))


def _urging(case: Case) -> Steps:
    by = case.head if case.chance(0.7) else case.office
    case.act("urge", by, note=case.say(texts.URGE_TEXTS, due=day_text(case.day(2))))
    if case.chance(0.6):
        yield case.wait(120)
        case.act("note", case.handler, note=case.say(texts.PROGRESS_NOTES, due=day_text(case.day(3))))


def _supervision(case: Case, level: Level = Level.YELLOW) -> Steps:
    by = case.head if case.chance(0.6) else case.office
    reply_by_on = case.day(case.rng.randint(1, 3))
    case.act("supervise", by, note=case.say(texts.SUPERVISE_TEXTS[level]), level=level, reply_by_on=reply_by_on)
    yield case.wait(0.7 * DAY)
    case.act("reply", case.handler, note=case.say(texts.REPLY_TEXTS, due=day_text(case.day(2))))


def _sharper_supervision(case: Case) -> Steps:
    return _supervision(case, Level.RED)


def _late_return(case: Case) -> Steps:
    """After the accept window a return needs the dispatcher's consent."""
    if case.issue.is_accept_window_open or case.issue.return_count:
        return
    case.act("agree_return", case.dispatcher, note="经与责任单位会商，该件需调整办理单位，同意退回。")
    yield case.wait(60)
    other = case.another_department_id()
    note = case.say(texts.RETURN_REASONS, department=case.department(other))
    basis = case.say(texts.RETURN_BASES["duty"])
    case.act("return", case.handler, note=note, basis=basis, suggested_department_id=other)


def answer(case: Case) -> None:
    """The department's answer: what was done, what the firm reads, and evidence where it is solved."""
    assert case.issue.status is Status.IN_PROGRESS
    rng, today = case.rng, case.city.today
    told = texts.answered(rng, case.reported, today)
    outcome, note, public = Outcome(told.outcome), told.action, told.answer
    if case.issue.rework_count or case.issue.reopen_count:
        note = f"重新核查并与企业当面沟通：{note}"
        public = f"您好，您反映的问题已重新办理。{_without_opening(public)}"
    if case.chance(0.05):
        outcome = rng.choice(_OUTCOMES)
        public = case.say(texts.OUTCOME_ANSWERS[outcome])
        note = case.say(texts.WITHDRAW_REASONS) if outcome is Outcome.WITHDRAWN else note
    brought: Mapping[str, object] = {
        "outcome": outcome,
        "note": note,
        "public_answer": public,
        "contacted_on": today if case.chance(0.7) else max(case.day(-1), case.issue.reported_at.date()),
        "contact_mode": rng.choices((Mode.PHONE, Mode.ON_SITE, Mode.VIDEO), (60, 37, 3))[0],
    }
    pictures: tuple[Picture, ...] = ()
    if outcome is Outcome.SOLVED:
        if case.chance(0.25):
            pictures = case.city.some_pictures(rng, CATEGORY_SCENES[case.reported.category_id], 2)
        if not pictures:
            brought = {**brought, "evidence": rng.choice(EVIDENCE)}
    case.act("answer", case.handler, pictures=pictures, **brought)


def _without_opening(text: str) -> str:
    for opening in sorted(ANSWER_OPENINGS, key=len, reverse=True):
        text = text.removeprefix(opening)
    return text


EVIDENCE = ("现场验收记录", "企业签收单", "办结通知书", "系统办结截图，存本单位", "与企业负责人通话记录", "回执单")
