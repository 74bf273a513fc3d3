"""The demo's two campaigns: the one before, and the one that runs now with two questions."""

from datetime import date, datetime, time, timedelta
from random import Random

from app.campaigns import actions, store
from app.campaigns.models import NewCampaign, NewQuestion, QuestionKind, Step, TargetKind
from app.clock import LOCAL, day_of
from app.demo.city import City, Steps
from app.demo.firms import DemoFirm
from app.demo.office_hours import DAY
from app.notices import actions as notices

CAMPAIGN_BEGAN, CAMPAIGN_ENDS = timedelta(weeks=6), timedelta(weeks=3)
EARLIER_BEGAN = timedelta(weeks=14)
_QUARTERS = "一二三四"
_BEGINS = time(9)

QUESTIONS = (
    NewQuestion(
        "近三个月订单比去年同期",
        QuestionKind.CHOICE,
        ("增加", "持平", "减少"),
        "汇总后研判哪些行业要帮扶，不单独公布",
    ),
    NewQuestion("知道惠企政策可以免申即享吗", QuestionKind.YES_NO, (), "看政策宣传到没到企业"),
)


def tell_campaigns(city: City) -> Steps:
    """Both begin, and the earlier one ends, each on its morning."""
    today = day_of(city.now)
    began, ends, earlier = today - CAMPAIGN_BEGAN, today + CAMPAIGN_ENDS, today - EARLIER_BEGAN
    before = NewCampaign(f"{earlier.year}年助企纾困专项走访", earlier, began - timedelta(days=1))
    yield _morning(earlier)
    _begin(city, before)
    middle = began + (ends - began) / 2
    quarter = _QUARTERS[(middle.month - 1) // 3]
    yield _morning(began)
    actions.end_over(city.db, now=city.time)
    _begin(
        city,
        NewCampaign(
            f"{middle.year}年第{quarter}季度企业大走访",
            began,
            ends,
            target=95,
            target_kind=TargetKind.SHARE,
            remind_days=3,
            questions=QUESTIONS,
        ),
    )
    yield city.before_now(3 * DAY)
    running = store.get_started(city.db)
    assert running is not None
    actions.remind(city.db, running.id, by=city.people.office[0], now=city.time)
    notices.tell_campaigns(city.db, now=city.time)


def _morning(on: date) -> datetime:
    return datetime.combine(on, _BEGINS, LOCAL)


def _begin(city: City, new: NewCampaign) -> None:
    office = city.people.office[0]
    campaign_id = actions.create_campaign(city.db, new, by=office, now=city.time)
    actions.move_campaign(city.db, campaign_id, Step.BEGIN, version=1, by=office, now=city.time)
    city.questions = store.list_questions(city.db, campaign_id)


def answers(city: City, firm: DemoFirm, visited_at: datetime) -> tuple[tuple[int, str], ...]:
    """What a firm says to the running campaign's questions, at most once; not every firm is asked everything."""
    if not city.questions or not firm.is_operating or firm.id in city.answered:
        return ()
    city.answered.add(firm.id)
    rng = Random(f"{firm.id} {visited_at}")
    return tuple((each.id, rng.choice(each.options)) for each in city.questions if rng.random() < 0.8)
