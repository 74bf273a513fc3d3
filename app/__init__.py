"""企访通 (Qifang). `create_app` is the table of contents of the whole app."""

import hashlib
import secrets
from datetime import timedelta
from functools import partial
from pathlib import Path

from flask import Flask, g, request
from flask_login import LoginManager, current_user
from htmx_flask import Htmx
from werkzeug.routing import IntegerConverter
from whitenoise import WhiteNoise

from app import commands, filters, http_errors, logs, security, templating, translation
from app.clock import now, today
from app.config import Settings, from_environment, secret_key
from app.db import get_db, refuse_unsound_sqlite
from app.forms import LARGEST_ID
from app.guard import check_request, public
from app.jobs.runner import Runner
from app.navigation import nav_for
from app.people import actions as people
from app.people.passwords import PasswordRules
from app.people.provider import register as register_provider
from app.permissions import Role
from app.places.navigation import way_to
from app.privacy.periods import Periods
from app.settings import is_demo

_ROOT = Path(__file__).resolve().parent.parent
_YEAR_S = 365 * 24 * 3600


def create_app(settings: Settings | None = None) -> Flask:
    """Build the app: settings, guards, rooms, words, static files. The database must have been migrated."""
    refuse_unsound_sqlite()
    settings = settings or from_environment()
    release = release_of(_ROOT / "static")
    app = Flask(
        __name__,
        instance_path=settings.instance,
        template_folder=str(_ROOT / "templates"),
        static_folder=str(_ROOT / "static"),
        static_url_path=f"/static/{release}",
    )
    app.jinja_environment = templating.PageEnvironment
    app.config.update(
        SETTINGS=settings,
        RELEASE=release,
        DATABASE=settings.database,
        IS_DEMO=is_demo(settings.database),
        SECRET_KEY=secret_key(settings),
        MAX_CONTENT_LENGTH=settings.upload_mb * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=1024 * 1024,
        MAX_FORM_PARTS=500,
        # Over TLS the name itself makes browsers refuse the cookie from elsewhere: Secure, this host alone, path "/".
        SESSION_COOKIE_NAME="__Host-qifang" if settings.https else "qifang",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_REFRESH_EACH_REQUEST=False,
        BABEL_DEFAULT_LOCALE="zh_Hans_CN",
    )
    app.extensions["security_headers"] = security.headers(
        csp=security.content_security_policy(settings.tile_url), https=settings.https
    )
    app.url_map.converters["int"] = RowId
    app.config["PERIODS"] = Periods(
        texts=settings.keep_texts,
        contacts=settings.keep_contacts,
        accounts=settings.keep_accounts,
        sessions=settings.keep_sessions,
    )
    logs.register(app, settings)
    _sign_in(app, settings)
    register_provider(app, settings)
    _requests(app)
    _words(app)
    _rooms(app)
    http_errors.register(app)
    commands.register(app)
    _static_files(app)
    return app


class RowId(IntegerConverter):
    """An id in an address: a number beyond any row's is no address of ours (404), not an overflow in the database."""

    def __init__(self, map, *args, **more):
        super().__init__(map, *args, **{"min": 1, "max": LARGEST_ID, **more})


def _sign_in(app: Flask, settings: Settings) -> None:
    manager = LoginManager(app)
    idle = {role: timedelta(minutes=settings.idle_minutes_desk) for role in Role}
    idle[Role.OFFICER] = timedelta(minutes=settings.idle_minutes_phone)
    longest = timedelta(days=settings.session_days)
    rules = PasswordRules(
        desk_length=settings.password_length_desk,
        phone_length=settings.password_length_phone,
        kinds=settings.password_kinds,
        days=settings.password_days,
        one_time_days=settings.one_time_days,
        is_code_required=settings.code_required,
    )
    app.config.update(IDLE=idle, PASSWORD_RULES=rules)

    @manager.user_loader
    def load_user(token: str):
        return people.resume_session(get_db(), token, now=now(), idle=idle, longest=longest, rules=rules)


def _requests(app: Flask) -> None:
    Htmx(app)

    @app.before_request
    def number_request() -> None:
        g.request_id = secrets.token_hex(6)

    @app.before_request
    def limit_plain_forms() -> None:
        # Werkzeug's limit on form memory covers multipart only; a form without files needs no more than this either.
        if request.mimetype == "application/x-www-form-urlencoded":
            request.max_content_length = app.config["MAX_FORM_MEMORY_SIZE"]

    app.before_request(security.check_origin)
    app.before_request(check_request)
    app.after_request(security.set_headers)
    public(app.view_functions["static"])


