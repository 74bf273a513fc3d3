"""What may be done to an issue: reporting it, and every move of the lifecycle, one transaction each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlite_utils import Database

from app.audit import store as audit
from app.clock import day_of, to_text
from app.db import transaction
from app.departments import store as departments
from app.errors import Conflict, Invalid, NotFound
from app.i18n import N_
from app.issues import clock_store, deadlines, history_store, link_store, moves, store
from app.issues.lifecycle import ENDED, TRANSITIONS, Actor, Status, Transition, actors_of, may, target_of
from app.issues.models import Issue, NewIssue
from app.people.models import User
from app.permissions import Role
from app.photos import store as photos
from app.photos.intake import Picture
from app.rules import routing
from app.rules import store as rules

NO_SUCH_ISSUE = N_("没有这个问题，或不在您的工作范围内。")
STALE = N_("这个问题刚刚有了变化，您的操作没有执行。请看下面的最新情况再决定。")
NOT_NOW = N_("这个问题现在不能这样办理。请看下面的最新情况再决定。")
NO_SUCH_LINK = N_("这个链接无效或已过期。请向您的首席服务官索取新的链接。")


@dataclass(frozen=True)
class Move:
    """One move as asked for: who in which part, what it brings, and the version of the issue she looked at."""

    action: str
    actor: Actor
    by_id: int | None
    brought: Mapping[str, object] = field(default_factory=dict)
    pictures: Sequence[Picture] = ()
    version: int | None = None


def report(
    db: Database,
    new: NewIssue,
    *,
    firm_id: int,
    district_id: int,
    visit_id: int | None,
    pictures: Sequence[Picture],
    by: User,
    now: datetime,
) -> int:
    """Report a problem; its id. It goes straight to the department where a routing rule names one."""
    with transaction(db):
        issue_id = store.insert_issue(
            db, new, firm_id=firm_id, district_id=district_id, visit_id=visit_id, reported_by=by.id, now=now
        )
        history_store.add_event(
            db,
            issue_id,
            action="report",
            actor=Actor.OFFICER,
            by_id=by.id,
            at=now,
            from_status=None,
            to_status=Status.SUBMITTED,
            data={"category_id": new.category_id, "kind": new.kind, "urgency": new.urgency},
        )
        _add_pictures(db, issue_id, pictures, event_id=None, by_id=by.id, now=now)
        decision = routing.route(
            rules.list_routing_rules(db, category_id=new.category_id),
            category_id=new.category_id,
            district_id=district_id,
            text=f"{new.title}\n{new.description}",
            on=day_of(now),
        )
        if decision is None:
            recompute_clocks(db, issue_id)
        else:
            brought = {
                "department_id": decision.department_id,
                "assisting_ids": decision.assisting_ids,
                "urgency": new.urgency,
                "rule_id": decision.rule.id,
            }
            advance_by_system(db, issue_id, "dispatch", brought=brought, now=now)
        return issue_id


def advance(
    db: Database,
    issue_id: int,
    action: str,
    *,
    by: User,
    now: datetime,
    version: int | None,
    brought: Mapping[str, object] | None = None,
    pictures: Sequence[Picture] = (),
) -> Issue:
    """Take an issue through one move and write its history; the fresh issue.

    Raises NotFound out of scope, Conflict when the issue moved on or the move is not this person's, Invalid when
    what it brings does not fit.
    """
    with transaction(db):
        issue = store.get_issue(db, issue_id, visible_to=by, now=now)
        if issue is None:
            raise NotFound(NO_SUCH_ISSUE)
        parts = [part for part in actors_of(issue, by) if may(issue, action, part)]
        if not parts:
            raise Conflict(STALE if version is not None and version != issue.version else NOT_NOW)
        brought = _resolve(db, issue, action, brought or {}, by=by)
        _move(db, issue, Move(action, parts[0], by.id, brought, pictures, version), now=now)
        fresh = store.get_issue(db, issue_id, visible_to=by, now=now)
        # A handler who returns or hands over an issue may no longer see it; she is still told how it went.
        return fresh or _always(store.get_issue_for_system(db, issue_id, now=now))


def advance_by_system(
    db: Database, issue_id: int, action: str, *, brought: Mapping[str, object], now: datetime
) -> None:
    """A move that the rules or the clock make, without a person."""
    with transaction(db):
        issue = _always(store.get_issue_for_system(db, issue_id, now=now))
        if not may(issue, action, Actor.SYSTEM):
            raise Conflict(NOT_NOW)
        _move(db, issue, Move(action, Actor.SYSTEM, None, brought), now=now)


def accept_many(db: Database, issue_ids: Sequence[int], *, by: User, now: datetime) -> tuple[int, int]:
    """Accept several issues at once; how many were accepted, and how many had moved on meanwhile."""
    accepted = 0
    for issue_id in issue_ids:
        try:
            advance(db, issue_id, "accept", by=by, now=now, version=None)
        except (Conflict, NotFound):
            continue
        accepted += 1
    return accepted, len(issue_ids) - accepted


def may_see_contact(issue: Issue, by: User) -> bool:
    """Whether this person may see the firm's contact: a department only while the case is open and hers."""
    if by.role is Role.HANDLER:
        return issue.status not in ENDED and bool(actors_of(issue, by))
    return by.role is not Role.AUDITOR


