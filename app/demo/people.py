"""The demo's accounts: labels instead of names, and six that anyone may sign in with."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlite_utils import Database
from werkzeug.security import generate_password_hash

from app.demo import texts
from app.departments import store as departments
from app.people import store
from app.people.models import User
from app.permissions import Role
from app.places import store as places

PASSWORD = "demo"  # noqa: S105 (shown on the sign-in page)
NO_PASSWORD = "!"  # noqa: S105 (no hash: nobody can sign in with it)
HOME_DISTRICT, HOME_DEPARTMENT = 410411, 39
"""Where the demo's officer, dispatcher and head work (湛河区), and the demo's handler (供电公司)."""

OFFICERS = {
    410402: 80, 410403: 60, 410404: 20, HOME_DISTRICT: 70, 410421: 65, 410422: 60,
    410423: 60, 410425: 55, 410471: 45, 410472: 35, 410481: 45, 410482: 55,
}  # fmt: skip
"""How many officers a district has: 650 in all."""

UNITS = ("发改委", "工信局", "市场监管局", "商务局", "人社局", "自然资源局", "行政审批局", "财政局", "住建局", "营商办")
"""Whose staff the officers of a district are, one after another."""

DEMO_OFFICER_NUMBER = 17
HANDLERS_EACH = 3
DEMO_USERNAMES = ("officer", "handler", "dispatcher", "head", "office", "auditor")


@dataclass
class People:
    """Every account by where it works."""

    officers: dict[int, list[User]] = field(default_factory=dict)
    handlers: dict[int, list[User]] = field(default_factory=dict)
    dispatchers: dict[int, User] = field(default_factory=dict)
    heads: dict[int, User] = field(default_factory=dict)
    office: list[User] = field(default_factory=list)
    auditors: list[User] = field(default_factory=list)
    demo: dict[str, User] = field(default_factory=dict)

    def everyone(self) -> list[User]:
        """All accounts in the order of their ids."""
        lists = (*self.officers.values(), *self.handlers.values(), self.office, self.auditors)
        users = [user for each in lists for user in each]
        return sorted([*users, *self.dispatchers.values(), *self.heads.values()], key=lambda user: user.id)


def load_people(db: Database, *, scale: float, now: datetime) -> People:
    """Add every account: officers, dispatcher and head for each district, handlers for each department, the office."""
    people = People()
    password_hash = generate_password_hash(PASSWORD)

    def add(
        username: str,
        name: str,
        role: Role,
        *,
        district_id: int | None = None,
        department_id: int | None = None,
        unit: str = "",
        title: str = "",
    ):
        is_demo = username in DEMO_USERNAMES
        user_id = store.insert_user(
            db,
            username=username,
            password_hash=password_hash if is_demo else NO_PASSWORD,
            name=name,
            role=role,
            district_id=district_id,
            department_id=department_id,
            unit=unit,
            title=title,
            now=now,
        )
        user = User(user_id, username, name, role, district_id, department_id)
        if is_demo:
            people.demo[username] = user
        return user

    for district in places.list_districts(db):
        home, at = district["id"] == HOME_DISTRICT, {"district_id": district["id"]}
        short, code = district["short_name"], district["id"]
        full = short if short.endswith(("区", "县", "市")) else district["name"]
        people.dispatchers[code] = add(
            "dispatcher" if home else f"dispatcher-{code}", f"{full}营商办", Role.DISPATCHER, **at
        )
        people.heads[code] = add("head" if home else f"head-{code}", f"{full}负责人", Role.HEAD, **at)
        count = max(round(OFFICERS[code] * scale), DEMO_OFFICER_NUMBER if home else 2)
        people.officers[code] = [
            add(
                "officer" if home and number == DEMO_OFFICER_NUMBER else f"officer-{code}-{number:03d}",
                texts.officer_label(short, number),
                Role.OFFICER,
                unit=f"{full}{UNITS[number % len(UNITS)]}",
                title="科级干部" if number % 4 == 1 else "一般干部",
                **at,
            )
            for number in range(1, count + 1)
        ]
    for department in departments.list_departments(db):
        home, at = department["id"] == HOME_DEPARTMENT, {"department_id": department["id"]}
        people.handlers[department["id"]] = [
            add(
                "handler" if home and number == 1 else f"handler-{department['id']}-{number}",
                f"{department['short_name']} 经办人{number}",
                Role.HANDLER,
                **at,
            )
            for number in range(1, HANDLERS_EACH + 1)
        ]
    people.office = [add("office", "市营商办", Role.OFFICE), add("office-2", "市营商办 值班", Role.OFFICE)]
    people.auditors = [add("auditor", "市督查组", Role.AUDITOR)]
    return people
