"""Every view declares who may open it, and nothing else opens it."""

import pytest

from app import create_app
from app.config import Settings
from app.guard import declared
from app.permissions import ROLES, Permission, Role

URLS = "tests/house/urls.txt"
_SAMPLES = {"RowId": 987654, "UnicodeConverter": "main", "PathConverter": "x/y", "UUIDConverter": "0" * 32}


def views(app):
    """(rule, method, endpoint, permission) of every view; static files aside, which WhiteNoise serves."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        view = app.view_functions[rule.endpoint]
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule, method, rule.endpoint, getattr(view, "permission", None)


def address(app, rule) -> str:
    """An address of this rule; its ids name nothing that exists."""
    values = {}
    for name, converter in rule._converters.items():
        kind = type(converter).__name__
        values[name] = next(iter(converter.items)) if kind == "AnyConverter" else _SAMPLES[kind]
    with app.test_request_context():
        from flask import url_for

        return url_for(rule.endpoint, **values)


def test_every_view_declares_a_permission(app):
    undeclared = [name for name, view in app.view_functions.items() if not declared(view)]
    assert not undeclared, f"no @requires or @public above {undeclared}"


def test_a_view_without_one_does_not_open(settings):
    app = create_app(settings)
    app.add_url_rule("/forgotten", "forgotten", lambda: "open!")
    assert app.test_client().get("/forgotten").status_code == 403


def test_the_urls_are_those_we_agreed_on(app, root, pytestconfig):
    """After a wanted change: python -m pytest tests/house --write-generated, and read the diff."""
    lines = sorted(
        f"{rule.rule}  {method}  {permission.value if permission else 'public'}"
        for rule, method, _endpoint, permission in views(app)
    )
    text = "".join(f"{line}\n" for line in lines)
    if pytestconfig.getoption("--write-generated"):
        (root / URLS).write_text(text, encoding="utf-8")
    assert (root / URLS).read_text(encoding="utf-8") == text


def test_every_permission_opens_something_or_waits_for_it(app):
    """A permission that no view asks for is a promise without a page; the list shrinks as rooms are built."""
    waiting = {Permission.RULES_EDIT, Permission.ACCOUNTS_EDIT, Permission.REPORTS_READ}
    asked = {permission for _rule, _method, _endpoint, permission in views(app) if permission}
    assert set(Permission) - asked <= waiting


def test_signed_out_nothing_opens(app):
    client = app.test_client()
    for rule, method, endpoint, permission in views(app):
        if permission is None:
            continue
        url = address(app, rule)
        response = client.open(url, method=method)
        if method == "GET":
            assert response.status_code == 302, endpoint
            assert response.headers["Location"].startswith("/login"), endpoint
        else:
            assert response.status_code == 401, endpoint
        response = client.open(url, method=method, headers={"HX-Request": "true"})
        assert (response.status_code, response.headers.get("HX-Redirect")) == (401, "/login"), endpoint
        assert not response.data, endpoint


@pytest.mark.parametrize("role", list(Role))
def test_a_role_that_lacks_it_is_refused(app, sign_in, role):
    client = sign_in(role.value)
    for rule, method, endpoint, permission in views(app):
        if permission is None or permission in ROLES[role]:
            continue
        for headers in ({}, {"HX-Request": "true"}):
            response = client.open(address(app, rule), method=method, headers=headers)
            assert response.status_code == 403, f"{role} {method} {endpoint}: {response.status_code}"


@pytest.mark.parametrize("role", list(Role))
def test_a_role_that_holds_it_is_never_met_by_a_failure(app, sign_in, role):
    """Ids that name nothing, and an empty form: words, never a 5xx. A GET is answered or not found."""
    client = sign_in(role.value)
    found = []
    for rule, method, endpoint, permission in views(app):
        if endpoint == "people.logout" or (permission and permission not in ROLES[role]):
            continue
        for headers in ({}, {"HX-Request": "true"}):
            response = client.open(address(app, rule), method=method, headers=headers)
            if response.status_code >= 500 or response.status_code in (401, 403):
                found.append(f"{method} {endpoint} {headers}: {response.status_code}")
    assert not found, "\n".join(found)


def test_importing_needs_no_database(tmp_path):
    """The app starts on an empty folder (migrations come with the deploy), so that the command can be run at all."""
    assert create_app(Settings(instance=str(tmp_path), secret_key="x")).cli.commands["migrate"]
