"""Wrong sign-ins by client, whatever the names: one machine that tries one password on every account."""

from flask import current_app

from app.i18n import N_
from app.rate_limit import SlidingWindow

WRONG_EACH, WRONG_ALL, WINDOW_S = 100, 2000, 600
"""Failed sign-ins in ten minutes: from one address (a whole office may share it), and altogether."""
TOO_MANY = N_("从这个网络登录失败的次数太多。请过几分钟再试，或联系市营商办。")


def guesses() -> SlidingWindow:
    """This process's count of them."""
    return current_app.extensions.setdefault(
        "wrong_sign_ins", SlidingWindow(each=WRONG_EACH, all_=WRONG_ALL, seconds=WINDOW_S)
    )
