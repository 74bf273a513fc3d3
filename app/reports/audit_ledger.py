"""审计台账: the audit log as a file, as it was searched."""

from collections.abc import Iterator

from sqlite_utils import Database
from werkzeug.datastructures import MultiDict

from app.audit import search, store
from app.audit.models import Search
from app.audit.words import shown
from app.clock import from_text, local
from app.people.models import ROLE_NAMES
from app.permissions import Role
from app.reports import sheets
from app.reports.exports import Ledger
from app.reports.ledgers import CHUNK
from app.translation import gettext as _


def audit_ledger(db: Database, args: MultiDict) -> Ledger:
    """The entries that the search finds, oldest first. Raises Invalid for what cannot be searched by."""
    asked, typed = search.read(db, search.form_of(args))
    # Whom and what was searched for may be a name: that there was something says enough.
    said = (f"{name}={typed[name]}" for name in ("action", "from_on", "to_on") if typed[name])
    named = (name for name in ("person", "about") if typed[name])
    headings = (
        (_("序号"), 10), (_("时间"), 20), (_("操作"), 18), (_("用户名"), 16), (_("姓名"), 12), (_("角色"), 14),
        (_("对象"), 18), (_("名称"), 30), (_("说明"), 40), (_("校验值"), 66),
    )  # fmt: skip
    columns = [sheets.Column(heading, width) for heading, width in headings]
    count = store.count_entries(db, asked)
    return Ledger("audit", _("审计台账"), columns, _rows(db, asked), count, " ".join((*said, *named)))


def _rows(db: Database, asked: Search) -> Iterator[list[sheets.Cell]]:
    after = 0
    while rows := store.list_entries(db, asked, after_id=after, limit=CHUNK):
        names = store.list_names(db, [row["object"] for row in rows])
        for row in rows:
            said = shown(row, names)
            yield [
                row["id"],
                f"{local(from_text(row['at'])):%Y-%m-%d %H:%M:%S}",
                said["action"],
                row["by_username"] or "",
                row["by_name"] or "",
                _(ROLE_NAMES[Role(row["by_role"])]) if row["by_role"] else "",
                said["object"],
                said["name"],
                row["detail"],
                row["hash"],
            ]
        after = rows[-1]["id"]
