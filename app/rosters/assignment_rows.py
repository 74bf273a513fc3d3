"""Judging a row of the assignments' roster: which officer looks after which firm, as lead or deputy. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.firms.models import FirmStatus
from app.firms.names import clean_name
from app.i18n import N_
from app.rosters.cells import Wrong, plain, read_code, read_day, read_phone, read_word
from app.rosters.lookups import Officers, Places, words_of
from app.rosters.models import Change, Judged, Row, Value, Verdict
from app.rosters.reading import REPEATED, Reader

LEAD, DEPUTY = "lead", "deputy"
ROLE_WORDS = words_of(
    {
        LEAD: "包联人 主责 牵头 主要 第一责任人 lead 主 负责人 包联 首席服务官",
        DEPUTY: "协助 协助人 配合 副 协同 辅助 deputy 协办",
    }
)
ROLES = ("包联人", "协助")
"""What the template offers."""

NO_FIRM = N_("没有找到企业“%(text)s”。请填统一社会信用代码，或与系统中完全一致的企业名称。")
NO_CODE = N_("系统中没有这个统一社会信用代码的企业。请先导入企业。")
SEVERAL_FIRMS = N_("有 %(count)d 家企业都叫“%(text)s”，请填信用代码或区县来区分。")
CLOSED = N_("这家企业已注销，不能再安排服务官。")
NOBODY = N_("没有写首席服务官。请填姓名、手机号或用户名。")
TWO_LEADS = N_("第 %(line)d 行已给这家企业安排了包联人，一家企业只有一位。")
LEAD_TO_DEPUTY = N_("这位服务官现在是包联人。请先在表中写明新的包联人，再改为协助。")
LATER = N_("起始日期不能晚于今天。")


class AssignmentJudge:
    """Judges assignments, remembering the rows before."""

    def __init__(self, places: Places, officers: Officers, *, today: date):
        self._places, self._officers, self._today = places, officers, today
        self._leads: dict[int, tuple[int, int]] = {}
        self._pairs: dict[tuple[int, int], int] = {}
        self.seen: set[int] = set()

    def read(self, row: Row) -> Reader:
        """The row's values, and what in it cannot be taken."""
        reader = Reader(row)
        reader.take("credit_code", read_code)
        reader.take("firm", lambda raw: clean_name(raw if isinstance(raw, str) else plain(raw)) or None)
        district_id = reader.take("district_id", self._places.district, at="district")
        phone = reader.take("phone", read_phone)
        reader.take(
            "role", lambda raw: read_word(raw, ROLE_WORDS, refusal=N_("分工“%(text)s”读不懂。可填：包联人、协助。"))
        )
        reader.take("from_on", self._day)
        if not reader.reasons:
            place = next((key for key in ("username", "officer", "phone") if plain(row.cell(key))), "officer")
            try:
                reader.values["user_id"] = self._officers.find(
                    name=row.cell("officer"),
                    username=row.cell("username"),
                    phone=phone if isinstance(phone, str) else None,
                    district_id=district_id if isinstance(district_id, int) else None,
                )
            except Wrong as wrong:
                reader.refuse(wrong.message, place, **wrong.params)
            if not reader.reasons and reader.values["user_id"] is None:
                reader.refuse(NOBODY, place)
        return reader

    def _day(self, raw: Any) -> str | None:
        day = read_day(raw)
        if day is not None and day > self._today:
            raise Wrong(LATER)
        return day.isoformat() if day else None

    def judge(
        self,
        reader: Reader,
        by_code: Mapping[str, Any],
        by_name: Mapping[str, list[Any]],
        current: Mapping[int, list[Any]],
    ) -> Judged:
        """What the row comes to, given the firms of its code and name and who looks after them now."""
        values, line = reader.values, reader.row.line
        label = str(values.get("firm") or values.get("credit_code") or plain(reader.row.cell("firm"))[:60])
        if reader.reasons:
            return reader.refused(label)
        firm = self._firm(reader, by_code, by_name)
        if firm is None:
            return reader.refused(label)
        user_id, is_lead = int(values["user_id"] or 0), values.get("role", LEAD) == LEAD
        pair = (firm["id"], user_id)
        if pair in self._pairs:
            reader.refuse(REPEATED, "", line=self._pairs[pair])
        elif is_lead and firm["id"] in self._leads:
            reader.refuse(TWO_LEADS, "officer", line=self._leads[firm["id"]][0])
        now = current.get(firm["id"], [])
        own = next((row for row in now if row["user_id"] == user_id), None)
        lead = next((row for row in now if row["is_lead"]), None)
        if own is not None and own["is_lead"] and not is_lead and firm["id"] not in self._leads:
            reader.refuse(LEAD_TO_DEPUTY, "role")
        if reader.reasons:
            return reader.refused(label)
        self._pairs[pair] = line
        if is_lead:
            self._leads[firm["id"]] = (line, user_id)
        if own is not None:
            self.seen.add(own["id"])
        return self._outcome(label, firm["id"], user_id, is_lead=is_lead, own=own, lead=lead, values=values)

    def _outcome(
        self, label: str, firm_id: int, user_id: int, *, is_lead: bool, own: Any, lead: Any, values: Mapping[str, Value]
    ) -> Judged:
        name = self._officers.names[user_id]
        stored = {
            "firm_id": firm_id,
            "user_id": user_id,
            "is_lead": int(is_lead),
            "from_on": values.get("from_on") or self._today.isoformat(),
        }
        if own is not None and bool(own["is_lead"]) == is_lead:
            return Judged(Verdict.SAME, label, target_id=firm_id)
        key = "lead_id" if is_lead else "deputy_id"
        if is_lead and lead is not None:
            self.seen.add(lead["id"])
            change = Change(key, lead["user_id"], user_id, lead["name"], name)
            return Judged(Verdict.CHANGED, label, stored, target_id=firm_id, changes=(change,))
        change = Change(key, None, user_id, "", name)
        return Judged(Verdict.NEW, label, stored, target_id=firm_id, changes=(change,))

    def _firm(self, reader: Reader, by_code: Mapping[str, Any], by_name: Mapping[str, list[Any]]) -> Any:
        values = reader.values
        if code := values.get("credit_code"):
            firm = by_code.get(str(code))
            if firm is None:
                reader.refuse(NO_CODE, "credit_code")
        else:
            name = str(values.get("firm") or "")
            same = by_name.get(name, [])
            if "district_id" in values:
                same = [row for row in same if row["district_id"] == values["district_id"]]
            open_ones = [row for row in same if row["status"] != FirmStatus.CLOSED] or same
            firm = open_ones[0] if len(open_ones) == 1 else None
            if len(open_ones) > 1:
                reader.refuse(SEVERAL_FIRMS, "firm", count=len(open_ones), text=name[:40])
            elif firm is None:
                reader.refuse(NO_FIRM, "firm", text=name[:40])
        if firm is not None and firm["status"] == FirmStatus.CLOSED:
            reader.refuse(CLOSED, "firm")
            return None
        return firm
