"""Which rule wins, and what it says for itself."""

from datetime import date

import pytest

from app.rules.routing import Fact, Rule, explain, route

WATER, POWER, CITY_WORKS, ZONE, WATER_WORKS = 40, 39, 13, 12, 41
XINHUA, ZHANHE = 410402, 410411
SINCE, ON = date(2025, 1, 1), date(2026, 3, 2)


def _rule(rule_id, department_id, *, keywords=(), district_id=None, category_id=4, valid_from=SINCE, **more):
    return Rule(
        id=rule_id,
        category_id=category_id,
        district_id=district_id,
        keywords=keywords,
        department_id=department_id,
        assisting_ids=more.pop("assisting_ids", ()),
        valid_from=valid_from,
        **more,
    )


CITY = _rule(1, POWER)
DISTRICT = _rule(2, ZONE, district_id=XINHUA)
KEYWORD = _rule(3, WATER, keywords=("停水", "水压"))
KEYWORD_DISTRICT = _rule(4, CITY_WORKS, keywords=("水压",), district_id=XINHUA)
OTHER_CATEGORY = _rule(5, 1, category_id=9)
NEWER = _rule(6, WATER_WORKS, valid_from=date(2026, 1, 1))
TWIN = _rule(7, 2)
ENDED = _rule(8, 3, keywords=("停水",), valid_to=ON)
FUTURE = _rule(9, 4, keywords=("停水",), valid_from=date(2026, 3, 3))
LATIN = _rule(10, 5, keywords=("5G",))


def _route(*rules, text="", district_id=ZHANHE, category_id=4, on=ON):
    return route(rules, category_id=category_id, district_id=district_id, text=text, on=on)


@pytest.mark.parametrize(
    ("rules", "asked", "winner"),
    [
        ((), {}, None),
        ((OTHER_CATEGORY,), {}, None),
        ((CITY,), {}, CITY),
        ((KEYWORD,), {"text": "断网"}, None),
        ((CITY, KEYWORD), {"text": "厂区经常停水"}, KEYWORD),
        ((CITY, KEYWORD), {"text": "厂区停电"}, CITY),
        ((DISTRICT,), {"district_id": ZHANHE}, None),
        ((DISTRICT,), {"district_id": None}, None),
        ((CITY, DISTRICT), {"district_id": XINHUA}, DISTRICT),
        ((CITY, DISTRICT), {"district_id": ZHANHE}, CITY),
        ((DISTRICT, KEYWORD), {"district_id": XINHUA, "text": "停水"}, KEYWORD),
        ((KEYWORD, KEYWORD_DISTRICT), {"district_id": XINHUA, "text": "水压低"}, KEYWORD_DISTRICT),
        ((KEYWORD, KEYWORD_DISTRICT), {"district_id": XINHUA, "text": "停水"}, KEYWORD),
        ((NEWER, CITY), {}, NEWER),
        ((CITY, NEWER), {"on": date(2025, 12, 31)}, CITY),
        ((DISTRICT, NEWER), {"district_id": XINHUA}, DISTRICT),
        ((CITY, TWIN), {}, CITY),
        ((TWIN, CITY), {}, CITY),
        ((CITY, ENDED), {"text": "停水"}, CITY),
        ((CITY, ENDED), {"text": "停水", "on": date(2026, 3, 1)}, ENDED),
        ((CITY, FUTURE), {"text": "停水"}, CITY),
        ((LATIN,), {"text": "没有5g信号"}, LATIN),
        ((LATIN,), {"text": "没有５Ｇ信号"}, LATIN),
    ],
)
def test_precedence(rules, asked, winner):
    decision = _route(*rules, **asked)
    assert (decision.rule if decision else None) == winner
    if decision:
        assert decision.department_id == winner.department_id


def test_the_order_of_the_rules_does_not_matter():
    rules = [CITY, DISTRICT, KEYWORD, KEYWORD_DISTRICT, NEWER, TWIN]
    asked = {"category_id": 4, "district_id": XINHUA, "text": "停水后水压低", "on": ON}
    decisions = explain(rules, **asked)
    assert [each.rule for each in decisions] == [KEYWORD_DISTRICT, KEYWORD, DISTRICT, NEWER, CITY, TWIN]
    assert explain(reversed(rules), **asked) == decisions
    assert route(rules, **asked) == decisions[0]


def test_a_decision_says_why():
    asked = {"category_id": 4, "district_id": XINHUA, "text": "停水后水压低", "on": ON}
    because = {each.rule.id: each.because for each in explain([CITY, DISTRICT, KEYWORD], **asked)}
    assert because == {
        3: ((Fact.KEYWORD, "停水"), (Fact.KEYWORD, "水压"), (Fact.CATEGORY, 4)),
        2: ((Fact.DISTRICT, XINHUA), (Fact.CATEGORY, 4)),
        1: ((Fact.CATEGORY, 4),),
    }


def test_the_lead_does_not_assist_itself():
    assert _route(_rule(1, POWER, assisting_ids=(WATER, POWER))).assisting_ids == (WATER,)
