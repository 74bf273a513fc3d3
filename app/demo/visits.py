"""The demo's visits: twelve weeks of them, and on every fifth visit a problem that is reported."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from app.clock import day_of
from app.demo import texts
from app.demo.campaigns import CAMPAIGN_BEGAN, answers, tell_campaigns
from app.demo.cases import Problem, report
from app.demo.city import City, Steps
from app.demo.drawings import VISIT_SCENES
from app.demo.firms import DemoFirm
from app.demo.lives import live
from app.demo.office_hours import DAY
from app.photos import store as photos
from app.places.distance import Position, distance_m
from app.visits import store
from app.visits.models import Mode, NewVisit, Topic

WEEKS = 12
UNVISITED_BY_DEMO_OFFICER = 5
PROBLEM_SHARE = 0.186
_TOPIC_WEIGHTS = {
    Topic.OPERATION: 9, Topic.LABOUR: 4, Topic.FINANCE: 4, Topic.PROJECT: 3,
    Topic.POLICY: 6, Topic.SAFETY: 5, Topic.MARKET: 4, Topic.OTHER: 2,
}  # fmt: skip


def load_campaigns(city: City) -> None:
    """Let the campaigns begin and end, each on its morning."""
    city.start(tell_campaigns(city))


def plan_visits(city: City, *, told: set[int]) -> None:
    """Let every firm be visited a few times; the firms `told` of have had their visit in the campaign already."""
    rng, hours = city.rng, city.hours
    own = [firm.id for firm in city.firms if firm.officer.username == "officer" and firm.id not in told]
    left_out = set(rng.sample(own, UNVISITED_BY_DEMO_OFFICER))
    shares = {district_id: rng.uniform(0.72, 0.94) for district_id in city.people.officers}
    for firm in city.firms:
        is_covered = rng.random() < shares[firm.district_id] * (1.0 if firm.is_operating else 0.4)
        if firm.officer.username == "officer":
            is_covered = firm.id not in left_out
        last = 0.0
        for minutes in sorted(_moments(city, firm, is_covered=is_covered, is_told=firm.id in told)):
            if minutes - last > DAY:
                city.start(visit(city, firm, hours.moment(minutes), problems=_problems(rng)))
                last = minutes


def _moments(city: City, firm: DemoFirm, *, is_covered: bool, is_told: bool) -> list[float]:
    """When a firm is visited, in minutes of work. The demo officer's newest days are told one by one elsewhere."""
    rng, hours = city.rng, city.hours
    first = hours.minutes(city.now - timedelta(weeks=WEEKS))
    began = hours.minutes(city.now - CAMPAIGN_BEGAN + timedelta(days=1))
    newest = hours.minutes(city.now) - (1.5 * DAY if firm.officer.username == "officer" else 0)
    if is_told:
        return [rng.uniform(first, newest - 15 * DAY) for _ in range(rng.randint(1, 3))]
    if is_covered:
        return [rng.uniform(began, newest), *(rng.uniform(first, newest) for _ in range(rng.randint(2, 5)))]
    return [rng.uniform(first, began - 2 * DAY) for _ in range(rng.randint(1, 4))]


def _problems(rng: Random) -> int:
    if rng.random() >= PROBLEM_SHARE:
        return 0
    return 2 if rng.random() < 0.06 else 1


def visit(
    city: City, firm: DemoFirm, visited_at: datetime, *, problems: int = 0, told: Sequence[Problem] = ()
) -> Steps:
    """One visit, taken in when it reaches the server; its problems go their own ways from there."""
    rng = Random(city.rng.getrandbits(64))
    is_offline = not told and rng.random() < 0.06
    yield visited_at + timedelta(seconds=rng.randint(3600, 14400) if is_offline else rng.randint(40, 400))
    visit_id = _record(city, rng, firm, visited_at, problems + len(told))
    for _ in range(problems):
        case = report(city, rng, firm, visit_id)
        city.start(live(case))
    for problem in told:
        case = report(city, rng, firm, visit_id, reported=problem.reported, category_id=problem.category_id)
        city.start(problem.go_on(case))


def _record(city: City, rng: Random, firm: DemoFirm, visited_at: datetime, problems: int) -> int:
    mode = rng.choices((Mode.ON_SITE, Mode.PHONE, Mode.VIDEO), (84, 14, 2))[0]
    topics = _topics(rng)
    filler = texts.Filler(rng, day_of(visited_at), firm.trade)
    latitude = longitude = accuracy = distance = None
    if mode is Mode.ON_SITE and firm.latitude is not None and firm.longitude is not None and rng.random() < 0.7:
        latitude = round(firm.latitude + rng.gauss(0, 0.0006), 5)
        longitude = round(firm.longitude + rng.gauss(0, 0.0007), 5)
        accuracy = rng.randint(4, 65)
        distance = distance_m(Position(latitude, longitude), Position(firm.latitude, firm.longitude))
    new = NewVisit(
        client_key=_key(rng, visited_at),
        firm_id=firm.id,
        visited_at=visited_at,
        mode=mode,
        topics=topics,
        notes=texts.visit_notes(rng, topics, filler, problems) if problems or rng.random() < 0.8 else "",
        contact_name=firm.contact if rng.random() < 0.8 else "",
        latitude=latitude,
        longitude=longitude,
        accuracy_m=accuracy,
        issues=(),
        answers=answers(city, firm, visited_at),
    )
    pictures = city.some_pictures(rng, VISIT_SCENES, 2) if mode is Mode.ON_SITE and rng.random() < 0.045 else ()
    visit_id = store.insert_visit(
        city.db,
        new,
        body_sha256=new.body_sha256([[picture.original_sha256 for picture in pictures]]),
        district_id=firm.district_id,
        officer_id=firm.officer.id,
        distance_m=distance,
        now=city.time,
    )
    assert visit_id is not None, "the keys are drawn at random"
    for number, answer in new.answers:
        store.insert_answer(city.db, visit_id, number=number, question_id=number, answer=answer)
    for position, picture in enumerate(pictures):
        photos.insert_photo(
            city.db, picture, visit_id=visit_id, position=position, added_by=firm.officer.id, now=city.time
        )
    return visit_id


def _topics(rng: Random) -> tuple[Topic, ...]:
    drawn = rng.choices(list(_TOPIC_WEIGHTS), list(_TOPIC_WEIGHTS.values()), k=rng.choice((1, 1, 2, 2, 3)))
    return tuple(dict.fromkeys(drawn))


def _key(rng: Random, moment: datetime) -> str:
    """A UUIDv7 as a phone would have made it then."""
    milliseconds = int(moment.timestamp() * 1000) + rng.randint(0, 999)
    value = milliseconds << 80 | 0x7 << 76 | rng.getrandbits(12) << 64 | 0b10 << 62 | rng.getrandbits(62)
    return str(uuid.UUID(int=value))
