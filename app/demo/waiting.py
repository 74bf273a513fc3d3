"""The work that waits for the six demo accounts, told on purpose so that each has something to do at any hour."""

from datetime import datetime, time
from functools import partial

from app.clock import LOCAL, day_of
from app.demo.city import City
from app.demo.handling import answer
from app.demo.people import HOME_DEPARTMENT, HOME_DISTRICT
from app.demo.told import (
    Teller,
    accept,
    ask_extension,
    ask_info,
    ask_suspension,
    assist,
    dispatch,
    dispatch_to,
    dispute,
    give_back,
    grant_extension,
    miss,
    open_link,
    progress,
    reject,
    send_again,
    supervise,
    suspend,
    urge,
    verify,
)
from app.issues.lifecycle import Level

POWER, INDUSTRY, LABOUR, LAND, BUILDING, CITY_WORKS = HOME_DEPARTMENT, 2, 9, 10, 12, 13
MARKET, TRANSPORT, TRADE, TAX, ENVIRONMENT, FINANCE = 25, 14, 18, 36, 11, 29
OTHER_DISTRICTS = (410402, 410403, 410421, 410423, 410425, 410471, 410482)


def load_waiting(city: City) -> set[int]:
    """Tell them; the firms that they are told of."""
    teller = Teller(city)
    _officer(teller)
    _handler(teller)
    _dispatcher(teller)
    _head(teller)
    _office(teller)
    return teller.told_firms


def _officer(teller: Teller) -> None:
    """Answers to verify, a question to reply to, firms that have their link, a case that came back."""
    tell = teller.tell

    def own():
        return teller.firm(officer="officer")

    tell(own(), 4.1, (3.9, accept), (2.2, progress), (0.6, answer), department_id=POWER)
    tell(own(), 5.2, (4.9, accept), (3.1, progress), (1.2, answer), department_id=CITY_WORKS)
    tell(own(), 3.6, (3.4, accept), (1.9, answer), department_id=LABOUR)
    tell(own(), 1.3, (0.7, ask_info), department_id=TRANSPORT, is_other=True)
    tell(own(), 6.1, (5.9, accept), (2.5, answer), (1.4, verify), (0.5, open_link), department_id=FINANCE)
    tell(own(), 4.6, (4.4, accept), (1.3, answer), (0.4, verify), department_id=TAX)
    tell(own(), 4.4, (4.2, accept), (2.0, answer), (1.0, reject), (0.4, progress), department_id=POWER)
    tell(own(), 9.2, (9.0, accept), (6.0, answer), (5.1, verify), (1.1, dispute), department_id=MARKET)
    tell(own(), 2.3, (2.1, accept), (0.9, progress), department_id=TRADE)
    tell(own(), 0.25, department_id=INDUSTRY, is_other=True, is_fresh=True)


def _handler(teller: Teller) -> None:
    """The power company's inbox: to accept, under way on every colour, a supervision to reply to."""
    tell, elsewhere = teller.tell, iter(OTHER_DISTRICTS * 4)

    def firm():
        return teller.firm(district_id=next(elsewhere))

    for ago in (0.12, 0.3, 0.45, 0.7):
        tell(firm(), ago, department_id=POWER, kind="")
    tell(firm(), 1.1, (0.8, partial(dispatch_to, department_id=POWER)), department_id=POWER, is_other=True)
    tell(firm(), 2.4, department_id=POWER)  # not accepted in time
    tell(firm(), 1.2, (0.9, accept), department_id=POWER, kind="")
    tell(firm(), 2.2, (2.0, accept), (0.8, progress), department_id=POWER)
    tell(firm(), 3.1, (2.9, accept), (1.7, progress), department_id=POWER, kind="advice")
    _amber(teller, firm())
    tell(firm(), 7.3, (7.1, accept), (4.5, progress), (1.6, urge), department_id=POWER)  # overdue
    tell(
        firm(), 3.7, (3.5, accept), (2.4, progress), (0.8, partial(supervise, level=Level.YELLOW, days=2)),
        department_id=POWER,
    )  # fmt: skip
    tell(firm(), 3.3, (3.1, accept), (0.6, ask_suspension), department_id=POWER)
    tell(firm(), 12.5, (12.3, accept), (10.0, ask_suspension), (9.2, suspend), department_id=POWER)
    tell(firm(), 5.4, (5.2, accept), (1.7, answer), department_id=POWER)
    tell(firm(), 2.6, (2.4, accept), (2.2, partial(assist, department_id=POWER)), department_id=CITY_WORKS)


