"""Makers of rows for tests. Everything goes through the app's own stores and actions, so that what stands in the
database could have come about in real use.

The small world: district 410411 湛河区, department 39 国网平顶山供电公司, one account of each role named after it,
password `demo`. Times default to the recent past (a test that passes `at=` decides the clock itself).
"""

from datetime import date, datetime, timedelta
from io import BytesIO
from itertools import count
from uuid import UUID

from PIL import Image
from werkzeug.security import generate_password_hash

from app import clock
from app.assignments import store as assignments
from app.campaigns import actions as campaigns
from app.campaigns import store as campaign_store
from app.campaigns.models import Campaign, NewCampaign, Step
from app.firms import store as firms
from app.firms.models import Firm
from app.issues import actions as issues
from app.issues import store as issue_store
from app.issues.lifecycle import Outcome, Status
from app.issues.models import Issue, NewIssue
from app.people import store as people
from app.people.models import User
from app.permissions import Role
from app.photos import files
from app.photos.intake import Picture, take_in
from app.rules.models import Kind, Urgency
from app.visits import actions as visits
from app.visits.models import Mode, NewVisit, Topic

DISTRICT, OTHER_DISTRICT = 410411, 410402
DEPARTMENT, OTHER_DEPARTMENT = 39, 13
PASSWORD = "demo"
PASSWORD_HASH = generate_password_hash(PASSWORD, method="scrypt:256:1:1")  # cheap: tests sign in often
UNROUTED, ROUTED = 20, 4
"""A category that no routing rule sends anywhere, and one that goes to DEPARTMENT by itself."""

_numbers = count(1)


def make_user(
    db,
    role: Role | str,
    *,
    username: str | None = None,
    name: str | None = None,
    district_id: int | None = DISTRICT,
    department_id: int | None = DEPARTMENT,
    password: str | None = None,
    now: datetime | None = None,
) -> User:
    """An account; places of work that the role does not have are left out."""
    role = Role(role)
    user_id = people.insert_user(
        db,
        username=username or f"{role.value}{next(_numbers)}",
        password_hash=PASSWORD_HASH if password is None else generate_password_hash(password, method="scrypt:256:1:1"),
        name=name or f"测试{role.value}",
        role=role,
        district_id=district_id if role in (Role.OFFICER, Role.DISPATCHER, Role.HEAD) else None,
        department_id=department_id if role is Role.HANDLER else None,
        now=now or clock.now(),
    )
    user = people.get_user(db, user_id)
    assert user is not None
    return user


def the_user(db, role: Role | str) -> User:
    """The small world's account of this role, made on first use; its username is the role."""
    role = Role(role)
    return people.get_user_by_username(db, role.value) or make_user(db, role, username=role.value)


def make_firm(
    db,
    *,
    officer: User | None = None,
    name: str | None = None,
    district_id: int | None = None,
    now: datetime | None = None,
    **columns,
) -> Firm:
    """A firm in the district of its officer (the small world's unless given)."""
    now = now or clock.now()
    officer = officer or the_user(db, Role.OFFICER)
    nth = next(_numbers)
    values = {
        "name": name or f"平顶山市测试{nth}有限公司",
        "credit_code": f"9141040{nth:011d}",
        "district_id": district_id or officer.district_id,
        "address": f"建设路{nth}号",
        "contact_name": "王经理",
        "contact_phone": f"1383750{nth % 10000:04d}",
        **columns,
    }
    firm_id = firms.insert_firm(db, values, now=now)
    assignments.insert_assignment(db, firm_id, user_id=officer.id, is_lead=True, from_on=clock.day_of(now))
    firm = firms.get_firm(db, firm_id, visible_to=officer)
    assert firm is not None
    return firm


def make_campaign(db, *, begun: bool = True, now: datetime | None = None, **fields) -> Campaign:
    """A campaign of the office's, from nine days ago to nine days ahead, of every firm there is now; begun or a draft.

    `fields` are those of NewCampaign.
    """
    now, office = now or clock.now(), the_user(db, Role.OFFICE)
    today = clock.day_of(now)
    values = {"name": "四季度大走访", "from_on": today - timedelta(days=9), "to_on": today + timedelta(days=9)}
    campaign_id = campaigns.create_campaign(db, NewCampaign(**{**values, **fields}), by=office, now=now)
    if begun:
        return campaigns.move_campaign(db, campaign_id, Step.BEGIN, version=1, by=office, now=now)
    campaign = campaign_store.get_campaign(db, campaign_id)
    assert campaign is not None
    return campaign


