"""Judging a row of the officers' or the handlers' roster. Pure.

A person is found by username, else by phone, else by name within the district (officers) or department (handlers).
An account that the roster brings has no password: the office hands out the first one.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from app.i18n import N_
from app.rosters.cells import Wrong, plain, read_phone, read_text
from app.rosters.models import Change, Judged, Kind, Reason, Row, Value, Verdict
from app.rosters.reading import REPEATED, Reader, changes_of

_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,63}")
OTHER_NAME = N_("这个手机号现在登记的是“%(name)s”。是同一人改名或换人就勾选；抄错了请改表。")
SEVERAL = N_("有 %(count)d 个账号都叫“%(name)s”，请填手机号或用户名来区分。")
OTHER_ROLE = N_("“%(text)s”已是别的岗位的账号，不能用于这份名册。请到账号管理中处理。")
WAS_DISABLED = N_("这个账号已停用。勾选后重新启用。")
NEEDS_DISTRICT = N_("没有写区县。请填区县全称或 6 位代码。")
SAME_NAME = N_("第 %(line)d 行也叫“%(name)s”，又都没有填手机号或用户名，分不清是否同一人。请补填后再导入。")
PLAIN_USERNAME = N_("用户名用字母、数字、点和横线，至少 2 位，以字母或数字开头。")


class PersonJudge:
    """Judges the accounts of one role, remembering the rows before."""

    def __init__(
        self,
        kind: Kind,
        rows: Iterable[Any],
        *,
        others: Mapping[str, str],
        find_place: Callable[[Any], int | None],
        place_names: Mapping[int, str],
    ):
        """`rows`: the accounts of the role; `others`: usernames of other roles (casefolded) with their role."""
        self.place = "district_id" if kind is Kind.OFFICERS else "department_id"
        self._kind, self._others = kind, others
        self._find_place, self._place_names = find_place, place_names
        self.people: dict[int, Any] = {}
        self._by_username: dict[str, int] = {}
        self._by_phone: dict[str, list[int]] = defaultdict(list)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            self.people[row["id"]] = row
            self._by_username[row["username"].casefold()] = row["id"]
            self._by_name[_bare(row["name"])].append(row["id"])
            if row["phone"]:
                self._by_phone[row["phone"]].append(row["id"])
        self._taken: dict[str, int] = {}
        self._names_in_file: dict[tuple[str, Value], int] = {}
        self._numbers: dict[int, int] = {}
        self.seen: set[int] = set()

    def read(self, row: Row) -> Reader:
        """The row's values, and what in it cannot be taken."""
        reader = Reader(row)
        reader.take("name", lambda raw: read_text(_name(raw), most=40), is_required=True)
        reader.take("phone", read_phone)
        is_handler = self._kind is Kind.HANDLERS
        reader.take(self.place, self._find_place, at="department" if is_handler else "district", is_required=is_handler)
        for key, most in (("unit", 60), ("title", 40)):
            reader.take(key, partial(read_text, most=most))
        reader.take("username", _username)
        return reader

    def judge(self, reader: Reader) -> Judged:
        """What the row comes to."""
        values, line = reader.values, reader.row.line
        label = str(values.get("name") or plain(reader.row.cell("name"))[:40])
        if reader.reasons:
            return reader.refused(label)
        key = str(values.get("username") or values.get("phone") or "").casefold()
        if key and key in self._taken:
            reader.refuse(REPEATED, "", line=self._taken[key])
            return reader.refused(label)
        named = (_bare(label), values.get(self.place))
        if not key and named in self._names_in_file:
            reader.refuse(SAME_NAME, "name", line=self._names_in_file[named], name=label)
            return reader.refused(label)
        login = str(values.get("username") or "").casefold()
        if login in self._others:
            reader.refuse(OTHER_ROLE, "username", text=str(values["username"]))
            return reader.refused(label)
        try:
            old_id = self._find(values)
        except Wrong as wrong:
            reader.refuse(wrong.message, "name", **wrong.params)
            return reader.refused(label)
        if old_id is not None and old_id in self.seen:
            reader.refuse(REPEATED, "", line=self._taken[f"id:{old_id}"])
            return reader.refused(label)
        if old_id is None and self.place not in values:
            reader.refuse(NEEDS_DISTRICT, "district")
            return reader.refused(label)
        self._taken[key or f"name:{named}"] = line
        self._names_in_file.setdefault(named, line)
        if old_id is None:
            return Judged(Verdict.NEW, label, {**values, "username": self._username_for(values)})
        self.seen.add(old_id)
        self._taken[f"id:{old_id}"] = line
        return self._known(values, label, self.people[old_id])

    def _find(self, values: Mapping[str, Value]) -> int | None:
        if "username" in values:
            return self._by_username.get(str(values["username"]).casefold())
        if "phone" in values:
            found = self._by_phone.get(str(values["phone"]), [])
            if len(found) == 1:
                return found[0]
            if len(found) > 1:
                same = [each for each in found if _bare(self.people[each]["name"]) == _bare(str(values["name"]))]
                if len(same) == 1:
                    return same[0]
                raise Wrong(SEVERAL, count=len(found), name=str(values["phone"]))
        same = [
            each
            for each in self._by_name.get(_bare(str(values["name"])), [])
            if values.get(self.place) in (None, self.people[each][self.place])
            # A phone that differs tells two people of one name apart.
            and not ("phone" in values and self.people[each]["phone"])
        ]
        if len(same) > 1:
            raise Wrong(SEVERAL, count=len(same), name=str(values["name"]))
        return same[0] if same else None

    def _known(self, values: dict[str, Value], label: str, old: Any) -> Judged:
        keys = ("name", "phone", self.place, "unit", "title")
        changes = changes_of(old, values, keys, self._show)
        doubts = []
        if any(each.field == "name" for each in changes) and "username" not in values:
            doubts.append(Reason(OTHER_NAME, {"name": old["name"]}))
        if not old["is_active"]:
            changes.append(Change("is_active", 0, 1))
            doubts.append(Reason(WAS_DISABLED))
        if not changes:
            return Judged(Verdict.SAME, label, target_id=old["id"])
        verdict = Verdict.DOUBTFUL if doubts else Verdict.CHANGED
        return Judged(verdict, label, target_id=old["id"], changes=tuple(changes), reasons=tuple(doubts))

    def _show(self, key: str, value: Value) -> str:
        if key == self.place and value is not None:
            return self._place_names.get(int(value), str(value))
        return "" if value is None else str(value)

    def _username_for(self, values: Mapping[str, Value]) -> str:
        """The one written, else the mobile number, else the next free one of the place: 'fwg-410411-018'."""
        for wish in (values.get("username"), values.get("phone")):
            if wish and self._is_free(str(wish)):
                self._by_username[str(wish).casefold()] = 0
                return str(wish)
        place_id = int(values[self.place] or 0)
        stem = f"{'fwg' if self._kind is Kind.OFFICERS else 'jbr'}-{place_id}"
        while True:
            self._numbers[place_id] = number = self._numbers.get(place_id, 0) + 1
            if self._is_free(f"{stem}-{number:03d}"):
                self._by_username[f"{stem}-{number:03d}"] = 0
                return f"{stem}-{number:03d}"

    def _is_free(self, username: str) -> bool:
        return username.casefold() not in self._by_username and username.casefold() not in self._others


def _bare(name: str) -> str:
    return plain(name).replace(" ", "").casefold()


def _name(raw: Any) -> str:
    """A person's name; '张 三', spaced out to fill three characters, is 张三."""
    text = plain(raw)
    parts = text.split(" ")
    return "".join(parts) if all(len(part) == 1 and "\u3400" <= part <= "\u9fff" for part in parts) else text


def _username(raw: Any) -> str | None:
    text = plain(raw)
    if not text:
        return None
    if not _USERNAME.fullmatch(text):
        raise Wrong(PLAIN_USERNAME)
    return text