def reveal_contact(db: Database, issue_id: int, *, by: User, now: datetime) -> Issue:
    """The issue with its firm's number; that it was looked at is written to the audit log."""
    with transaction(db):
        issue = store.get_issue(db, issue_id, visible_to=by, now=now)
        if issue is None:
            raise NotFound(NO_SUCH_ISSUE)
        if not may_see_contact(issue, by):
            raise Conflict(N_("问题已办结，不再显示企业联系方式。"))
        audit.add_entry(db, "contact_revealed", f"issue:{issue_id}", by_id=by.id, now=now)
        return issue


def may_make_link(issue: Issue, by: User) -> bool:
    """Whether this person may hand the firm its link now."""
    return issue.status is Status.CALLBACK and bool({Actor.OFFICER, Actor.DISPATCHER} & actors_of(issue, by))


def make_link(db: Database, issue_id: int, *, by: User, now: datetime, days: int) -> int:
    """A link for the firm to say whether it is solved; its id. The one that still works is shown again."""
    with transaction(db):
        issue = store.get_issue(db, issue_id, visible_to=by, now=now)
        if issue is None:
            raise NotFound(NO_SUCH_ISSUE)
        if not may_make_link(issue, by):
            raise Conflict(NOT_NOW)
        live = link_store.get_live_link(db, issue_id, now=now)
        return (
            live["id"]
            if live
            else link_store.insert_link(db, issue_id, created_by=by.id, now=now, expires_at=now + timedelta(days=days))
        )


def open_link(db: Database, link_id: int, *, now: datetime) -> tuple[Issue, bool]:
    """The issue a firm's link names, and whether it still awaits the firm's word. Raises NotFound when it expired."""
    link = link_store.get_link(db, link_id)
    if link is None or link["revoked_at"] or (not link["used_at"] and link["expires_at"] <= to_text(now)):
        raise NotFound(NO_SUCH_LINK)
    issue = _always(store.get_issue_for_system(db, link["issue_id"], now=now))
    return issue, link["used_at"] is None and issue.status is Status.CALLBACK


def mark_opened(db: Database, link_id: int, *, now: datetime) -> None:
    """Remember that the firm looked (a link preview does not press the button that calls this)."""
    with transaction(db):
        link_store.mark_link_opened(db, link_id, now=now)


def confirm_by_firm(
    db: Database, link_id: int, *, is_solved: bool, is_satisfied: bool, comment: str, now: datetime
) -> Issue:
    """The firm's word, once: solved or satisfied closes the issue, neither sends it back. Raises Conflict if said."""
    with transaction(db):
        issue, is_open = open_link(db, link_id, now=now)
        if not is_open or not link_store.use_link(db, link_id, now=now):
            raise Conflict(N_("这个问题已经收到过您的答复，谢谢。"))
        brought: dict[str, object] = {"is_solved": is_solved, "is_satisfied": is_satisfied, "note": comment}
        action = "confirm" if is_solved or is_satisfied else "dispute_answer"
        _move(db, issue, Move(action, Actor.FIRM, None, brought), now=now)
        return _always(store.get_issue_for_system(db, issue.id, now=now))