def new_visit(firm_id: int, **fields) -> NewVisit:
    """What a phone sends for a visit, with a key of its own."""
    values = {
        "client_key": str(UUID(int=next(_numbers) + (7 << 76) + (2 << 62), version=None)),
        "firm_id": firm_id,
        "visited_at": None,
        "mode": Mode.ON_SITE,
        "topics": (Topic.OPERATION,),
        "notes": "生产正常，订单稳定。",
        "contact_name": "王经理",
        "latitude": None,
        "longitude": None,
        "accuracy_m": None,
        "issues": (),
    }
    return NewVisit(**{**values, **fields})


def new_issue(**fields) -> NewIssue:
    """What an officer reports."""
    values = {
        "category_id": UNROUTED,
        "kind": Kind.HELP,
        "urgency": Urgency.NORMAL,
        "title": f"厂门口的路坏了{next(_numbers)}",
        "description": "货车进出困难，请协调修补。",
    }
    return NewIssue(**{**values, **fields})


def make_visit(
    db, *, firm: Firm | None = None, by: User | None = None, pictures=(), now: datetime | None = None, **fields
) -> int:
    """A recorded visit; its id. `fields` are those of NewVisit."""
    by = by or the_user(db, Role.OFFICER)
    firm = firm or make_firm(db, officer=by)
    new = new_visit(firm.id, **fields)
    return visits.record_visit(
        db, new, pictures=pictures, issue_pictures=[() for _ in new.issues], by=by, now=now or clock.now()
    )


_WAYS: dict[Status, tuple[str, ...]] = {
    Status.SUBMITTED: (),
    Status.NEEDS_INFO: ("ask_info",),
    Status.DISPATCHED: ("dispatch",),
    Status.IN_PROGRESS: ("dispatch", "accept"),
    Status.RETURNED: ("dispatch", "return"),
    Status.DISPUTED: ("dispatch", "return", "redispatch", "return"),
    Status.SUSPENDED: ("dispatch", "accept", "request_suspension", "suspend"),
    Status.PROPOSED: ("dispatch", "accept", "answer"),
    Status.CALLBACK: ("dispatch", "accept", "answer", "verify"),
    Status.CLOSED: ("dispatch", "accept", "answer", "verify", "confirm"),
    Status.MERGED: ("merge",),
    Status.VOID: ("void",),
}


def brings(action: str, *, on: date, department_id: int = DEPARTMENT, **more) -> dict[str, object]:
    """What a move brings when all is well, as its form would give it."""
    later = on + timedelta(days=14)
    values: dict[str, dict[str, object]] = {
        "ask_info": {"note": "请补充门牌号。"},
        "supplement": {"note": "建设路 5 号。"},
        "answer_on_spot": {"outcome": Outcome.EXPLAINED, "public_answer": "已当场说明政策。"},
        "dispatch": {"department_id": department_id, "assisting_ids": (), "urgency": Urgency.NORMAL},
        "agree_return": {"note": "同意。"},
        "return": {"note": "不属本单位职责。", "basis": "职责清单第 3 条"},
        "redispatch": {
            "department_id": department_id,
            "assisting_ids": (),
            "is_return_right": False,
            "note": "仍由贵单位牵头。",
        },
        "designate": {"department_id": department_id, "assisting_ids": (), "ruling": "由供电公司办理。"},
        "request_extension": {"note": "需等配件。", "extend_to_on": later},
        "grant_extension": {"extend_to_on": later},
        "refuse_extension": {"note": "请按期办结。"},
        "request_suspension": {"note": "待上级批复。", "review_on": later},
        "suspend": {"note": "同意挂账。", "review_on": later},
        "refuse_suspension": {"note": "条件不符。"},
        "list_long_term": {"note": "管网改造分三年实施。", "review_on": later},
        "answer": {
            "outcome": Outcome.SOLVED,
            "note": "已现场处理。",
            "public_answer": "问题已解决。",
            "contacted_on": on,
            "contact_mode": "phone",
        },
        "reject_answer": {"note": "企业说没有解决。"},
        "log_contact": {"contact_mode": "phone"},
        "close_unreached": {"note": "三天未联系上。"},
        "dispute_answer": {"note": "还没有解决。"},
        "reopen": {"note": "问题又出现了。"},
        "void": {"note": "重复录入。"},
        "urge": {"note": "请抓紧。"},
        "supervise": {"note": "请三天内回复。", "level": "yellow", "reply_by_on": later},
        "reply": {"note": "正在办理。"},
        "assist": {"assisting_ids": (OTHER_DEPARTMENT,)},
        "note": {"note": "已联系企业。"},
    }
    return {**values.get(action, {}), **more}


