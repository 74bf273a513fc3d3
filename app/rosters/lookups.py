"""Finding a district, a township, a department or an officer by whatever a cell says of it. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from app.i18n import N_
from app.rosters.cells import Wrong, plain

_TOWNSHIP_END = re.compile(r"(街道办事处|街道|办事处|镇|乡)$")
_OLD = re.compile(r"[(（]旧[)）]$")
_BETWEEN = re.compile(r"[;；、，,/\s]+")


class Places:
    """Districts and townships by code, full name or the name people use."""

    def __init__(self, districts: Iterable[Any], townships: Iterable[Any]):
        self.district_names: dict[int, str] = {}
        self.township_names: dict[int, str] = {}
        self._districts: dict[str, int] = {}
        self._townships: dict[tuple[int, str], int] = {}
        self._home: dict[int, int] = {}
        for row in districts:
            self.district_names[row["id"]] = row["name"]
            for word in (str(row["id"]), row["name"], row["short_name"], row["name"].removeprefix("平顶山")):
                self._districts.setdefault(plain(word), row["id"])
            if len(row["name"]) > 2:
                self._districts.setdefault(re.sub("[区县市]$", "", row["name"]), row["id"])
        for row in townships:
            self.township_names[row["id"]] = row["name"]
            self._home[row["id"]] = row["district_id"]
            for word in (row["name"], _TOWNSHIP_END.sub("", row["name"])):
                self._townships.setdefault((row["district_id"], word), row["id"])

    def district(self, raw: Any) -> int | None:
        """A district's id. Raises Wrong for a word that is none."""
        text = plain(raw).replace(" ", "").removeprefix("河南省").removeprefix("平顶山市") or plain(raw)
        if not text:
            return None
        if (text.isdigit() and len(text) == 12) or (text.isdigit() and len(text) == 9):
            text = text[:6]
        if text not in self._districts:
            raise Wrong(N_("没有“%(text)s”这个区县。请填区县全称或 6 位代码。"), text=text[:20])
        return self._districts[text]

    def township(self, raw: Any, district_id: int | None) -> int | None:
        """A township's id; a name needs its district. Raises Wrong."""
        text = plain(raw).replace(" ", "")
        if not text:
            return None
        if text.isdigit():
            township_id = int(text[:9]) if len(text) in (9, 12) else 0
            if township_id not in self._home:
                raise Wrong(N_("没有代码为 %(text)s 的乡镇街道。请核对 9 位代码，或填名称。"), text=text[:20])
            if district_id is not None and self._home[township_id] != district_id:
                raise Wrong(
                    N_("“%(township)s”不在%(district)s。请核对区县和乡镇街道。"),
                    township=self.township_names[township_id],
                    district=self.district_names[district_id],
                )
            return township_id
        if district_id is None:
            return None  # the row is refused for its district
        district = self.district_names[district_id]
        text = text.removeprefix("河南省").removeprefix("平顶山市").removeprefix(district) or text
        found = self._townships.get((district_id, text)) or self._townships.get(
            (district_id, _TOWNSHIP_END.sub("", text))
        )
        if found is None:
            raise Wrong(
                N_("%(district)s没有“%(text)s”这个乡镇街道。请填名称或 9 位代码。"), district=district, text=text[:20]
            )
        return found

    def home(self, township_id: int) -> int:
        """The district of a township."""
        return self._home[township_id]


class Departments:
    """Departments by full name, short name or an old name."""

    def __init__(self, rows: Iterable[Any]):
        self.rows: dict[int, Any] = {}
        self._names: dict[str, int] = {}
        self._old: dict[str, int] = {}
        for row in rows:
            self.rows[row["id"]] = row
            for word in (row["name"], row["short_name"], row["name"].removeprefix("市"), f"平顶山{row['name']}"):
                self._names.setdefault(plain(word), row["id"])
        for row in self.rows.values():
            for word in _BETWEEN.split(row["aliases"]):
                if word:
                    self._old.setdefault(plain(_OLD.sub("", word)), row["id"])

    def by_name(self, text: str) -> int | None:
        """The department that is called so now."""
        return self._names.get(plain(text))

    def by_old_name(self, text: str) -> int | None:
        """The department that was called so, or has it as one of its names."""
        return self._old.get(plain(text).removeprefix("市")) or self._old.get(plain(text))

    def find(self, raw: Any) -> int | None:
        """A department's id by any of its names. Raises Wrong."""
        text = plain(raw)
        if not text:
            return None
        found = self.by_name(text) or self.by_old_name(text)
        if found is None:
            raise Wrong(N_("没有“%(text)s”这个责任单位。请填单位全称，或先导入责任单位。"), text=text[:30])
        if not self.rows[found]["is_active"]:
            raise Wrong(N_("“%(text)s”已停用，不能再安排经办人。"), text=text[:30])
        return found


class Officers:
    """Active officers by username, phone or name."""

    def __init__(self, rows: Iterable[Any]):
        self.names: dict[int, str] = {}
        self._by_username: dict[str, int] = {}
        self._by_phone: dict[str, list[int]] = defaultdict(list)
        self._by_name: dict[str, list[tuple[int, int | None]]] = defaultdict(list)
        for row in rows:
            self.names[row["id"]] = row["name"]
            self._by_username[row["username"].casefold()] = row["id"]
            if row["phone"]:
                self._by_phone[row["phone"]].append(row["id"])
            self._by_name[plain(row["name"]).replace(" ", "")].append((row["id"], row["district_id"]))

    def find(
        self, *, name: Any = None, username: Any = None, phone: str | None = None, district_id: int | None = None
    ) -> int | None:
        """The one officer meant, None where nothing is said. Raises Wrong for nobody and for several.

        A name may be a username or a phone too, since people write what they have.
        """
        text, login = plain(name), plain(username)
        if login:
            found = self._by_username.get(login.casefold())
            if found is None:
                raise Wrong(N_("没有用户名为“%(text)s”的首席服务官。"), text=login[:30])
            return found
        if phone:
            return self._only(self._by_phone.get(phone, []), phone)
        if not text:
            return None
        if text.casefold() in self._by_username:
            return self._by_username[text.casefold()]
        if text in self._by_phone:
            return self._only(self._by_phone[text], text)
        same = self._by_name.get(text.replace(" ", ""), [])
        if len(same) > 1 and district_id is not None:
            same = [each for each in same if each[1] == district_id] or same
        return self._only([each[0] for each in same], text)

    def _only(self, found: list[int], text: str) -> int:
        if not found:
            raise Wrong(N_("没有首席服务官“%(text)s”。请核对，或先导入首席服务官名册。"), text=text[:30])
        if len(found) > 1:
            raise Wrong(
                N_("有 %(count)d 位首席服务官都是“%(text)s”，请填手机号或用户名来区分。"),
                count=len(found),
                text=text[:30],
            )
        return found[0]


def words_of(names: Mapping[str, str]) -> dict[str, str]:
    """A table of words for `cells.read_word`: '值 写法 写法' by value, casefolded."""
    return {word.casefold(): value for value, words in names.items() for word in words.split()}
