"""The demo's audit log: people signing in, a few wrong passwords, contacts looked up."""

from datetime import datetime
from random import Random

from app.audit import store
from app.demo.city import City, Steps
from app.demo.office_hours import DAY

DAYS = 15
SIGN_INS, REFUSALS, REVEALS, POSITIONS = 400, 14, 90, 40


def plan_audit(city: City, *, scale: float) -> None:
    """Let the last three weeks of such rows happen in their order."""
    rng = Random(city.rng.getrandbits(64))
    everyone = city.people.everyone()

    def some_time() -> datetime:
        return city.before_now(rng.uniform(5, DAYS * DAY))

    for user in city.people.demo.values():
        for day in range(DAYS):
            moment = city.before_now(day * DAY + rng.uniform(30, 200))
            city.start(_entry(city, moment, "sign_in", f"user:{user.id}", user.id))
    for _ in range(round(SIGN_INS * scale)):
        user, moment = rng.choice(everyone), some_time()
        city.start(_entry(city, moment, "sign_in", f"user:{user.id}", user.id))
        if rng.random() < 0.3:
            city.start(_entry(city, city.hours.after(moment, 90), "sign_out", f"user:{user.id}", user.id))
    for _ in range(REFUSALS):
        city.start(_entry(city, some_time(), "sign_in_refused", "account", None))
    for action, count in (("contact_revealed", REVEALS), ("firm_positioned", POSITIONS)):
        for firm in rng.sample(list(city.firms), min(count, len(city.firms))):
            city.start(_entry(city, some_time(), action, f"firm:{firm.id}", firm.officer.id))


def _entry(city: City, moment: datetime, action: str, object_: str, by_id: int | None) -> Steps:
    yield moment
    store.add_entry(city.db, action, object_, by_id=by_id, now=city.time)