def _words(app: Flask) -> None:
    translation.register(app)
    templating.register(app)
    filters.register(app)
    app.add_template_global(partial(way_to, app.config["SETTINGS"].navigation_url), "way_to")

    @app.context_processor
    def every_page() -> dict:
        signed_in = current_user.is_authenticated and not current_user.due
        return {
            "lang": translation.language(),
            "ui": {
                "theme": request.cookies.get("theme", "auto"),
                "text_size": request.cookies.get("text_size", "normal"),
            },
            "nav": nav_for(current_user.role, app.extensions.get("nav_counters", {})) if signed_in else [],
            "is_demo": app.config["IS_DEMO"],
            "release": app.config["RELEASE"],
            "today": today(),
        }


def _rooms(app: Flask) -> None:
    from app import home, office
    from app.accounts import password_routes as passwords
    from app.accounts import routes as accounts
    from app.assignments import officer_routes as officers
    from app.assignments import routes as assignments
    from app.audit import routes as audit
    from app.backup import health_routes as health
    from app.backup import routes as backup
    from app.boundaries import routes as boundaries
    from app.campaigns import coverage_routes as coverage
    from app.campaigns import routes as campaigns
    from app.clocks import calendar_routes as calendar
    from app.clocks import limit_routes as limits
    from app.firms import routes as firms
    from app.issues import firm_routes as firm
    from app.issues import link_routes as links
    from app.issues import routes as issues
    from app.jobs import routes as jobs
    from app.notices import routes as notices
    from app.outbox import kept_routes as kept
    from app.outbox import rescue_routes as rescue
    from app.outbox import routes as outbox
    from app.people import code_routes as codes
    from app.people import identity_routes as identity
    from app.people import routes as people_routes
    from app.photos import routes as photos
    from app.privacy import routes as privacy
    from app.registers import canned_routes as answers
    from app.registers import category_routes as categories
    from app.registers import department_routes as departments
    from app.reports import audit_routes as audit_reports
    from app.reports import bulletin_routes as bulletins
    from app.reports import routes as reports
    from app.reports import source_routes as sources
    from app.review import deck_routes as deck
    from app.review import figure_routes as figures
    from app.review import map_routes as map_of_issues
    from app.review import routes as review
    from app.rosters import firm_routes as firm_records
    from app.rosters import import_routes as roster_imports
    from app.rosters import routes as rosters
    from app.rules import routing_routes as routing
    from app.visits import burden_routes as burden
    from app.visits import routes as visits

    app.extensions["jobs"] = Runner(app)
    boards = (review, deck, map_of_issues, figures, reports, bulletins, sources)
    for room in (
        home,
        people_routes,
        codes,
        identity,
        jobs,
        firms,
        assignments,
        officers,
        rosters,
        roster_imports,
        firm_records,
        categories,
        answers,
        departments,
        photos,
        issues,
        links,
        routing,
        calendar,
        limits,
        boundaries,
        firm,
        campaigns,
        coverage,
        visits,
        burden,
        outbox,
        kept,
        rescue,
        notices,
        *boards,
        audit,
        audit_reports,
        accounts,
        passwords,
        office,
        health,
        backup,
        privacy,
    ):
        app.register_blueprint(room.bp)


def _static_files(app: Flask) -> None:
    """Static files live under their release, so that every one may be kept for a year and all change together."""
    release = app.config["RELEASE"]
    values = app.extensions["security_headers"]

    def add_headers(headers, path, url) -> None:
        for name, value in values.items():
            headers[name] = value

    noise = WhiteNoise(
        app.wsgi_app,
        max_age=_YEAR_S,
        allow_all_origins=False,
        add_headers_function=add_headers,
        immutable_file_test=lambda path, url: True,
    )
    noise.add_files(app.static_folder, prefix=f"static/{release}/")
    app.wsgi_app = noise  # type: ignore[method-assign]


def release_of(folder: Path) -> str:
    """A short name for exactly these static files: the start of the SHA-256 over their paths and contents."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.endswith((".gz", ".br")):
            digest.update(str(path.relative_to(folder)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:10]
