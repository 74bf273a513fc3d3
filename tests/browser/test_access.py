"""Every kind of page, under axe-core's rules (WCAG 2.2 A and AA, its best practices) and without sideways scrolling:
two languages, two themes, three widths, letters of the usual size and twice that.

By default each page is met once, the combinations taking turns; `QIFANG_ACCESS=full` meets each page in all of them.
docs/access.md says how long that takes and what it last found.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import axe_playwright_python
import pytest
from playwright.sync_api import BrowserContext, Error, Page

from app import create_app
from app.config import Settings
from app.db import close_all
from app.permissions import Role
from tests.page_checks import read_html
from tests.walk import Stop, sign_in, stops_of

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
IS_FULL = os.environ.get("QIFANG_ACCESS") == "full"
# Pins may lie closer than a finger is wide: the list beside the map opens the same cases (WCAG 2.5.8, "equivalent").
RUN = """async () => (await axe.run({exclude: [[".leaflet-marker-pane"]]}, {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  rules: {"target-size": {enabled: true}, "label-content-name-mismatch": {enabled: true}},
  resultTypes: ["violations"],
})).violations.map((each) => each.id + ": " + each.nodes.slice(0, 4).map((node) =>
  node.target.join(" ") + " (" + [...node.any, ...node.all, ...node.none].map((check) => check.message)
    .slice(0, 2).join("; ") + ")"
).join(" | "))"""
SIDEWAYS = """() => [document.scrollingElement, document.querySelector("main")].flatMap((page) => {
  const edge = page.clientWidth;
  if (page.scrollWidth <= edge + 1) return []; // halves of pixels are rounded up
  const over = [...page.querySelectorAll("*")].filter((each) => each.getBoundingClientRect().right > edge);
  return ["scrolls sideways to " + page.scrollWidth + " of " + edge + ": " + over.slice(-4).map((each) =>
    each.tagName.toLowerCase() + "." + each.className).join(" | ")];
})"""
FLATTENED = """() => [...document.querySelectorAll("main .filters, main .scroll")].flatMap((each) => {
  const inside = each.firstElementChild?.getBoundingClientRect().height ?? 0;
  return inside > each.clientHeight + 1 ? ["flattened: " + each.className + " " + each.innerText] : [];
})"""
WHOLE = """() => {
  const main = document.querySelector("main");
  return document.body.scrollHeight + main.scrollHeight - main.clientHeight;
}"""


@dataclass(frozen=True)
class Look:
    """How a page is looked at; `times` is the size of its letters, as the browser's own setting makes it."""

    language: str
    theme: str
    width: int
    times: int

    @property
    def is_in_hand(self) -> bool:
        """Where a finger points, a page scrolls between its bars."""
        return self.width < 900


LOOKS = [Look(*each) for each in product(("zh", "en"), ("light", "dark"), (320, 390, 1280), (1, 2))]
TURNS = [LOOKS[nth * 7 % len(LOOKS)] for nth in range(len(LOOKS))]
"""The same in an order in which neighbours differ in most ways (7 has no divisor in common with 24)."""


@pytest.fixture(scope="session")
def stops(standing_city) -> list[Stop]:
    """One of each kind of page, by the roles in turn that may open it; what has to be made first is made."""
    app = create_app(Settings(instance=str(standing_city[0]), secret_key="test-key"))
    made = _made(app)
    by_kind: dict[str, list[Stop]] = {}
    for role in Role:
        for stop in [*stops_of(app, role), *(each for each in made if each.role is role)]:
            by_kind.setdefault(stop.kind, []).append(stop)
    close_all()
    chosen = [each[nth % len(each)] for nth, each in enumerate(by_kind.values())]
    fronts = [Stop(role, "/", f"front {role}") for role in Role]
    return [*chosen, *fronts, *(each for each in made if each.role is None)]


