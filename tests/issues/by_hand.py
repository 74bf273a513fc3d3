# ruff: noqa: S608 (the names of tables are our own)
"""What people type to make each move, and an issue that stands ready for it; for tests of pages."""

from datetime import timedelta

from app import clock
from app.db import fetch_all
from tests import factories

DAY = timedelta(days=1)
TABLES = ("issues", "issue_events", "issue_departments", "issue_clocks", "firm_links", "photos", "audit_log")


def stored(db) -> dict[str, list[tuple]]:
    """Everything that a request could write, sessions aside and that it was refused."""
    rows = {table: [tuple(row) for row in fetch_all(db, f"SELECT * FROM {table}")] for table in TABLES}
    return rows | {"audit_log": [row for row in rows["audit_log"] if "access_refused" not in row]}


def a_day(days: int) -> str:
    return (clock.today() + timedelta(days=days)).isoformat()


# What is typed for each noun; who types it; where the issue stands before, and what was done besides.
HAPPY = {
    "info-request": ("dispatcher", "submitted", (), {"note": "请补门牌号"}),
    "supplement": ("officer", "needs_info", (), {"note": "建设路 5 号"}),
    "spot-answer": (
        "officer",
        "submitted",
        (),
        {"outcome": "explained", "public_answer": "政策如下", "note": "电话里"},
    ),
    "dispatch": ("dispatcher", "submitted", (), {"department_id": "39", "urgency": "urgent", "note": "请办"}),
    "acceptance": ("handler", "dispatched", (), {}),
    "return-consent": ("office", "late", (), {"note": "同意"}),
    "return": (
        "handler",
        "dispatched",
        (),
        {"note": "不归我们", "basis": "职责第 3 条", "suggested_department_id": "13"},
    ),
    "redispatch": (
        "dispatcher",
        "returned",
        (),
        {"is_return_right": "yes", "department_id": "13", "note": "改由城管", "assisting_ids": ["39", "7"]},
    ),
    "designation": ("head", "disputed", (), {"department_id": "13", "ruling": "由城管办"}),
    "extension-request": ("handler", "in_progress", (), {"note": "等配件", "extend_to_on": 60}),
    "extension": ("head", "in_progress", ("request_extension",), {"extend_to_on": 61, "note": "可以"}),
    "extension-refusal": ("dispatcher", "in_progress", ("request_extension",), {"note": "不可以"}),
    "suspension-request": ("handler", "in_progress", (), {"note": "等批复", "review_on": 30}),
    "suspension": ("office", "in_progress", ("request_suspension",), {"note": "可以", "review_on": 20}),
    "suspension-refusal": ("office", "in_progress", ("request_suspension",), {"note": "不行"}),
    "long-term-listing": ("head", "in_progress", (), {"note": "分三步推进", "review_on": 60}),
    "resumption": ("handler", "suspended", (), {}),
    "answer": (
        "handler",
        "in_progress",
        (),
        {
            "outcome": "solved",
            "note": "换了变压器",
            "public_answer": "已换好",
            "contacted_on": 0,
            "contact_mode": "on_site",
            "evidence": "验收单 12 号",
        },
    ),
    "verification": ("dispatcher", "proposed", (), {}),
    "rejection": ("officer", "proposed", (), {"note": "企业说没换"}),
    "contact-attempt": ("officer", "callback", (), {"contact_mode": "phone", "note": "没人接"}),
    "confirmation": ("dispatcher", "unreached", (), {"note": "三天没联系上"}),
    "dispute": ("dispatcher", "callback", (), {"note": "企业来电说没好"}),
    "reopening": ("officer", "closed", (), {"note": "又坏了"}),
    "merger": ("dispatcher", "in_progress", (), {"master_number": "…", "note": "同一件事"}),
    "voiding": ("office", "returned", (), {"note": "录重了"}),
    "urging": ("head", "in_progress", (), {"note": "请抓紧"}),
    "supervision": ("head", "in_progress", (), {"note": "限期回复", "level": "red", "reply_by_on": 3}),
    "reply": ("handler", "in_progress", ("supervise",), {"note": "正在办"}),
    "assistance": ("dispatcher", "in_progress", (), {"assisting_ids": ["13", "7"]}),
    "notes": ("officer", "suspended", (), {"note": "企业来问"}),
}


def stand(db, noun: str):
    """(client's role, issue, what is typed) for a noun's happy path."""
    role, status, before, typed = HAPPY[noun]
    if status == "late":
        issue = factories.make_issue(db, status="in_progress", at=clock.now() - 20 * DAY)
    elif status == "unreached":
        issue = factories.make_issue(db, status="callback", at=clock.now() - 9 * DAY)
        for days in (5, 4, 3):
            issue = factories.move(db, issue, "log_contact", at=clock.now() - days * DAY)
    else:
        issue = factories.make_issue(db, status=status)
    for action in before:
        more = {"extend_to_on": clock.today() + 60 * DAY} if action == "request_extension" else {}
        issue = factories.move(db, issue, action, **more)
    typed = {name: a_day(value) if isinstance(value, int) else value for name, value in typed.items()}
    if noun == "merger":
        typed["master_number"] = factories.make_issue(db).number
    return role, issue, typed
