"""The main story without a pointer: Tab, Enter, Space (arrows within a group of radio buttons, as browsers have it).

At each step the focus can be seen, is not hidden under a bar, and has a name that a screen reader says.
"""

import re

from playwright.sync_api import Page, expect

TITLE = "厂区门口路灯不亮三个月"
DESK = {"viewport": {"width": 1280, "height": 800}, "has_touch": False, "is_mobile": False, "device_scale_factor": 1}
MOST_TABS = 120

# Where the focus is: its drawing (on a hidden radio it is drawn on its words), whether a bar covers it, and its name.
FOCUSED = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const next = at.nextElementSibling;
  const drawn = [at, next, next?.firstElementChild, at.closest(".shot")].filter(Boolean).find((each) => {
    const style = getComputedStyle(each), box = each.getBoundingClientRect();
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.width * box.height > 100;
  });
  const box = (drawn || at).getBoundingClientRect();
  const free = [0.1, 0.5, 0.9].some((part) => {
    const top = document.elementFromPoint(box.left + box.width * part, box.top + box.height / 2);
    return top && (drawn || at).parentElement.contains(top);
  });
  const label = at.labels?.[0] || document.getElementById(at.getAttribute("aria-labelledby") || "");
  const name = (at.getAttribute("aria-label") || label?.innerText || at.innerText || at.title ||
    at.querySelector("[aria-label]")?.getAttribute("aria-label") || "").trim();
  return {what: at.outerHTML.slice(0, 160), seen: !!drawn, free, name};
}"""


def look(page: Page) -> None:
    """The focus can be seen and has a name; it need not be anywhere (the address bar has it between two rounds)."""
    at = page.evaluate(FOCUSED)
    if at is None:
        return
    assert at["seen"], f"no outline: {at['what']}"
    assert at["free"], f"the focus is under something: {at['what']}"
    assert at["name"], f"no name: {at['what']}"


def tab_to(page: Page, target) -> None:
    """Tab until this has the focus."""
    expect(target).to_be_visible()
    for _ in range(MOST_TABS):
        if target.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
        look(page)
    raise AssertionError(f"{target} is not reached by {MOST_TABS} tabs")


def press(page: Page, target, key: str = "Enter") -> None:
    """Go there by Tab, and press it."""
    tab_to(page, target)
    page.keyboard.press(key)


def write(page: Page, target, text: str) -> None:
    """Go there by Tab, and type."""
    tab_to(page, target)
    page.keyboard.insert_text(text)


def choose(page: Page, group, name: str) -> None:
    """Tab into a group of radio buttons, then arrows until the one of this name is on."""
    radio = group.get_by_role("radio", name=name, exact=True)
    for _ in range(MOST_TABS):
        if group.evaluate("each => each.contains(document.activeElement) && document.activeElement.type === 'radio'"):
            break
        page.keyboard.press("Tab")
        look(page)
    for _ in range(40):
        page.keyboard.press("Space")
        if radio.is_checked():
            return
        page.keyboard.press("ArrowRight")
        look(page)
        if radio.is_checked():
            return
    raise AssertionError(f"no {name} among the choices")


def desk(phone, account: str | None) -> Page:
    """A desk's window, signed in by typing."""
    page = phone(None, **DESK)
    if account:
        page.goto("/login")
        write(page, page.locator("#username"), account)
        write(page, page.locator("#password"), "demo")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login" not in url)
    return page


