"""What a password must be like, and passwords made for one use. Pure: no Flask, no database.

In the spirit of NIST SP 800-63B: length counts, the passwords that everybody tries are refused, and so are those that
anyone could guess from the person. Kinds of letters and a term after which it must be changed (GB/T 22239-2019 asks
for both) are an installation's own choice.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from app.i18n import N_
from app.permissions import Role

LONGEST = 200
ONE_TIME_LENGTH = 10
ONE_TIME_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Nobody mistakes one for another on paper: no 0 or o, no 1, i or l."""

_ROWS = ("01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz", "1qaz2wsx3edc4rfv5tgb6yhn")
_TRIED_BY_ALL = frozenset(
    """
    password passw0rd p@ssw0rd p@ssword pass welcome letmein iloveyou monkey dragon master superman batman football
    baseball basketball princess sunshine shadow trustno login admin administrator root test guest user default system
    server oracle mysql postgres manager office secret hello changeme computer internet michael jordan charlie qwerty
    asdf zxcv qazwsx qwe asd zxc abc aaa aa a ab q w z qq wang li zhang liu chen yang zhao huang zhou wu woaini woaiwo
    woaini woainima aini tianya taobao alipay wechat weixin huawei xiaomi baidu tencent china zhongguo beijing shanghai
    henan zhengzhou pingdingshan pds qifang qifangtong yingshang yingshangban zhengwu zhengfu fuwuguan mima caonima
    nihao nishizhu wodemima dearbook csdn yingxiong xiaoxiao love baby forever iamok
    """.split()
)
"""What people begin with, with or without figures and signs after it: password2026, woaini1314, admin@123."""

_NUMBERS = frozenset(
    """
    5201314 1314520 52013140 521521 1234554321 123454321 147258369 147852369 159357 159753 741852963 963852741 789456123
    123789 112233 11223344 1122334455 123123123 456456456 88888888 66668888 88886666 13145200 123321 12344321 87654321
    10101010 12121212 100200300 110110110 119119119 20082008 19491001 198964 199010 13800138000 12345600
    """.split()
)


_SHORT_NUMBERS = frozenset("520 521 1314 168 666 888 999 123 321".split())


@dataclass(frozen=True)
class PasswordRules:
    """What this installation asks of passwords. `days` 0: never changed by the calendar; `kinds` 0: any letters."""

    desk_length: int = 10
    phone_length: int = 8
    kinds: int = 0
    days: int = 0
    one_time_days: int = 7
    is_code_required: bool = False  # of whoever may set one up

    def length(self, role: Role) -> int:
        """The fewest letters for this role."""
        return self.phone_length if role is Role.OFFICER else self.desk_length

    @property
    def term(self) -> timedelta | None:
        """How long a password counts, or None for ever."""
        return timedelta(days=self.days) if self.days else None


def one_time_password() -> str:
    """A password for one use: ten letters out of 31, about 49 bits, easy to read off paper."""
    return "".join(secrets.choice(ONE_TIME_LETTERS) for _ in range(ONE_TIME_LENGTH))


def problem_with(password: str, *, rules: PasswordRules, role: Role, about: tuple[str, ...]) -> str | None:
    """What is wrong with a new password, as a msgid with `least` and `kinds`, or None.

    `about` holds what anyone knows of the person: user name, phone, the name and its pinyin.
    """
    if len(password) < rules.length(role):
        return N_("新密码至少 %(least)d 位。")
    if len(password) > LONGEST:
        return N_("密码最多 200 字。")
    if rules.kinds and kinds_in(password) < rules.kinds:
        return N_("新密码要包含大写字母、小写字母、数字、符号中的 %(kinds)d 种。")
    if is_about(password, about):
        return N_("新密码不能用本人的用户名、姓名或电话，加上数字也不行。")
    if is_common(password):
        return N_("这个密码太常见，容易被猜到。请换一个，比如几个不相干的词连起来。")
    return None


def kinds_in(password: str) -> int:
    """How many of the four kinds there are: capitals, small letters, figures, anything else."""
    return sum(bool(re.search(kind, password)) for kind in ("[A-Z]", "[a-z]", "[0-9]", "[^A-Za-z0-9]"))


def is_common(password: str) -> bool:
    """Whether it is among what everybody tries first: leaked, known words and numbers, keyboard runs, repetitions."""
    low = password.lower()
    if low in _leaked() or _is_of_numbers(low) or _is_repeated(low) or _is_run(low):
        return True
    letters = _core(low)
    if letters in _TRIED_BY_ALL and len(password) - len(letters) <= 8:
        return True
    return bool(letters) and _is_run(letters) and _is_guessable_rest(low.replace(letters, "", 1))


@cache
def _leaked() -> frozenset[str]:
    """The 30,000 passwords that turn up most in leaks. Read when the first one is chosen: 14 MB and 50 ms."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def is_about(password: str, about: tuple[str, ...]) -> bool:
    """Whether it is one of these words, or one of them with figures and signs around it."""
    low = password.lower()
    words = {word.lower() for word in about if len(word) > 1}
    core = _core(low)
    return low in words or low[::-1] in words or (bool(core) and core in {_core(word) or word for word in words})


def _is_of_numbers(text: str) -> bool:
    """Whether it is one of the numbers that everybody tries, or two of them in a row: 5201314 and 520."""
    return text in _NUMBERS or any(
        text[:cut] in _NUMBERS and text[cut:] in _NUMBERS | _SHORT_NUMBERS for cut in range(3, len(text))
    )


def _core(text: str) -> str:
    """The text without figures and signs at either end."""
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)


def _is_repeated(text: str) -> bool:
    """Whether one piece of at most four letters makes it all: aaaaaaaa, abab, 12341234."""
    return any(len(text) > size and (text[:size] * len(text))[: len(text)] == text for size in range(1, 5))


def _is_run(text: str) -> bool:
    """Whether it is a run along the keyboard or the alphabet, either way, the figures going round: 7890123."""
    if len(text) < 3:
        return False
    return any(text in line or text[::-1] in line for line in (*_ROWS[1:], _ROWS[0][:10] * 4))


def _is_guessable_rest(text: str) -> bool:
    return not text or _is_run(text) or _is_repeated(text) or text in _NUMBERS or len(text) <= 4
