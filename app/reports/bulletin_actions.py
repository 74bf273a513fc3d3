"""What may be done to a bulletin: begin, write, count anew, choose cases, issue, correct. One transaction each."""

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from sqlite_utils import Database

from app.audit import store as audit
from app.clock import day_of, to_text
from app.db import transaction
from app.errors import Conflict, NotFound
from app.i18n import N_
from app.people.models import User
from app.reports import source_store, store
from app.reports.bulletin import TEXTS, Document, compose, usual_texts
from app.reports.masking import masked, without_names
from app.review import rate_store
from app.review.periods import Period

NO_SUCH = N_("没有这份通报。")
STALE = N_("这份通报刚刚有了变化，您的操作没有执行。请看最新的内容再决定。")
ISSUED = N_("这份通报已经签发，不能再改。需要更正时，请另发更正。")
MOST_CASES = 10


Count = Callable[[], Mapping[str, Any]]
"""Takes the figures. Called inside the transaction, so that they and the cases kept with them are of one moment."""


def begin(db: Database, period: Period, count: Count, *, by: User, now: datetime) -> int:
    """A new draft with the usual texts; its id."""
    with transaction(db):
        values = {
            **usual_texts(period.from_on, period.to_on),
            "from_on": period.from_on.isoformat(),
            "to_on": period.to_on.isoformat(),
            "figures": json.dumps(count(), ensure_ascii=False),
            "figured_at": to_text(now),
        }
        bulletin_id = store.insert_bulletin(db, values, corrects_id=None, created_by=by.id, now=now)
        _keep_sources(db, bulletin_id, period, now=now)
        return bulletin_id


RATES = {
    "returns": "returned",
    **{figure: figure for figure in ("accepted", "answered", "solved", "satisfied")},
}
"""The figures whose cases the boards list, and their names there."""


def _keep_sources(db: Database, bulletin_id: int, period: Period, *, now: datetime) -> None:
    """Keep what each figure was counted from at this moment."""
    for figure in source_store.COUNTED:
        rows = source_store.list_counted(db, figure, period, now=now)
        source_store.replace_sources(db, bulletin_id, figure, rows)
    for figure, name in RATES.items():
        source_store.replace_sources(db, bulletin_id, figure, rate_store.list_counted(db, name, period))


def write(db: Database, bulletin_id: int, texts: Mapping[str, str], *, version: int | None) -> None:
    """Change a draft's texts. Raises Conflict when it was changed or issued meanwhile."""
    with transaction(db):
        row = _draft(db, bulletin_id)
        if version != row["version"] or not store.update_texts(db, bulletin_id, texts, version=row["version"]):
            raise Conflict(STALE)


def count_anew(db: Database, bulletin_id: int, count: Count, *, now: datetime) -> None:
    """Replace a draft's figures by today's."""
    with transaction(db):
        row = _draft(db, bulletin_id)
        store.update_figures(db, bulletin_id, json.dumps(count(), ensure_ascii=False), now=now)
        _keep_sources(db, bulletin_id, Period.of_texts(row["from_on"], row["to_on"]), now=now)


def choose_case(db: Database, bulletin_id: int, issue_id: int, words: str = "") -> None:
    """Take an issue as a typical case, told without the firm's name; or write what is told of it anew."""
    with transaction(db):
        _draft(db, bulletin_id)
        facts = store.get_case_facts(db, issue_id)
        if facts is None:
            raise NotFound(N_("没有这个问题，或不在您的工作范围内。"))
        chosen = {row["issue_id"] for row in store.list_cases(db, bulletin_id)}
        if issue_id not in chosen and len(chosen) >= MOST_CASES:
            raise Conflict(N_("典型案例最多 10 个。"))
        store.insert_case(db, bulletin_id, issue_id, without_names(words or _told(facts), facts["firm"]))


def leave_case(db: Database, bulletin_id: int, issue_id: int) -> None:
    """Take a case out of a draft."""
    with transaction(db):
        _draft(db, bulletin_id)
        store.delete_case(db, bulletin_id, issue_id)


def _told(facts: Mapping[str, Any]) -> str:
    said = N_("企业表示满意。") if facts["is_satisfied"] else ""
    return N_("%(firm)s反映：%(title)s。%(department)s牵头办理。%(answer)s%(said)s") % {
        "firm": masked(facts["firm"]),
        "title": facts["title"].rstrip(N_("。")),
        "department": facts["department"] or N_("首席服务官"),
        "answer": facts["public_answer"],
        "said": said,
    }


def document_of(db: Database, bulletin_id: int, *, dated: date) -> Document:
    """The paper: of a draft as it stands, of an issued bulletin as it was issued."""
    row = _any(db, bulletin_id)
    if row["document"]:
        return Document.from_data(json.loads(row["document"]))
    cases = [each["words"] for each in store.list_cases(db, bulletin_id)]
    texts = {name: row[name] for name in TEXTS}
    return compose(texts, json.loads(row["figures"]), cases, dated=dated)


def issue(db: Database, bulletin_id: int, *, version: int | None, by: User, now: datetime) -> None:
    """Issue a draft: from now on it stays as it is. Raises Conflict when it is not as it was looked at."""
    with transaction(db):
        row = _draft(db, bulletin_id)
        if not row["number"]:
            raise Conflict(N_("还没有发文字号，请先填写。"))
        paper = json.dumps(document_of(db, bulletin_id, dated=day_of(now)).to_data(), ensure_ascii=False)
        if version != row["version"] or not store.move_to_issued(
            db, bulletin_id, paper, version=row["version"], issued_by=by.id, now=now
        ):
            raise Conflict(STALE)
        audit.add_entry(db, "bulletin_issued", f"bulletin:{bulletin_id}", by_id=by.id, now=now)


def correct(db: Database, bulletin_id: int, count: Count, *, by: User, now: datetime) -> int:
    """A new draft that corrects an issued bulletin; its id. The one under way is taken up again."""
    with transaction(db):
        row = _any(db, bulletin_id)
        if row["status"] != "issued":
            raise Conflict(N_("还没有签发的通报可以直接修改，不用另发更正。"))
        if row["corrected_by_id"]:
            return row["corrected_by_id"]
        values = {
            **{name: row[name] for name in (*TEXTS, "from_on", "to_on")},
            "number": "",
            "title": N_("%(title)s（更正）") % {"title": row["title"].removesuffix(N_("（更正）"))},
            "opening": N_("此前印发的%(number)s有误，现更正如下，原件停止使用。") % {"number": row["number"]}
            + f"\n{row['opening']}",
            "figures": json.dumps(count(), ensure_ascii=False),
            "figured_at": to_text(now),
        }
        new_id = store.insert_bulletin(db, values, corrects_id=bulletin_id, created_by=by.id, now=now)
        _keep_sources(db, new_id, Period.of_texts(row["from_on"], row["to_on"]), now=now)
        for case in store.list_cases(db, bulletin_id):
            store.insert_case(db, new_id, case["issue_id"], case["words"])
        return new_id


def record_export(db: Database, bulletin_id: int, *, by: User, now: datetime) -> None:
    """Write to the audit log that the paper leaves the house."""
    with transaction(db):
        audit.add_entry(db, "bulletin_exported", f"bulletin:{bulletin_id}", by_id=by.id, now=now)


def _any(db: Database, bulletin_id: int):
    row = store.get_bulletin(db, bulletin_id)
    if row is None:
        raise NotFound(NO_SUCH)
    return row


def _draft(db: Database, bulletin_id: int):
    row = _any(db, bulletin_id)
    if row["status"] != "draft":
        raise Conflict(ISSUED)
    return row