def _made(app) -> list[Stop]:
    """Pages that no walk of links meets: a firm's link, a bulletin, errors."""
    officer, office = sign_in(app, Role.OFFICER), sign_in(app, Role.OFFICE)
    waiting = next(each.url for each in stops_of(app, Role.OFFICER) if each.kind == "issues.show callback")
    assert officer.post(f"{waiting}/firm-link").status_code == 303
    handed = read_html(officer.get(f"{waiting}/firm-link").text)[0]
    link = urlsplit(handed.one("#firm-link").get("value") or "").path
    # The walk finds the bulletin by itself, once there is one.
    assert office.post("/reports/bulletins/", data={"from": "2026-09-01", "to": "2026-10-31"}).status_code == 303
    return [
        Stop(None, "/login", "the door"),
        Stop(None, link, "the firm's link"),
        Stop(Role.OFFICER, f"{waiting}/firm-link", "the link to hand over"),
        Stop(None, "/c/forged-token", "a wrong link"),
        Stop(None, "/nowhere", "not found, signed out"),
        Stop(Role.OFFICER, "/nowhere", "not found"),
        Stop(Role.OFFICER, "/office/", "not allowed"),
    ]


@pytest.fixture(scope="session")
def windows(browser_type, browser_type_launch_args, standing_city) -> Iterator:
    """windows(role, look): a page signed in as the role, in a browser whose letters are so many times the usual."""
    browsers, contexts = {}, {}

    def window(role: Role | None, look: Look) -> Page:
        times, is_in_hand = look.times, look.is_in_hand
        if times not in browsers:
            size = f"--blink-settings=defaultFontSize={16 * times},defaultFixedFontSize={13 * times}"
            more = {"args": [*browser_type_launch_args["args"], size]}
            browsers[times] = browser_type.launch(**{**browser_type_launch_args, **more})
        if (role, times, is_in_hand) not in contexts:
            # The pages' own policy keeps axe out; only this test's browser goes past it.
            context: BrowserContext = browsers[times].new_context(
                base_url=standing_city[1], bypass_csp=True, has_touch=is_in_hand
            )
            context.set_default_timeout(120_000 if IS_FULL else 20_000)  # an hour on a busy machine
            page = context.new_page()
            if role:
                page.goto("/login")
                page.locator(f"form:has(input[value={role}]) button").click()
                page.wait_for_url(lambda url: "/login" not in url)
            contexts[role, times, is_in_hand] = context
        return contexts[role, times, is_in_hand].pages[0]

    yield window
    for browser in browsers.values():
        browser.close()


def look_at(page: Page, base: str, stop: Stop, looks: list[Look]) -> list[str]:
    """What is wrong with this page, opened once and looked at in themes and widths that only its styles tell apart."""
    page.set_viewport_size({"width": looks[0].width, "height": 800})
    page.context.add_cookies([{"name": "language", "value": looks[0].language, "url": base}])
    page.goto(stop.url)
    page.evaluate(AXE)
    found = []
    for look in looks:
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", look.theme)
        page.set_viewport_size({"width": look.width, "height": 800})
        wrong = page.evaluate(SIDEWAYS) + page.evaluate(FLATTENED)
        # As tall as what it shows: what a bar in sight covers for the moment is not covered once one scrolls.
        page.set_viewport_size({"width": look.width, "height": min(page.evaluate(WHOLE), 40_000)})
        found += [f"{stop.kind} {stop.url} {look}: {each}" for each in wrong + page.evaluate(RUN)]
    return found


def try_to_look_at(page: Page, base: str, stop: Stop, looks: list[Look]) -> list[str]:
    """The same; a page that does not come at once gets a second chance in a fresh tab and is then told of as unseen."""
    for _chance in range(2):
        try:
            return look_at(page, base, stop, looks)
        except Error as error:
            problem = error.message.splitlines()[0]
            context = page.context
            page.close()
            page = context.new_page()
    return [f"{stop.kind} {stop.url} {looks[0]} …: not seen: {problem}"]


FULL = [
    [look for look in LOOKS if (look.language, look.times, look.is_in_hand) == one]
    for one in product(("zh", "en"), (1, 2), (True, False))
]


@pytest.mark.parametrize("looks", FULL if IS_FULL else [None], ids=lambda looks: str(looks[0]) if looks else "in turns")
@pytest.mark.parametrize("role", [None, *Role])
def test_every_page_for_everybody(stops, windows, standing_city, role, looks):
    found, seen = [], 0
    for nth, stop in enumerate(stops):
        if stop.role is role:
            these = looks or [TURNS[nth % len(TURNS)]]
            found += try_to_look_at(windows(role, these[0]), standing_city[1], stop, these)
            seen += 1
    assert seen
    assert not found, "\n".join(found)


def test_every_look_is_met(stops):
    assert len(stops) >= len(LOOKS)
    assert set(TURNS) == set(LOOKS)
