"""The people of a city at work, as locust imitates them: `benchmarks/rush.py` starts it.

An officer looks at her day, finds a firm, opens its page and the form, sends the visit as her phone does (the text,
then two photos), and reads on; every third visit carries an issue, and a handler then opens her inbox and an issue.
After one visit in ten a head or the office looks at a board.
"""

import hashlib
import json
import os
import random
import uuid
from pathlib import Path

from locust import HttpUser, constant_throughput, task

from app import create_app
from app.config import Settings
from app.db import connect
from benchmarks.pictures import photo
from benchmarks.signed_in import cookie_of, reopen

SETTINGS = Settings(instance=str(Path(os.environ["QIFANG_CITY"])))
STORIES_A_SECOND = float(os.environ["QIFANG_STORIES_A_SECOND"])
ISSUES_A_VISIT, BOARDS_A_VISIT, PHOTOS = 1 / 3, 0.1, 2

reopen(SETTINGS.database)
_app, _db = create_app(SETTINGS), connect(SETTINGS.database)
OFFICERS = _db.conn.execute(
    "SELECT o.user_id, o.firm_id, substr(f.name, 1, 4) FROM firm_officers o JOIN firms f ON f.id = o.firm_id"
    " WHERE o.is_lead = 1 AND o.to_on IS NULL GROUP BY o.user_id ORDER BY random() LIMIT 2000"
).fetchall()
HANDLERS = _db.conn.execute(
    "SELECT u.id, i.id FROM issues i JOIN users u ON u.department_id = i.department_id AND u.role = 'handler'"
    " WHERE i.status = 'in_progress' GROUP BY i.id ORDER BY i.id DESC LIMIT 500"
).fetchall()
BOARDS = _db.conn.execute("SELECT id FROM users WHERE role IN ('head', 'office')").fetchall()
CATEGORY = _db.conn.execute("SELECT min(id) FROM categories").fetchone()[0]
PICTURES = [photo(nth) for nth in range(6)]
_db.conn.close()


def cookie(user_id: int) -> dict[str, str]:
    """The header of the session that the made-up city holds for this account."""
    return {"Cookie": f"qifang={cookie_of(_app, user_id)}"}


class Officer(HttpUser):
    """One phone, and what its visits bring about, at a pace that slow answers do not slacken."""

    wait_time = constant_throughput(STORIES_A_SECOND)

    @task
    def story(self) -> None:
        """From her first page to the receipt of the last photo, and what follows from it."""
        officer, firm, name = random.choice(OFFICERS)
        headers = cookie(officer)
        self.read("today", "/", headers)
        self.read("firm search", f"/firms/?q={name}", headers)
        self.read("firm page", f"/firms/{firm}", headers)
        self.read("visit form", f"/visits/new?firm_id={firm}", headers)
        has_issue = random.random() < ISSUES_A_VISIT
        self.visit(firm, headers, has_issue=has_issue)
        if has_issue:
            handler, issue = random.choice(HANDLERS)
            self.read("inbox", "/issues/", cookie(handler))
            self.read("issue page", f"/issues/{issue}", cookie(handler))
        if random.random() < BOARDS_A_VISIT:
            self.read("board", "/review/", cookie(random.choice(BOARDS)[0]))

    def read(self, name: str, path: str, headers: dict[str, str]) -> None:
        """Open a page."""
        self.client.get(path, name=name, headers=headers)

    def visit(self, firm: int, headers: dict[str, str], *, has_issue: bool) -> None:
        """The text under its key, then the photos one by one."""
        key, headers = str(uuid.uuid4()), {**headers, "Sec-Fetch-Site": "same-origin"}
        photos = {str(uuid.uuid4()): raw for raw in random.sample(PICTURES, PHOTOS)}
        lines = [{"key": k, "sha256": hashlib.sha256(raw).hexdigest(), "field": "photos"} for k, raw in photos.items()]
        record = {"firm_id": str(firm), "notes": "生产正常"}
        if has_issue:
            record |= {"issues-0-category_id": str(CATEGORY), "issues-0-title": "厂门口道路破损"}
            record |= {"issues-0-description": "货车进出不便"}
        self.client.put(
            f"/outbox/visits/{key}",
            name="(visit)",
            data=json.dumps({"schema": 1, "record": record, "photos": lines}),
            headers={**headers, "Content-Type": "application/json"},
        )
        for k, raw in photos.items():
            path = f"/outbox/photos/{k}?visit={key}"
            self.client.put(path, name="(photo)", data=raw, headers={**headers, "Content-Type": "image/jpeg"})
