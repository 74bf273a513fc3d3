"""Judging a row of the firms' roster. Pure.

A firm is found by its credit code first, else by its name within the district. Doubtful, and left alone unless somebody
ticks it: a code known under another name, a name that differs in signs only, a firm that was closed.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from app.firms.models import FIRM_STATUS_NAMES, FirmStatus
from app.firms.names import clean_name, signature
from app.i18n import N_
from app.rosters.cells import plain, read_code, read_phone, read_text, read_word
from app.rosters.lookups import Officers, Places, words_of
from app.rosters.models import Change, Judged, Reason, Row, Value, Verdict
from app.rosters.reading import REPEATED, Reader, changes_of

INDUSTRIES = ("工业", "服务业", "建筑业", "农业")
SIZES = ("四上", "小微")
"""What the template offers; other words are taken as they are."""

STATUS_WORDS = words_of(
    {
        "operating": "正常经营 正常 存续 在业 开业 在营 营业 经营中 正常生产 在产 存续(在营、开业、在册)",
        "stopped": "停产停业 停产 停业 歇业 半停产 停工 僵尸",
        "moved": "已迁出 迁出 搬迁 已搬迁 迁移",
        "lost": "联系不上 失联 查无下落",
        "closed": "已注销 注销 吊销 吊销未注销 关闭 已关闭 破产",
    }
)
KEYS = (
    "name", "credit_code", "district_id", "township_id", "address", "industry", "size", "contact_name", "contact_phone",
    "status",
)  # fmt: skip
SEVERAL_NAMES = N_("统一社会信用代码与第 %(line)d 行相同，名称不同，请核对哪一行对。")
RENAMED = N_("这个统一社会信用代码现在登记的是“%(name)s”。是更名就勾选；抄错了请改表。")
NEAR = N_("与已有企业“%(name)s”名称相近，可能是同一家。确是另一家才勾选。")
NEAR_ROW = N_("与第 %(line)d 行“%(name)s”名称相近，可能是同一家。确是另一家才勾选。")
OTHER_CODE = N_("已有同名企业，信用代码是 %(code)s。确是另一家才勾选。")
WAS_CLOSED = N_("这家企业在系统中已注销。确已恢复经营才勾选。")
NO_DISTRICT = N_("没有写区县。请填区县全称或 6 位代码。")
STRANGE_STATUS = N_("企业现状“%(text)s”读不懂。可填：正常经营、停产停业、已迁出、联系不上、已注销。")
CLOSED_UNKNOWN = N_("表中写的是已注销，系统中没有这家企业，不必收。")


class FirmJudge:
    """Judges row after row, remembering the rows before: a file contradicts itself more often than the database."""

    def __init__(self, places: Places, officers: Officers, signatures: Mapping[tuple[int, str], tuple[int, str]]):
        """`signatures`: the firms stored (id, name) by district and signature of the name."""
        self._places, self._officers, self._signatures = places, officers, signatures
        self._by_code: dict[str, tuple[int, str]] = {}
        self._by_name: dict[tuple[int, str], int] = {}
        self._by_signature: dict[tuple[int, str], tuple[int, str]] = {}
        self.seen: set[int] = set()
        self.amended: dict[int, Reason] = {}
        """Rows before that have become doubtful by this one, by their line."""

    def read(self, row: Row) -> Reader:
        """The row's values, and what in it cannot be taken."""
        reader = Reader(row)
        reader.take("name", _name, is_required=True)
        reader.take("credit_code", read_code)
        township = row.cell("township")
        district_id = reader.take("district_id", self._places.district, at="district")
        if district_id is None and not reader.reasons and plain(township).isdigit():
            township_id = self._places.township(township, None) if _is_known(self._places, township) else None
            if township_id is not None:
                reader.values["district_id"] = district_id = self._places.home(township_id)
        if isinstance(district_id, int) or plain(township).isdigit():
            reader.take(
                "township_id",
                lambda raw: self._places.township(raw, district_id if isinstance(district_id, int) else None),
                at="township",
            )
        for key, most in (("address", 120), ("industry", 40), ("size", 40), ("contact_name", 40)):
            reader.take(key, partial(read_text, most=most))
        reader.take("contact_phone", read_phone)
        reader.take("status", _status)
        phone = reader.take("officer_phone", read_phone)
        reader.values.pop("officer_phone", None)
        if not reader.reasons:
            reader.take(
                "officer_id",
                lambda raw: self._officers.find(
                    name=raw,
                    phone=phone if isinstance(phone, str) else None,
                    district_id=district_id if isinstance(district_id, int) else None,
                ),
                at="officer",
            )
        return reader

    def judge(self, reader: Reader, by_code: Mapping[str, Any], by_name: Mapping[tuple[int, str], Any]) -> Judged:
        """What the row comes to, given the stored firms of its code and of its name in its district."""
        values, line = reader.values, reader.row.line
        label = str(values.get("name") or plain(reader.row.cell("name"))[:60])
        if reader.reasons:
            return reader.refused(label)
        code, name = values.get("credit_code"), str(values["name"])
        old = by_code.get(str(code)) if code else None
        if "district_id" not in values:
            if old is None:
                reader.refuse(NO_DISTRICT, "district")
                return reader.refused(label)
            values["district_id"] = old["district_id"]
        at = (int(values["district_id"] or 0), name)
        same_name = by_name.get(at)
        if old is None and same_name is not None and not (code and same_name["credit_code"]):
            old = same_name
        doubts, refusal = self._against_rows(line, code, at)
        if refusal is not None:
            reader.reasons.append(refusal)
            return reader.refused(label)
        if old is None:
            return self._new(reader, label, at, same_name, doubts)
        self.seen.add(old["id"])
        return self._known(values, label, old, doubts)

    def _against_rows(self, line: int, code: Value, at: tuple[int, str]) -> tuple[list[Reason], Reason | None]:
        """What the rows before say of this one: doubts, or why it is one too many."""
        sign = (at[0], signature(at[1]))
        doubts: list[Reason] = []
        before = self._by_code.get(str(code)) if code else None
        if before is not None:
            if signature(before[1]) == sign[1]:
                return [], Reason(REPEATED, {"line": before[0]})
            doubts.append(Reason(SEVERAL_NAMES, {"line": before[0]}))
            self.amended[before[0]] = Reason(SEVERAL_NAMES, {"line": line})
        elif at in self._by_name and not code:
            return [], Reason(REPEATED, {"line": self._by_name[at]})
        elif sign in self._by_signature:
            other_line, other = self._by_signature[sign]
            doubts.append(Reason(NEAR_ROW, {"line": other_line, "name": other}))
        if code:
            self._by_code.setdefault(str(code), (line, at[1]))
        self._by_name.setdefault(at, line)
        self._by_signature.setdefault(sign, (line, at[1]))
        return doubts, None

    def _new(self, reader: Reader, label: str, at: tuple[int, str], same_name: Any, doubts: Sequence[Reason]) -> Judged:
        values = reader.values
        if values.get("status") == FirmStatus.CLOSED:
            reader.refuse(CLOSED_UNKNOWN, "status")
            return reader.refused(label)
        near = self._signatures.get((at[0], signature(at[1])))
        if same_name is not None:
            doubts = [*doubts, Reason(OTHER_CODE, {"code": same_name["credit_code"]})]
            self.seen.add(same_name["id"])
        elif near is not None:
            doubts = [*doubts, Reason(NEAR, {"name": near[1]})]
            self.seen.add(near[0])
        verdict = Verdict.DOUBTFUL if doubts else Verdict.NEW
        return Judged(verdict, label, values, reasons=tuple(doubts))

    def _known(self, values: dict[str, Value], label: str, old: Any, doubts: Sequence[Reason]) -> Judged:
        keys = tuple(key for key in KEYS if key != "status" or key in values)
        changes = changes_of(old, values, keys, self._show)
        township_id = old["township_id"]
        if any(each.field == "district_id" for each in changes) and "township_id" not in values and township_id:
            changes.append(Change("township_id", township_id, None, self._show("township_id", township_id)))
        officer_id = values.get("officer_id")
        is_closing = values.get("status", old["status"]) == FirmStatus.CLOSED
        if officer_id is not None and officer_id != old["officer_id"] and not is_closing:
            changes.append(
                Change(
                    "officer_id",
                    old["officer_id"],
                    officer_id,
                    old["officer"] or "",
                    self._officers.names[int(officer_id)],
                )
            )
        if not changes and not (old["status"] == FirmStatus.CLOSED and "status" not in values):
            return Judged(Verdict.SAME, label, target_id=old["id"])
        if any(each.field == "name" for each in changes) and signature(label) != signature(old["name"]):
            doubts = [*doubts, Reason(RENAMED, {"name": old["name"]})]
        if old["status"] == FirmStatus.CLOSED and values.get("status") != FirmStatus.CLOSED:
            doubts = [*doubts, Reason(WAS_CLOSED)]
            if "status" not in values:
                changes.append(Change("status", "closed", "operating", "", ""))
        verdict = Verdict.DOUBTFUL if doubts else Verdict.CHANGED
        return Judged(verdict, label, target_id=old["id"], changes=tuple(changes), reasons=tuple(doubts))

    def _show(self, key: str, value: Value) -> str:
        if value is None:
            return ""
        if key == "district_id":
            return self._places.district_names.get(int(value), str(value))
        if key == "township_id":
            return self._places.township_names.get(int(value), str(value))
        return str(value)


def _is_known(places: Places, raw: Any) -> bool:
    text = plain(raw)
    return len(text) in (9, 12) and int(text[:9]) in places.township_names


def _name(raw: Any) -> str | None:
    name = clean_name(plain(raw)) if not isinstance(raw, str) else clean_name(raw)
    return read_text(name, most=80)


def _status(raw: Any) -> str | None:
    return read_word(raw, STATUS_WORDS, refusal=STRANGE_STATUS)


def status_words() -> list[str]:
    """What the template offers for a firm's state."""
    return list(FIRM_STATUS_NAMES.values())