def _resolve(db: Database, issue: Issue, action: str, brought: Mapping[str, object], *, by: User) -> dict[str, object]:
    """Check what a move brings against what there is. Raises Invalid naming the field."""
    resolved = dict(brought)
    row = TRANSITIONS[action]
    if "department_id" in row.brings and departments.get_department(db, _int(brought["department_id"])) is None:
        raise Invalid(fields={"department_id": N_("请从列表中选择责任单位。")})
    if action == "redispatch" and brought["is_return_right"] and brought["department_id"] == issue.department_id:
        raise Invalid(fields={"department_id": N_("已认定退回有理，请改派给其他单位。")})
    if action in ("request_extension", "grant_extension") and issue.due_at:
        extend_to_on = brought["extend_to_on"]
        if isinstance(extend_to_on, date) and extend_to_on <= day_of(issue.due_at):
            raise Invalid(fields={"extend_to_on": N_("日期不在可选范围内，请重新选择。")})
    if action == "merge":
        master_id = store.get_id_by_number(db, str(brought["master_number"]), visible_to=by)
        master = store.get_issue(db, master_id, visible_to=by, now=issue.reported_at) if master_id else None
        if master is None or master.id == issue.id or master.status in ENDED:
            raise Invalid(fields={"master_number": N_("没有这个编号的未办结问题，请核对。")})
        if master.firm_id != issue.firm_id and master.category_id != issue.category_id:
            raise Invalid(fields={"master_number": N_("只能并入同一企业或同一类别的问题。")})
        resolved["merged_into_id"] = master.id
    lead = resolved.get("department_id", issue.department_id)
    assisting = resolved.get("assisting_ids") or ()
    if isinstance(assisting, Sequence):
        resolved["assisting_ids"] = tuple(each for each in assisting if each != lead)
    return resolved


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value


def _move(db: Database, issue: Issue, move: Move, *, now: datetime) -> None:
    """Compare and set, history, photos, assisting departments, clocks: one move inside the caller's transaction."""
    row = TRANSITIONS[move.action]
    if move.version is not None and move.version != issue.version:
        raise Conflict(STALE)
    to = target_of(issue, row)
    columns = moves.changes(issue, move.action, move.brought, to=to, now=now)
    if not store.move_issue(db, issue, columns):
        raise Conflict(STALE)
    data = {name: value for name, value in move.brought.items() if name != "note" and value not in (None, "", ())}
    if moves.is_wrong_dispatch(issue, move.action, move.brought):
        data["was_wrong"] = True
    if "department_id" in columns:
        data["previous_department_id"] = issue.department_id
    event_id = history_store.add_event(
        db,
        issue.id,
        action=move.action,
        actor=move.actor,
        by_id=move.by_id,
        at=now,
        from_status=issue.status,
        to_status=to,
        note=str(move.brought.get("note") or move.brought.get("ruling") or ""),
        data=data,
    )
    if move.by_id is not None:
        _add_pictures(db, issue.id, move.pictures, event_id=event_id, by_id=move.by_id, now=now)
    if _names_assisting(row, move):
        store.replace_assisting(db, issue.id, move.brought.get("assisting_ids") or ())  # type: ignore[arg-type]
    if move.action == "return" and issue.return_count + 1 >= SECOND_RETURN:
        recompute_clocks(db, issue.id)
        advance_by_system(db, issue.id, "escalate", brought={}, now=now)
    if row.clocks:
        recompute_clocks(db, issue.id)


SECOND_RETURN = 2
"""The second return goes to the district head to name a department: no third round of ping-pong."""


def _names_assisting(row: Transition, move: Move) -> bool:
    return "department_id" in row.brings or move.action == "assist"


def _add_pictures(
    db: Database, issue_id: int, pictures: Sequence[Picture], *, event_id: int | None, by_id: int, now: datetime
) -> None:
    for position, picture in enumerate(pictures):
        photos.insert_photo(
            db, picture, issue_id=issue_id, event_id=event_id, position=position, added_by=by_id, now=now
        )


def clocks_of(db: Database, issue_id: int) -> tuple[deadlines.ClockState, ...]:
    """The clocks of an issue as its history, the rules and the calendar give them."""
    return deadlines.clocks(history_store.list_moves(db, issue_id), *rules.limits_and_calendar(db))


def recompute_clocks(db: Database, issue_id: int) -> None:
    """Reckon an issue's clocks anew from its history, and store them."""
    states = clocks_of(db, issue_id)
    clock_store.replace_clocks(db, issue_id, states, deadlines.running(states))


def _always(issue: Issue | None) -> Issue:
    if issue is None:
        raise NotFound(NO_SUCH_ISSUE)
    return issue
