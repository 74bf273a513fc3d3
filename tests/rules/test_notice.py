"""The State Council's notices as they were written give just the days that the calendar knows; slips are found."""

import csv
from datetime import date
from pathlib import Path

import pytest

from app.rules.notice import MAKE_UP, Unreadable, read_notice

ROOT = Path(__file__).resolve().parents[2]

NOTICES = {
    2023: """一、元旦：2022年12月31日至2023年1月2日放假调休，共3天。
二、春节：1月21日至27日放假调休，共7天。1月28日（星期六）、1月29日（星期日）上班。
三、清明节：4月5日放假，共1天。
四、劳动节：4月29日至5月3日放假调休，共5天。4月23日（星期日）、5月6日（星期六）上班。
五、端午节：6月22日至24日放假调休，共3天。6月25日（星期日）上班。
六、中秋节、国庆节：9月29日至10月6日放假调休，共8天。10月7日（星期六）、10月8日（星期日）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。""",
    2024: """一、元旦：1月1日放假，与周末连休。
二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。鼓励各单位结合带薪年休假等制度落实，
安排职工在除夕（2月9日）休息。
三、清明节：4月4日至6日放假调休，共3天。4月7日（星期日）上班。
四、劳动节：5月1日至5日放假调休，共5天。4月28日（星期日）、5月11日（星期六）上班。
五、端午节：6月10日放假，与周末连休。
六、中秋节：9月15日至17日放假调休，共3天。9月14日（星期六）上班。
七、国庆节：10月1日至7日放假调休，共7天。9月29日（星期日）、10月12日（星期六）上班。""",
    2025: """一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：4月4日（周五）至6日（周日）放假，共3天。
四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。""",
    2026: """一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。""",
}


def known(year: int) -> dict[date, bool]:
    """The days that the shipped calendar has of a year."""
    with (ROOT / "app" / "data" / "calendar.csv").open(encoding="utf-8", newline="") as file:
        rows = [(date.fromisoformat(row["day"]), row["is_workday"] == "1") for row in csv.DictReader(file)]
    return {day: worked for day, worked in rows if day.year == year}


@pytest.mark.parametrize("year", NOTICES)
def test_a_real_notice_gives_the_days_that_are_known(year):
    notice = read_notice(NOTICES[year], year=year)
    assert {day: what[0] for day, what in notice.days.items() if day.year == year} == known(year)
    assert notice.missing == ()


def test_the_year_is_read_off_its_title():
    text = f"国务院办公厅关于2026年部分节假日安排的通知\n{NOTICES[2026]}"
    assert read_notice(text).year == 2026
    with pytest.raises(Unreadable, match="您选的是"):
        read_notice(text, year=2027)
    with pytest.raises(Unreadable, match="哪一年"):
        read_notice(NOTICES[2026])


def test_as_it_comes_out_of_a_web_page():
    """Full-width figures and brackets, blanks, everything in one line."""
    wide = NOTICES[2026].translate(str.maketrans("0123456789", "０１２３４５６７８９")).replace("\n", " ")
    assert read_notice(wide, year=2026).days == read_notice(NOTICES[2026], year=2026).days


def test_a_table_of_them():
    rows = "节日\t放假时间\t调休上班日期\t放假天数\n元旦\t1月1日（周四）至3日（周六）\t1月4日（周日）\t3天\n"
    rows += "清明节\t4月4日至6日\t无\t3"
    days = read_notice(rows, year=2026).days
    assert days[date(2026, 1, 4)] == (True, MAKE_UP)
    assert days[date(2026, 4, 6)] == (False, "清明节")
    assert date(2026, 4, 4) not in days, "a Saturday is off by itself"


def test_what_is_left_out_is_named():
    assert read_notice("一、元旦：1月1日放假，共1天。", year=2027).missing == (
        "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("一、元旦：1月1日（周五）至3日（周六）放假调休，共3天。", "写的是周"),
        ("一、元旦：1月1日至3日放假调休，共4天。", "写的是共"),
        ("一、元旦：1月1日至3日放假调休，共3天。1月6日上班。", "不是周末"),
        ("二、春节：2月30日放假，共1天。", "不存在的日期"),
        ("二、春节：2月15日至1月23日放假，共9天。", "读不懂|写的是共"),
        ("二、春节：祝大家快乐。", "哪天放假"),
        ("今天天气很好", "没有读到放假安排"),
        ("", "没有读到放假安排"),
    ],
)
def test_a_slip_is_found(text, why):
    with pytest.raises(Unreadable, match=why):
        read_notice(text, year=2026)


@pytest.mark.parametrize("text", ["一、" * 5000, "1月1日" * 4000 + "放假", "一、元旦：" + "(" * 9000, "\t" * 20000])
def test_nonsense_of_any_length_is_refused_at_once(text):
    with pytest.raises(Unreadable):
        read_notice(text, year=2026)
