"""One issue of the demo while its life is told: who acts on it next, and what they write."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from random import Random

from app.demo import texts
from app.demo.city import City, Steps
from app.demo.drawings import CATEGORY_SCENES
from app.demo.firms import DemoFirm
from app.issues import actions, store
from app.issues.lifecycle import Status
from app.issues.models import Issue, NewIssue
from app.people.models import User
from app.rules.models import Kind, Urgency

OTHER_CATEGORY = 20
"""Where an officer puts what she cannot place; no rule routes it, so the dispatcher decides."""

PLACED_UNDER_OTHER = 0.13


@dataclass
class Case:
    """An issue with its texts; `issue` is always as it stands."""

    city: City
    rng: Random
    firm: DemoFirm
    reported: texts.Reported
    issue: Issue
    notes: list[str] = field(default_factory=list)  # the patterns said so far
    is_settled: bool = False
    delay: float = 0.0  # minutes of work that extensions have added

    @property
    def officer(self) -> User:
        """Who reported it."""
        return self.firm.officer

    @property
    def dispatcher(self) -> User:
        """The district's desk."""
        return self.city.people.dispatchers[self.issue.district_id]

    @property
    def head(self) -> User:
        """The district's head."""
        return self.city.people.heads[self.issue.district_id]

    @property
    def office(self) -> User:
        """The city's office."""
        return self.city.people.office[self.issue.id % 5 == 0]

    @property
    def handler(self) -> User:
        """A handler of the leading department, the same as long as it leads."""
        assert self.issue.department_id is not None
        return self.city.handler_of(self.issue.department_id, self.issue.id)

    @property
    def right_department_id(self) -> int:
        """The department whose duty it is."""
        return self.reported.department_id

    def act(self, action: str, by: User, *, pictures=(), **brought: object) -> None:
        """One real move at the step's moment."""
        self.issue = actions.advance(
            self.city.db,
            self.issue.id,
            action,
            by=by,
            now=self.city.time,
            version=None,
            brought=brought,
            pictures=pictures,
        )

    def refresh(self) -> Issue:
        """The issue after a move of the system or the firm."""
        issue = store.get_issue_for_system(self.city.db, self.issue.id, now=self.city.time)
        assert issue is not None
        self.issue = issue
        return issue

    def wait(self, minutes: float, spread: float = 0.7) -> datetime:
        """A moment about so many minutes of work from now."""
        return self.city.later(minutes * self.rng.lognormvariate(0, spread))

    def chance(self, share: float) -> bool:
        """Whether something happens that happens in this share of cases."""
        return self.rng.random() < share

    def say(self, patterns, **slots: object) -> str:
        """A sentence of today; not the one said last."""
        fresh = [each for each in patterns if each not in self.notes] or list(patterns)
        pattern = self.rng.choice(fresh)
        self.notes.append(pattern)
        return texts.say(self.rng, [pattern], self.city.today, **slots)

    def department(self, department_id: int) -> str:
        """A department's name."""
        return self.city.departments[department_id]

    def another_department_id(self) -> int:
        """A department that the present one might name instead of itself."""
        lead, right = self.issue.department_id, self.right_department_id
        if lead != right:
            return right
        others = [each for each in self.city.related[self.reported.category_id] if each != lead]
        return self.rng.choice(others or [each for each in self.city.departments if each != lead])

    def day(self, n: int) -> date:
        """The n-th working day from today."""
        return self.city.hours.day_after(self.city.today, n)


@dataclass(frozen=True)
class Problem:
    """A problem told on purpose: what is reported under which category, and how it goes on."""

    reported: texts.Reported
    category_id: int
    go_on: Callable[[Case], Steps]


def report(
    city: City,
    rng: Random,
    firm: DemoFirm,
    visit_id: int,
    *,
    reported: texts.Reported | None = None,
    category_id: int | None = None,
) -> Case:
    """Report a problem found on a visit; drawn at random when none is given."""
    if reported is None:
        reported = texts.report(rng, city.today, firm.trade)
    if category_id is None:
        category_id = OTHER_CATEGORY if rng.random() < PLACED_UNDER_OTHER else reported.category_id
    has_place = firm.latitude is not None and rng.random() < 0.5
    new = NewIssue(
        category_id=category_id,
        kind=Kind(reported.kind),
        urgency=Urgency(reported.urgency),
        title=reported.title,
        description=reported.description,
        latitude=firm.latitude if has_place else None,
        longitude=firm.longitude if has_place else None,
        accuracy_m=rng.randint(5, 50) if has_place else None,
    )
    pictures = city.some_pictures(rng, CATEGORY_SCENES[reported.category_id], 2) if rng.random() < 0.22 else ()
    issue_id = actions.report(
        city.db,
        new,
        firm_id=firm.id,
        district_id=firm.district_id,
        visit_id=visit_id,
        pictures=pictures,
        by=firm.officer,
        now=city.time,
    )
    issue = store.get_issue_for_system(city.db, issue_id, now=city.time)
    assert issue is not None
    case = Case(city, rng, firm, reported, issue)
    city.reported[issue.district_id, issue.category_id].append(case)
    return case


def master_for(case: Case) -> Case | None:
    """An earlier issue still open that this one may be merged into: same district and category."""
    earlier = case.city.reported[case.issue.district_id, case.issue.category_id]
    open_ones = [
        each
        for each in earlier
        if each.issue.id < case.issue.id
        and each.reported.template is case.reported.template
        and each.issue.status in (Status.DISPATCHED, Status.IN_PROGRESS)
    ]
    return open_ones[-1] if open_ones else None