_WHO = {
    "supplement": Role.OFFICER,
    "verify": Role.OFFICER,
    "reopen": Role.OFFICER,
    "designate": Role.HEAD,
    "list_long_term": Role.HEAD,
    "urge": Role.HEAD,
    "supervise": Role.HEAD,
    "suspend": Role.OFFICE,
    "refuse_suspension": Role.OFFICE,
    "void": Role.OFFICE,
    **dict.fromkeys(("accept", "return", "request_extension", "request_suspension", "answer", "reply"), Role.HANDLER),
}


def who(db, action: str, issue: Issue) -> User:
    """An account that takes this action on the issue: of its lead, its district, its officer."""
    role = _WHO.get(action, Role.DISPATCHER)
    user = the_user(db, role)
    if role is Role.HANDLER and issue.department_id not in (None, user.department_id):
        name = f"handler-of-{issue.department_id}"
        found = people.get_user_by_username(db, name)
        return found or make_user(db, role, username=name, department_id=issue.department_id)
    if role in (Role.DISPATCHER, Role.HEAD) and user.district_id != issue.district_id:
        name = f"{role.value}-of-{issue.district_id}"
        found = people.get_user_by_username(db, name)
        return found or make_user(db, role, username=name, district_id=issue.district_id)
    if role is Role.OFFICER:
        return people.get_user(db, issue.reported_by) or user
    return user


def move(db, issue: Issue, action: str, *, at: datetime | None = None, by: User | None = None, **brought) -> Issue:
    """One real move with what it must bring; the fresh issue. `brought` overrides what `brings` gives."""
    at = at or clock.now()
    if action == "confirm":
        link_id = issues.make_link(db, issue.id, by=who(db, "verify", issue), now=at, days=14)
        values = {"is_solved": True, "is_satisfied": True, "comment": "谢谢。", **brought}
        return issues.confirm_by_firm(db, link_id, now=at, **values)
    if action == "merge" and "master_number" not in brought:
        officer = people.get_user(db, issue.reported_by)
        firm = firms.get_firm(db, issue.firm_id, visible_to=officer)
        brought["master_number"] = make_issue(db, firm=firm, officer=officer, at=issue.reported_at).number
    values = brings(action, on=clock.day_of(at), **({"department_id": issue.department_id or DEPARTMENT} | brought))
    if "department_id" not in brought and action not in ("dispatch", "redispatch", "designate"):
        values.pop("department_id", None)
    return issues.advance(
        db, issue.id, action, by=by or who(db, action, issue), now=at, version=issue.version, brought=values
    )


def make_issue(
    db,
    *,
    status: Status | str = Status.SUBMITTED,
    firm: Firm | None = None,
    officer: User | None = None,
    visit_id: int | None = None,
    department_id: int = DEPARTMENT,
    pictures=(),
    at: datetime | None = None,
    step: timedelta = timedelta(minutes=1),
    **fields,
) -> Issue:
    """An issue walked to `status` by real moves, the first at `at` (an hour ago), each `step` after the last.

    `fields` are those of NewIssue (title, category_id, kind, urgency …).
    """
    at = at or clock.now() - timedelta(hours=1)
    officer = officer or the_user(db, Role.OFFICER)
    firm = firm or make_firm(db, officer=officer, now=at)
    issue_id = issues.report(
        db,
        new_issue(**fields),
        firm_id=firm.id,
        district_id=firm.district_id,
        visit_id=visit_id,
        pictures=pictures,
        by=officer,
        now=at,
    )
    issue = issue_store.get_issue_for_system(db, issue_id, now=at)
    assert issue is not None
    for action in _WAYS[Status(status)]:
        if action == "dispatch" and issue.status is Status.DISPATCHED:
            continue  # a routing rule was quicker
        at += step
        more = {"department_id": department_id} if action in ("dispatch", "redispatch") else {}
        issue = move(db, issue, action, at=at, **more)
    fresh = issue_store.get_issue_for_system(db, issue_id, now=at)
    assert fresh is not None and fresh.status is Status(status)
    return fresh


def jpeg_bytes(size: tuple[int, int] = (64, 48), colour: tuple[int, int, int] = (20, 120, 200)) -> bytes:
    """A small JPEG file; another colour is another photo."""
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG")
    return file.getvalue()


def make_picture(folder=None, **more) -> Picture:
    """A small photo taken in for real; stored too when `folder` (settings.photos) is given."""
    picture = take_in(jpeg_bytes(**more), max_bytes=1_000_000)
    if folder is not None:
        files.save(folder, picture.sha256, "main", picture.main)
        files.save(folder, picture.sha256, "thumb", picture.thumb)
    return picture
