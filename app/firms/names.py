"""What a firm is called: one way of writing it, and when two writings are near enough to ask. Pure.

Kept as registered, with full-width brackets（） in Chinese names; letters and digits in half width; no blanks between
Chinese characters. Two names of one signature are near-identical; a number in a name is never folded away: 一分公司 and
二分公司 are two firms.
"""

import re
import unicodedata

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_CJK = "\u3007\u3400-\u9fff\U00020000-\U0003ffff（）、，·"
_BLANK_BESIDE_CJK = re.compile(rf"(?<=[{_CJK}]) | (?=[{_CJK}])")
_FORM = re.compile(r"(有限责任公司|股份有限公司|有限公司)$")
_PLACE = re.compile(r"^(中国)?(河南)?省?(平顶山)?市?")


def clean_name(text: str) -> str:
    """A name as it is stored: '平煤\\u200b(集团) 有限公司\\n' → '平煤（集团）有限公司'."""
    text = unicodedata.normalize("NFKC", _UNSEEN.sub("", text))
    text = " ".join("".join(" " if unicodedata.category(each) == "Cc" else each for each in text).split())
    if any("\u3400" <= letter <= "\u9fff" for letter in text):
        text = text.replace("(", "（").replace(")", "）").replace(",", "，")
        text = _BLANK_BESIDE_CJK.sub("", text)
    return text


def signature(name: str) -> str:
    """What near-identical names share: no brackets, blanks or signs, any form of company, with or without 省 and 市."""
    letters = "".join(letter for letter in unicodedata.normalize("NFKC", name).casefold() if letter.isalnum())
    bare = _FORM.sub("", letters.replace("有限责任公司", "有限公司"))
    return _PLACE.sub(lambda match: (match[1] or "") + (match[2] or "") + (match[3] or ""), bare) or letters
