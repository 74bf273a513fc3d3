"""Canned answers in the form of an answer: which are offered, and putting one in as its button does without scripts."""

from sqlite_utils import Database

from app.errors import NotFound
from app.forms import read_id
from app.i18n import N_
from app.issues.forms import MoveForm
from app.issues.lifecycle import Transition
from app.issues.models import Issue
from app.people.models import User
from app.registers import canned_store

FIELD = "public_answer"
"""What the firm will read."""
NOT_OFFERED = N_("这条标准答复已经停用或不适用。请返回，重新打开答复页面。")


def offered(db: Database, issue: Issue, row: Transition, *, to: User) -> list:
    """The texts that fit this issue; none where the move answers nobody."""
    if FIELD not in row.brings:
        return []
    return canned_store.list_offered(db, category_id=issue.category_id, visible_to=to)


def put_in(db: Database, form: MoveForm, issue: Issue, row: Transition, *, chosen: str, to: User) -> None:
    """Add the chosen text to what is typed already. Raises NotFound for one that is not offered here."""
    wanted = read_id(chosen)
    found = next((each for each in offered(db, issue, row, to=to) if each["id"] == wanted), None)
    if found is None:
        raise NotFound(NOT_OFFERED)
    form[FIELD].data = "\n".join(text for text in (form[FIELD].data, found["body"]) if text)
