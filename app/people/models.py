"""An account as the rest of the app sees it."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.i18n import N_
from app.permissions import Permission, Role, can

ROLE_NAMES: Mapping[Role, str] = {
    Role.OFFICER: N_("首席服务官"),
    Role.HANDLER: N_("部门经办人"),
    Role.DISPATCHER: N_("区县营商办"),
    Role.HEAD: N_("区县负责人"),
    Role.OFFICE: N_("市营商办"),
    Role.AUDITOR: N_("督查"),
}

NO_PASSWORD = "!"  # noqa: S105 (no hash: nobody can sign in with it)
"""What `password_hash` holds until a first password is handed out."""


@dataclass(frozen=True)
class User:
    """A signed-in person. `session_token` is what her cookie holds; the rest is read afresh with each request.

    `due` names the step that must come first (see `app.guard.STEPS`), `confirmed_at` when she last gave her password.
    """

    id: int
    username: str
    name: str
    role: Role
    district_id: int | None
    department_id: int | None
    session_token: str = ""
    due: str = ""
    confirmed_at: str = ""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What flask-login keeps in the cookie: the session's token, so that a session can be ended on the server."""
        return self.session_token

    def can(self, permission: str) -> bool:
        """Whether her role holds the permission (for templates)."""
        return can(self.role, Permission(permission))

    @property
    def role_name(self) -> str:
        """The role as a msgid."""
        return ROLE_NAMES[self.role]
