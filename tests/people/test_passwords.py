"""What a password must be like: length by role, the common ones, those that anyone could guess from the person."""

import re

import pytest

from app.people.passwords import (
    PasswordRules,
    is_about,
    is_common,
    kinds_in,
    one_time_password,
    problem_with,
)
from app.permissions import Role

RULES = PasswordRules()
ABOUT = ("zhang.san", "张三", "13837501234", "zhangsan", "zs", "sanzhang")


@pytest.mark.parametrize(
    "password",
    [
        "password", "Password123", "passw0rd", "P@ssw0rd2026", "qwertyuiop", "qwerty123", "1qaz2wsx", "zxcvbnm1",
        "12345678", "87654321", "7890123456", "abcdefgh", "aaaaaaaa", "abababab", "12341234", "88888888", "11223344",
        "5201314520", "woaini1314", "woaini520", "admin@123", "Admin2026!", "qifang2026", "pingdingshan1", "PDS2026!!",
        "nightcrawler", "goldfinger", "k123456789", "Watermelon",
        "zhengwu123", "147258369", "asdfghjkl", "asdf1234", "iloveyou1", "a12345678", "abc12345", "1234qwer",
    ],
)  # fmt: skip
def test_what_everybody_tries_is_refused(password):
    assert is_common(password), password


@pytest.mark.parametrize(
    "password",
    ["a better one", "brand-new-pass", "白龟湖边的柳树很高", "Xk7#mQ2p", "rain over the lake", "kilnbrick77x"],
)
def test_others_are_not(password):
    assert not is_common(password)
    assert not is_about(password, ABOUT)


@pytest.mark.parametrize(
    "password",
    [
        "zhang.san",
        "zhangsan123",
        "ZhangSan@2026",
        "13837501234",
        "43210573831",
        "zs123456",
        "sanzhang88",
        "张三张三"[:2],
    ],
)
def test_what_one_knows_of_the_person_is_refused(password):
    assert is_about(password, ABOUT), password


@pytest.mark.parametrize(
    ("role", "password", "is_long_enough"),
    [
        (Role.OFFICER, "柳树很高风大七", False),
        (Role.OFFICER, "柳树很高风大七级", True),
        (Role.OFFICE, "柳树很高风大七级啊", False),
        (Role.OFFICE, "柳树很高风大七级啊呀", True),
        (Role.AUDITOR, "柳树很高风大七级", False),
    ],
)
def test_the_length_is_the_roles(role, password, is_long_enough):
    problem = problem_with(password, rules=RULES, role=role, about=ABOUT)
    assert (problem is None) == is_long_enough


def test_kinds_are_asked_for_only_where_set():
    assert [kinds_in(each) for each in ("", "abc", "aB", "aB1", "aB1!", "柳a")] == [0, 1, 2, 3, 4, 2]
    strict = PasswordRules(kinds=3)
    assert problem_with("rain over the lake", rules=RULES, role=Role.OFFICE, about=ABOUT) is None
    assert "3" not in (problem_with("rain over the lake", rules=strict, role=Role.OFFICE, about=ABOUT) or "3")
    assert problem_with("Rain over 7 lakes", rules=strict, role=Role.OFFICE, about=ABOUT) is None


def test_two_hundred_letters_are_the_most():
    assert problem_with("柳" * 7 + "ab x" * 50, rules=RULES, role=Role.OFFICE, about=ABOUT)


def test_passwords_for_one_use_read_well_and_differ():
    made = {one_time_password() for _ in range(500)}
    assert len(made) == 500
    assert all(re.fullmatch("[a-hjkmnp-z2-9]{10}", each) for each in made)
    assert not any(problem_with(each, rules=RULES, role=Role.OFFICE, about=ABOUT) for each in made)
