"""Judging a row of the departments' roster. Pure.

A department is found by its full or short name. One that the file names by an old name is doubtful: reorganised bodies
keep their record, their cases and their handlers.
"""

import re
from typing import Any

from app.i18n import N_
from app.rosters.cells import plain, read_text
from app.rosters.lookups import Departments
from app.rosters.models import Change, Judged, Reason, Row, Value, Verdict
from app.rosters.reading import REPEATED, Reader, as_text, changes_of

OLD_NAME = N_("“%(name)s”现在用过这个名称。是改名就勾选；是另一个单位请改用全称。")
WAS_STOPPED = N_("这个单位已停用。勾选后重新启用。")
SHORT_TAKEN = N_("简称“%(text)s”已是“%(name)s”的，请另写一个。")
KEYS = ("name", "short_name", "aliases", "matters", "keywords", "name_en")


class DepartmentJudge:
    """Judges departments, remembering the rows before."""

    def __init__(self, departments: Departments):
        self._departments = departments
        self._lines: dict[str, int] = {}
        self._shorts: dict[str, str] = {row["short_name"]: row["name"] for row in departments.rows.values()}
        self.seen: set[int] = set()

    def read(self, row: Row) -> Reader:
        """The row's values, and what in it cannot be taken."""
        reader = Reader(row)
        reader.take("name", lambda raw: read_text(raw, most=40), is_required=True)
        reader.take("short_name", lambda raw: read_text(raw, most=20))
        reader.take("name_en", lambda raw: plain(raw)[:120] or None)
        for key in ("aliases", "matters"):
            reader.take(key, lambda raw: _listed(raw, ";"))
        reader.take("keywords", lambda raw: _listed(raw, " "))
        return reader

    def judge(self, reader: Reader) -> Judged:
        """What the row comes to."""
        values, line = reader.values, reader.row.line
        label = str(values.get("name") or plain(reader.row.cell("name"))[:40])
        if reader.reasons:
            return reader.refused(label)
        if label in self._lines:
            reader.refuse(REPEATED, "", line=self._lines[label])
            return reader.refused(label)
        self._lines[label] = line
        old_id = self._departments.by_name(label)
        former = None if old_id else self._departments.by_old_name(label)
        target = old_id or former
        short = values.get("short_name")
        owner = self._shorts.get(str(short)) if short else None
        if owner is not None and owner != label and (target is None or self._departments.rows[target]["name"] != owner):
            reader.refuse(SHORT_TAKEN, "short_name", text=str(short), name=owner)
            return reader.refused(label)
        if target is None:
            short = short or self._free_short(label)
            self._shorts[str(short)] = label
            return Judged(Verdict.NEW, label, {**values, "short_name": short, "name_en": values.get("name_en") or ""})
        if target in self.seen:
            reader.refuse(REPEATED, "", line=self._lines[f"id:{target}"])
            return reader.refused(label)
        self.seen.add(target)
        self._lines[f"id:{target}"] = line
        if former is None:
            # "发改委" in the file means 市发展和改革委员会: a short name or a name without 市 renames nothing.
            values.pop("name")
        return self._known(values, label, self._departments.rows[target], is_former=former is not None)

    def _known(self, values: dict[str, Value], label: str, old: Any, *, is_former: bool) -> Judged:
        changes = changes_of(old, values, KEYS, as_text)
        doubts = [Reason(OLD_NAME, {"name": old["name"]})] if is_former else []
        if not old["is_active"]:
            changes.append(Change("is_active", 0, 1))
            doubts.append(Reason(WAS_STOPPED))
        if not changes:
            return Judged(Verdict.SAME, label, target_id=old["id"])
        verdict = Verdict.DOUBTFUL if doubts else Verdict.CHANGED
        return Judged(verdict, label, target_id=old["id"], changes=tuple(changes), reasons=tuple(doubts))

    def _free_short(self, name: str) -> str:
        short = name.removeprefix("平顶山").removeprefix("市") or name
        return name if short in self._shorts else short


def _listed(raw: Any, between: str) -> str | None:
    words = [word for word in re.split(r"[;；、，,\s]+", plain(raw)) if word]
    return read_text(between.join(words), most=400) and between.join(words)
