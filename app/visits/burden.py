"""How much an officer has to fill in: which fields are asked, which are required, what for, how many. Pure.

National rules against formalism at the fingertips (整治“指尖上的形式主义”) bar forced photos and tracks and fields that
nobody needs. So whatever must be filled in says what it is for, photos and place can never be required, and a limit
stands above which nothing more can be.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.i18n import N_


class Use(StrEnum):
    """How a field is asked."""

    REQUIRED = "required"
    SHOWN = "shown"
    HIDDEN = "hidden"


USE_NAMES: Mapping[Use, str] = {Use.REQUIRED: N_("必填"), Use.SHOWN: N_("可不填"), Use.HIDDEN: N_("不显示")}


class Part(StrEnum):
    """Which form a field is of: the visit's, or that of each problem in it."""

    VISIT = "visit"
    PROBLEM = "problem"


PART_NAMES: Mapping[Part, str] = {Part.VISIT: N_("每次走访"), Part.PROBLEM: N_("每报一个问题")}


@dataclass(frozen=True)
class Governed:
    """A field that the office may ask for or not: its name in the form, and what it is for unless the office says."""

    key: str
    part: Part
    name: str
    label: str
    purpose: str
    may_be_required: bool = True


GOVERNED = (
    Governed("place", Part.VISIT, "latitude", N_("走访位置"), N_("用来核对企业地址"), may_be_required=False),
    Governed("notes", Part.VISIT, "notes", N_("走访内容"), N_("写进走访台账，供了解企业经营情况")),
    Governed("topics", Part.VISIT, "topics", N_("谈到什么"), N_("看出哪些事企业谈得最多")),
    Governed("contact_name", Part.VISIT, "contact_name", N_("见到的人"), N_("以后补充情况时知道找谁")),
    Governed("photos", Part.VISIT, "photos", N_("走访照片"), N_("现场用文字说不清时用"), may_be_required=False),
    Governed("description", Part.PROBLEM, "description", N_("具体情况"), N_("责任单位据此判断，少来回追问")),
    Governed("problem_photos", Part.PROBLEM, "photos", N_("问题照片"), N_("让责任单位看到现场"), may_be_required=False),
)
"""In the order of the forms."""

FIXED: Mapping[str, str] = {
    "category_id": N_("决定交给哪个单位、按什么时限办"),
    "title": N_("责任单位和企业第一眼看到的话"),
}
"""What the forms themselves require, and what for: without these nobody could act on a problem."""

FEWEST, MOST = 2, 10
"""What the limit may be: below the first no problem could be reported."""
USUAL_LIMIT = 5


@dataclass(frozen=True)
class Asked:
    """How one field is asked; `purpose` '' is the usual one."""

    use: Use = Use.SHOWN
    purpose: str = ""


@dataclass(frozen=True)
class Burden:
    """What the office has laid down."""

    fields: Mapping[str, Asked]
    limit: int = USUAL_LIMIT

    def of(self, key: str) -> Asked:
        """How a field is asked: shown, to be left out, unless the office said otherwise."""
        return self.fields.get(key, Asked())

    def shows(self, key: str) -> bool:
        """Whether the field stands on the form."""
        return self.of(key).use is not Use.HIDDEN

    def needs(self, key: str) -> bool:
        """Whether it must be filled in."""
        return self.of(key).use is Use.REQUIRED

    def needed_names(self, part: Part) -> list[str]:
        """The names in the form of this part's fields that must be filled in."""
        return [each.name for each in GOVERNED if each.part is part and self.needs(each.key)]
