# ruff: noqa: S608 (the names of tables are our own)
"""Every page there is, for every role that may open it, in both languages, full and empty: well formed, and without a
word of the other language.
"""

import re

import pytest

from app.campaigns.models import NewQuestion, QuestionKind
from app.issues.lifecycle import Status
from app.permissions import ROLES, Role
from tests import factories

_CJK = re.compile(r"[\u3400-\u9fff]+")


def plain_pages(app, role):
    """The addresses without an id that this role may open."""
    no_pages = (
        "static",
        "health.healthz",
        "health.metrics",
        "kept.manifest",
        "kept.service_worker",
        "kept.list_pages",
    )
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if "GET" in rule.methods and not rule.arguments and "." not in rule.rule and rule.endpoint not in no_pages:
            permission = getattr(view, "permission", None)
            if permission is None or permission in ROLES[role]:
                yield rule.rule


@pytest.fixture
def lived_in(db, settings):
    """The small world with an issue in every status, late and urgent ones among them, visits and photos."""
    for role in Role:
        factories.the_user(db, role)
    officer = factories.the_user(db, Role.OFFICER)
    firm = factories.make_firm(db, officer=officer, latitude=33.7, longitude=113.2, position_source="officer")
    picture = factories.make_picture(settings.photos)
    for status in Status:
        factories.make_issue(db, status=status, firm=firm, officer=officer, pictures=[picture])
    factories.make_issue(
        db, status="in_progress", firm=firm, officer=officer, urgency="urgent", category_id=factories.ROUTED
    )
    factories.make_visit(
        db, firm=firm, by=officer, pictures=[picture], issues=(factories.new_issue(category_id=factories.ROUTED),)
    )
    factories.make_campaign(db, questions=(NewQuestion("订单比去年", QuestionKind.YES_NO, (), "研判行业"),))
    return firm


def follow(page, url):
    """The page at this address, past redirects."""
    for _step in range(4):
        answer = page.get(url, status=(200, 302, 303, 404))
        if answer.status_code not in (302, 303):
            return answer
        url = answer.headers["Location"]
    raise AssertionError(f"{url} leads round in circles")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", list(Role))
def test_every_page_is_well_formed(app, page, lived_in, role, language):
    here = page(role.value)
    here.client.set_cookie("language", language)
    for url in plain_pages(app, role):
        answer = follow(here, url)
        assert answer.one("html").get("lang") == ("en" if language == "en" else "zh-Hans")


@pytest.mark.parametrize("role", list(Role))
def test_every_page_of_an_empty_world(app, page, role):
    here = page(role.value)
    for url in plain_pages(app, role):
        follow(here, url)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", list(Role))
def test_every_link_leads_somewhere(app, page, lived_in, role, language):
    """From the role's front page, every address within two steps opens: a page, a piece, a photo, a file."""
    here = page(role.value)
    here.client.set_cookie("language", language)
    seen, ahead = {"/"}, ["/"]
    for _step in range(3):
        found = []
        for url in ahead:
            answer = here.get(url, status=(200, 302, 303))
            answer.close()
            if answer.status_code != 200:
                found.append(answer.headers["Location"])
                continue
            found += [node.get("href") for node in answer.all("a[href]")]
            found += [node.get("src") for node in answer.all("img[src]")]
            found += [node.get("hx-get") for node in answer.all("[hx-get]")]
        ahead = [
            each for each in dict.fromkeys(each.split("#")[0] for each in found) if _is_ours(each) and each not in seen
        ]
        seen |= set(ahead)
    assert len(seen) > 3


def _is_ours(url: str) -> bool:
    return url.startswith("/") and not url.startswith("//")


def test_english_pages_are_english(app, page, lived_in, db):
    """What people typed and proper names aside (our factories' own texts), no Chinese is left on an English page."""
    typed = set()
    tables = "users firms visits issues issue_events departments districts townships routing_rules campaigns"
    for table in [*tables.split(), "campaign_questions"]:
        for row in db.conn.execute(f"SELECT * FROM {table}").fetchall():
            typed |= {run for value in tuple(row) if isinstance(value, str) for run in _CJK.findall(value)}
    typed |= {"简体中文"}
    left = {}
    for role in Role:
        here = page(role.value)
        here.client.set_cookie("language", "en")
        for url in plain_pages(app, role):
            answer = follow(here, url)
            runs = {run for run in _CJK.findall(answer.read) if not any(run in each for each in typed)}
            if runs:
                left[f"{role} {url}"] = sorted(runs)[:12]
    assert not left