def test_the_story_by_keyboard(phone):
    officer = desk(phone, "officer")
    officer.keyboard.press("Tab")
    skip = officer.get_by_role("link", name="跳到正文")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    officer.keyboard.press("Enter")
    expect(officer.locator("main")).to_be_focused()

    # She finds a firm, and writes down a visit with one problem.
    press(officer, officer.locator("nav").get_by_role("link", name="企业", exact=True))
    search = officer.get_by_role("searchbox")
    name = officer.locator("#firms-list strong").nth(3).inner_text()
    write(officer, search, name)
    expect(officer.locator("#firms-list strong")).to_have_text([name])
    expect(search).to_be_focused()
    press(officer, officer.locator("#firms-list a", has_text=name).first)
    expect(officer.get_by_role("heading", level=1)).to_contain_text(name)
    press(officer, officer.locator(".actions").get_by_role("link", name="记走访"))
    write(officer, officer.locator("textarea[name=notes]"), "说起门口的路灯。")
    press(officer, officer.get_by_role("button", name="报问题"), "Space")
    problem = officer.locator("#problem-0")
    expect(problem).to_have_attribute("open", "")
    choose(officer, problem.locator(".cats"), "水电气暖用能")
    write(officer, officer.locator("input[name=issues-0-title]"), TITLE)
    write(officer, officer.locator("textarea[name=issues-0-description]"), "晚上货车进出看不清。")
    press(officer, officer.get_by_role("button", name="提交走访"))
    expect(officer.locator("#messages")).to_contain_text("已入库")
    expect(officer.locator("[role=status].sr-only")).to_contain_text("已入库")
    press(officer, officer.locator("main a", has_text=TITLE).first)
    expect(officer.get_by_role("heading", level=1)).to_contain_text(re.compile(r"\d{4}-\d{5}"))
    address = officer.url

    # The department accepts and answers; an empty answer leads to what is missing.
    handler = desk(phone, "handler")
    handler.goto(address)
    press(handler, handler.get_by_role("button", name="签收"))
    expect(handler.locator(".bar .tag")).to_have_text("办理中")
    press(handler, handler.locator("summary", has_text="更多"))
    expect(handler.locator("details.more[open]")).to_be_visible()
    handler.keyboard.press("Escape")
    expect(handler.locator("details.more[open]")).to_have_count(0)
    expect(handler.locator("main ~ .actions summary")).to_be_focused()
    press(handler, handler.get_by_role("link", name="办结答复"))
    press(handler, handler.get_by_role("button", name="办结答复"))
    errors = handler.locator(".errors")
    expect(errors).to_be_focused()
    handler.keyboard.press("Tab")
    handler.keyboard.press("Enter")
    assert handler.evaluate("document.activeElement.closest('fieldset, .field') !== null")
    choose(handler, handler.locator("fieldset:has(input[name=outcome])"), "解释到位")
    write(handler, handler.locator("textarea[name=note]"), "已说明更换计划。")
    write(handler, handler.locator("textarea[name=public_answer]"), "路灯本周内更换。")
    press(handler, handler.get_by_role("button", name="办结答复"))
    expect(handler.locator(".bar .tag")).to_have_text("待核实")

    # The officer verifies, and the firm has its say.
    officer.goto(address)
    press(officer, officer.get_by_role("button", name="核实通过"))
    expect(officer.locator(".bar .tag")).to_have_text("待企业确认")
    press(officer, officer.get_by_role("button", name="请企业确认"))
    firm = desk(phone, None)
    firm.goto(officer.locator("#firm-link").input_value())
    choose(firm, firm.locator("fieldset").nth(0), "解决了")
    choose(firm, firm.locator("fieldset").nth(1), "满意")
    press(firm, firm.get_by_role("button", name="提交"))
    expect(firm.locator("main")).to_contain_text("谢谢您的答复")


def test_what_is_swapped_in_takes_the_focus_of_what_went(phone):
    """The button that shows a number is gone once it is shown: the focus is on the line that now has the number."""
    officer = desk(phone, "officer")
    press(officer, officer.locator("nav").get_by_role("link", name="企业", exact=True))
    press(officer, officer.locator("#firms-list a:has(strong)").first)
    press(officer, officer.get_by_role("button", name="显示号码"))
    expect(officer.locator("a[href^='tel:']")).to_be_visible()
    expect(officer.locator("[id^=contact-]")).to_be_focused()
    look(officer)
    officer.keyboard.press("Tab")
    expect(officer.locator("a[href^='tel:']")).to_be_focused()


def test_a_menu_of_the_frame_closes_with_escape(phone):
    """On a narrow screen the places beyond the fourth are in a sheet, which Escape closes."""
    head = phone("head")
    more = head.locator("nav summary")
    press(head, more)
    expect(head.locator("nav .sheet")).to_be_visible()
    head.keyboard.press("Tab")
    head.keyboard.press("Escape")
    expect(head.locator("nav .sheet")).to_be_hidden()
    expect(more).to_be_focused()