def _amber(teller: Teller, firm) -> None:
    """A complaint of ten working days whose last fifth has begun, whatever the hour."""
    hours, now = teller.city.hours, teller.city.now
    today = day_of(now)
    ends_today = today in hours.days and now < datetime.combine(today, time(18, 0), LOCAL)
    last = today if ends_today else hours.day_after(today, 1)
    began = datetime.combine(hours.day_after(last, -10), time(10, 20), LOCAL)
    teller.tell(
        firm, 0, (9.0, accept), (5.0, progress), (1.5, progress), department_id=POWER, kind="complaint", at=began
    )


def _dispatcher(teller: Teller) -> None:
    """The desk of 湛河: what no rule routes, what came back, an extension asked for, a firm that nobody reaches."""
    tell = teller.tell

    def firm():
        return teller.firm(district_id=HOME_DISTRICT)

    for ago, department_id, urgency in (
        (0.03, CITY_WORKS, "normal"),
        (0.1, TRANSPORT, "urgent"),
        (0.22, MARKET, "normal"),
        (0.35, LAND, "normal"),
        (0.5, FINANCE, "normal"),
        (0.62, ENVIRONMENT, "normal"),
    ):
        tell(firm(), ago, department_id=department_id, urgency=urgency, is_other=True, is_fresh=True)
    tell(firm(), 0.9, (0.5, ask_info), department_id=BUILDING, is_other=True)
    tell(
        firm(), 1.5, (1.3, partial(dispatch_to, department_id=CITY_WORKS)), (0.6, give_back), department_id=BUILDING,
        is_other=True,
    )  # fmt: skip
    tell(firm(), 1.0, (0.4, give_back), department_id=TRADE)
    tell(firm(), 4.1, (3.9, accept), (2.0, progress), (0.5, ask_extension), department_id=POWER)
    tell(firm(), 3.8, (3.6, accept), (0.9, ask_extension), department_id=CITY_WORKS)
    tell(firm(), 9.0, (8.8, accept), (5.0, answer), (4.0, verify), (2.2, miss), (1.1, miss), department_id=LABOUR)


def _head(teller: Teller) -> None:
    """What the head of 湛河 must decide: two that nobody wants, three overdue, a supervision without a reply."""
    tell = teller.tell

    def firm():
        return teller.firm(district_id=HOME_DISTRICT)

    twice = ((4.0, give_back), (3.2, send_again))
    for department_id in (LAND, INDUSTRY):
        # How such a case was ruled before: the precedent.
        wrong = partial(dispatch_to, department_id=BUILDING)
        tell(
            firm(), 33.0, (32.5, wrong), (32.0, give_back), (31.0, send_again), (30.4, give_back),
            department_id=department_id, is_other=True, then_lives=True,
        )  # fmt: skip
        tell(firm(), 5.0, (4.6, wrong), *twice, (0.9, give_back), department_id=department_id, is_other=True)
    tell(firm(), 7.6, (7.3, accept), (5.0, progress), department_id=CITY_WORKS)
    tell(firm(), 8.4, (8.2, accept), (5.5, progress), (2.0, urge), department_id=LABOUR)
    tell(
        firm(), 10.2, (10.0, accept), (6.0, progress), (4.6, partial(supervise, level=Level.YELLOW, days=2)),
        department_id=MARKET,
    )  # fmt: skip
    tell(firm(), 13.0, (12.7, accept), (3.6, partial(supervise, level=Level.RED, days=2)), department_id=TRANSPORT)


def _office(teller: Teller) -> None:
    """What only the city decides: suspensions, second extensions, and cases of other districts."""
    tell = teller.tell

    def firm(district_id):
        return teller.firm(district_id=district_id)

    tell(firm(410402), 4.0, (3.8, accept), (0.7, ask_suspension), department_id=BUILDING, category_id=10)
    tell(firm(410422), 3.4, (3.2, accept), (1.2, ask_suspension), department_id=LAND)
    tell(
        firm(410403), 6.0, (5.8, accept), (3.0, ask_extension), (2.6, grant_extension), (0.5, ask_extension),
        department_id=CITY_WORKS,
    )  # fmt: skip
    tell(
        firm(410482), 5.0, (4.6, partial(dispatch_to, department_id=TRADE)), (4.1, give_back), (3.3, send_again),
        (0.8, give_back), department_id=INDUSTRY, is_other=True,
    )  # fmt: skip
    tell(firm(410481), 0.3, department_id=TAX, is_other=True, is_fresh=True)
    tell(firm(410471), 0.5, department_id=ENVIRONMENT, is_other=True, is_fresh=True)
    tell(firm(410425), 1.4, (1.2, dispatch), (0.4, give_back), department_id=TRANSPORT, is_other=True)
