"""The frame of a page in the hand: it scrolls between its bars, and browsers do not remember how far."""

from playwright.sync_api import expect

from tests.browser.outbox import until

BETWEEN = """() => {
  const edge = (selector) => document.querySelector(selector).getBoundingClientRect(), main = edge("main");
  const isFramed = edge(".bar").bottom <= main.top && main.bottom <= edge(".side").top;
  return isFramed && document.body.scrollHeight === innerHeight;
}"""
FAR = "() => document.querySelector('main').scrollTop"


def test_going_back_is_where_one_was(browser, standing_city):
    context = browser.new_context(
        base_url=standing_city[1], viewport={"width": 390, "height": 640}, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.goto("/login")
    page.locator("form:has(input[value=officer]) button").tap()
    page.wait_for_url(lambda url: "/login" not in url)
    page.goto("/firms/")
    assert page.evaluate(BETWEEN)
    page.keyboard.press("End")
    until(lambda: page.evaluate(FAR) > 200)
    last = page.locator("#firms-list a:has(strong)").last
    name = last.locator("strong").inner_text()
    last.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    assert page.evaluate(FAR) == 0
    page.go_back()
    until(lambda: page.evaluate(FAR) > 200)
    expect(page.locator("#firms-list a:has(strong)").last).to_be_in_viewport()
    context.close()
