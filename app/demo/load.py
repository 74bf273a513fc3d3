"""Loading the demo city: the same people, firms, visits and problems for the same seed and moment."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlite_utils import Database

from app.clock import day_of
from app.db import transaction
from app.demo.audit import plan_audit
from app.demo.bulletins import load_bulletins
from app.demo.canned import load_canned_answers
from app.demo.city import City
from app.demo.firms import load_firms
from app.demo.office_hours import OfficeHours
from app.demo.people import load_people
from app.demo.pictures import VARIANTS, draw_pictures
from app.demo.rosters import load_rosters
from app.demo.visits import load_campaigns, plan_visits
from app.demo.waiting import load_waiting
from app.departments import store as departments
from app.errors import Conflict
from app.i18n import N_
from app.notices import actions as notices
from app.rules import store as rules
from app.settings import set_setting

SEED = 2026
NOT_EMPTY = N_("这个数据库里已经有账号，不能装入演示城市。请换一个新的数据文件夹，或先删除旧的。")


def load_demo(
    db: Database,
    *,
    seed: int = SEED,
    now: datetime,
    photo_folder: Path,
    echo: Callable[[str], None] = lambda line: None,
    scale: float = 1.0,
    pictures_each: int = VARIANTS,
) -> None:
    """Fill a migrated database with the demo city as it stands at `now`, all or nothing.

    `scale` makes a smaller city (tests); the work that waits for the six demo accounts is in every one. Raises Conflict
    when the database already holds accounts.
    """
    if db["users"].count:
        raise Conflict(NOT_EMPTY)
    pictures = draw_pictures(photo_folder, seed=seed, variants=pictures_each)
    echo(f"{sum(len(each) for each in pictures.values())} pictures")
    rng = Random(seed)
    with transaction(db):
        people = load_people(db, scale=scale, now=now - timedelta(days=200))
        echo(f"{len(people.everyone())} accounts")
        firms = load_firms(db, rng, people, scale=scale, now=now)
        echo(f"{len(firms)} firms")
        calendar = rules.get_calendar(db)
        hours = OfficeHours(calendar, day_of(now) - timedelta(weeks=20), day_of(now) + timedelta(weeks=30))
        related: dict[int, tuple[int, ...]] = defaultdict(tuple)
        for row in db["category_departments"].rows_where(order_by="category_id, position"):
            related[row["category_id"]] += (row["department_id"],)
        city = City(
            db=db,
            rng=rng,
            now=now,
            hours=hours,
            people=people,
            firms=firms,
            departments={row["id"]: row["name"] for row in departments.list_departments(db)},
            related=related,
            pictures=pictures,
        )
        load_campaigns(city)
        plan_visits(city, told=load_waiting(city))
        plan_audit(city, scale=scale)
        with rules.read_once(db):
            city.run()
        load_bulletins(city)
        load_rosters(city)
        load_canned_answers(city)
        # Everybody has heard what happened, and nothing of it leaves the house: the past of a city is no news.
        notices.catch_up(db, now=now, outgoing=notices.Outgoing())
        notices.remind(db, now=now, outgoing=notices.Outgoing())
        set_setting(db, "demo", str(seed))
    echo(f"{db['visits'].count} visits")
    echo(f"{db['issues'].count} issues")
