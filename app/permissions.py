"""Who may do what: the roles, the permissions, and one table that joins them. Pure: no Flask, no database.

A permission opens a view (`@requires` above it); which *rows* a person then sees is the scope in the store's WHERE.
"""

from enum import StrEnum


class Role(StrEnum):
    """The six kinds of account. A firm has none: it acts by its one-time link."""

    OFFICER = "officer"
    HANDLER = "handler"
    DISPATCHER = "dispatcher"
    HEAD = "head"
    OFFICE = "office"
    AUDITOR = "auditor"


class Permission(StrEnum):
    """What a view may ask for."""

    OWN_ACCOUNT = "own_account"
    SECOND_STEP = "second_step"
    FIRMS_READ = "firms_read"
    FIRMS_EDIT = "firms_edit"
    CONTACTS_REVEAL = "contacts_reveal"
    ASSIGNMENTS_READ = "assignments_read"
    ASSIGNMENTS_EDIT = "assignments_edit"
    VISITS_READ = "visits_read"
    VISITS_RECORD = "visits_record"
    ISSUES_READ = "issues_read"
    ISSUES_ACT = "issues_act"
    ISSUES_DIRECT = "issues_direct"
    PHOTOS_READ = "photos_read"
    REVIEW_READ = "review_read"
    REPORTS_READ = "reports_read"
    BULLETINS_EDIT = "bulletins_edit"
    AUDIT_READ = "audit_read"
    CAMPAIGNS_READ = "campaigns_read"
    CAMPAIGNS_EDIT = "campaigns_edit"
    RULES_READ = "rules_read"
    RULES_EDIT = "rules_edit"
    ACCOUNTS_EDIT = "accounts_edit"
    ROSTERS_EDIT = "rosters_edit"
    ANSWERS_READ = "answers_read"
    ANSWERS_EDIT = "answers_edit"
    OFFICE_READ = "office_read"
    CHECKS_RUN = "checks_run"
    PRIVACY_EXPORT = "privacy_export"


_P = Permission
_EVERYONE = frozenset({_P.OWN_ACCOUNT, _P.ISSUES_READ, _P.PHOTOS_READ})
_DISTRICT = _EVERYONE | {
    _P.FIRMS_READ,
    _P.VISITS_READ,
    _P.ASSIGNMENTS_READ,
    _P.ISSUES_ACT,
    _P.CONTACTS_REVEAL,
    _P.REVIEW_READ,
    _P.REPORTS_READ,
    _P.RULES_READ,
    _P.CAMPAIGNS_READ,
}

ROLES: dict[Role, frozenset[Permission]] = {
    Role.OFFICER: _EVERYONE
    | {_P.FIRMS_READ, _P.FIRMS_EDIT, _P.CONTACTS_REVEAL, _P.VISITS_READ, _P.VISITS_RECORD, _P.ISSUES_ACT},
    Role.HANDLER: _EVERYONE | {_P.ISSUES_ACT, _P.CONTACTS_REVEAL, _P.ANSWERS_READ, _P.ANSWERS_EDIT},
    Role.DISPATCHER: _DISTRICT | {_P.FIRMS_EDIT, _P.ASSIGNMENTS_EDIT},
    Role.HEAD: _DISTRICT | {_P.ISSUES_DIRECT, _P.SECOND_STEP},
    Role.OFFICE: _DISTRICT
    | {
        _P.SECOND_STEP,
        _P.ISSUES_DIRECT,
        _P.BULLETINS_EDIT,
        _P.ASSIGNMENTS_EDIT,
        _P.FIRMS_EDIT,
        _P.RULES_EDIT,
        _P.CAMPAIGNS_EDIT,
        _P.ACCOUNTS_EDIT,
        _P.ROSTERS_EDIT,
        _P.AUDIT_READ,
        _P.ANSWERS_READ,
        _P.ANSWERS_EDIT,
        _P.OFFICE_READ,
        _P.CHECKS_RUN,
        _P.PRIVACY_EXPORT,
    },
    Role.AUDITOR: _EVERYONE
    | {
        _P.SECOND_STEP,
        _P.FIRMS_READ,
        _P.VISITS_READ,
        _P.ASSIGNMENTS_READ,
        _P.REVIEW_READ,
        _P.REPORTS_READ,
        _P.RULES_READ,
        _P.CAMPAIGNS_READ,
        _P.AUDIT_READ,
        _P.ANSWERS_READ,
        _P.OFFICE_READ,
    },
}


def can(role: Role, permission: Permission) -> bool:
    """Whether accounts of this role hold the permission."""
    return permission in ROLES[role]
