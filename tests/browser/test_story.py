"""The main job, end to end, on phones: a visit becomes an issue and comes back solved by the firm's word."""

import re

from playwright.sync_api import expect

TITLE = "变压器增容申请两个月没有答复"
POWER = "国网平顶山供电公司"


def _unresolved(head) -> int:
    head.goto("/review/")
    return int(head.locator("a.kpi", has_text="未办结").locator("b").inner_text())


def test_a_visit_becomes_an_issue_and_comes_back_solved(phone, pictures):
    head = phone("head")
    before = _unresolved(head)

    officer = phone("officer")
    expect(officer.get_by_role("heading", level=1)).to_have_text("今日")
    expect(officer.get_by_role("heading", name="等我处理")).to_be_visible()

    # She finds one of her firms by part of its name.
    officer.get_by_role("link", name="企业", exact=True).tap()
    name = officer.locator("#firms-list strong").nth(3).inner_text()
    officer.get_by_role("searchbox").fill(name[4:7])
    expect(officer.locator("#firms-list strong", has_text=name)).to_be_visible()
    officer.locator("#firms-list a", has_text=name).first.tap()
    expect(officer.get_by_role("heading", level=1)).to_contain_text(name)

    # She records a visit with place and two photos, and reports one problem.
    officer.locator(".actions").get_by_role("link", name="记走访").tap()
    expect(officer.locator("#place")).to_contain_text("位置已取到 ±12 米")
    officer.locator("textarea[name=notes]").fill("新增两条生产线，十二月投产。")
    officer.locator("input[name=photos]").set_input_files(pictures)
    expect(officer.locator("[data-photos] .shot img").nth(1)).to_be_visible()
    officer.get_by_role("button", name="报问题").tap()
    officer.locator("#problem-0").get_by_text("水电气暖用能", exact=True).tap()
    forecast = officer.locator("#problem-0 .forecast:visible")
    expect(forecast).to_contain_text(f"交{POWER}办理")
    expect(forecast).to_contain_text(re.compile(r"5 个工作日内答复（\d+月\d+日前）"))
    officer.locator("input[name=issues-0-title]").fill(TITLE)
    officer.locator("textarea[name=issues-0-description]").fill("需增至 800 千伏安，九月递交材料后没有回音。")
    officer.get_by_role("button", name="提交走访").tap()
    expect(officer.locator("#messages")).to_contain_text("已入库")
    expect(officer.locator("main")).to_contain_text(TITLE)
    assert officer.locator("main img").count() == 2
    officer.locator("a", has_text=TITLE).first.tap()
    number = re.search(r"\d{4}-\d{5}", officer.get_by_role("heading", level=1).inner_text())[0]

    assert _unresolved(head) == before + 1

    # The department sees it on top, accepts it, and answers it with an outcome and a photo.
    handler = phone("handler")
    first = handler.locator("#issues-list tbody tr").first
    expect(first).to_contain_text(TITLE)
    first.locator("a").tap()
    handler.get_by_role("button", name="签收").tap()
    expect(handler.locator(".bar .tag")).to_have_text("办理中")
    handler.get_by_role("link", name="办结答复").tap()
    handler.get_by_role("radio", name="解决", exact=True).check()
    handler.locator("textarea[name=note]").fill("已现场勘查，增容方案批复，十一月底送电。")
    handler.locator("textarea[name=public_answer]").fill("增容已批复，十一月底前送电。")
    handler.locator("input[name=photos]").set_input_files(pictures[:1])
    expect(handler.locator("[data-photos] .shot img")).to_be_visible()
    handler.get_by_role("button", name="办结答复").tap()
    expect(handler.locator(".bar .tag")).to_have_text("待核实")

    # The officer verifies and hands the firm its link.
    officer.goto("/")
    officer.locator("a.row", has_text="待核实").filter(has_text=name).filter(has_text="水电气暖用能").first.tap()
    expect(officer.get_by_role("heading", level=1)).to_contain_text(number)
    officer.get_by_role("button", name="核实通过").tap()
    expect(officer.locator(".bar .tag")).to_have_text("待企业确认")
    officer.get_by_role("button", name="请企业确认").tap()
    expect(officer.locator(".qr-box svg")).to_be_visible()
    link = officer.locator("#firm-link").input_value()

    # The firm decides, without an account.
    firm = phone(None)
    firm.goto(link)
    expect(firm.locator("main")).to_contain_text("十一月底前送电")
    firm.get_by_role("radio", name="解决了", exact=True).check()
    firm.get_by_role("radio", name="满意", exact=True).check()
    firm.get_by_role("button", name="提交").tap()
    expect(firm.locator("main")).to_contain_text("谢谢您的答复")

    assert _unresolved(head) == before
    officer.goto("/issues/?status=closed")
    expect(officer.locator("#issues-list tbody tr").first).to_contain_text(TITLE)


def test_the_same_story_without_javascript(phone, pictures):
    officer = phone("officer", java_script_enabled=False)
    officer.goto("/firms/")
    officer.locator("#firms-list a:has(strong)").first.click()
    officer.locator(".actions").get_by_role("link", name="记走访").click()
    officer.locator("#problem-0 > summary").click()
    officer.locator("#problem-0").get_by_text("水电气暖用能", exact=True).click()
    expect(officer.locator("#problem-0 .forecast:visible")).to_contain_text(f"交{POWER}办理")
    officer.locator("input[name=issues-0-title]").fill(TITLE)
    officer.locator("input[name=photos]").set_input_files(pictures)
    officer.get_by_role("button", name="提交走访").click()
    expect(officer.locator("main")).to_contain_text(TITLE)

    handler = phone("handler", java_script_enabled=False)
    handler.locator("#issues-list tbody tr").first.locator("a").click()
    handler.get_by_role("button", name="签收").click()
    handler.get_by_role("link", name="办结答复").click()
    handler.get_by_role("button", name="办结答复").click()
    expect(handler.get_by_role("alert").first).to_be_visible()
    handler.get_by_role("radio", name="解释到位", exact=True).check()
    handler.locator("textarea[name=note]").fill("已说明办理条件。")
    handler.locator("textarea[name=public_answer]").fill("请补齐材料后再申请。")
    handler.get_by_role("button", name="办结答复").click()
    expect(handler.locator(".bar .tag")).to_have_text("待核实")
    url = handler.url

    officer.goto(url)
    officer.get_by_role("button", name="核实通过").click()
    officer.get_by_role("button", name="请企业确认").click()
    link = officer.locator("#firm-link").input_value()

    firm = phone(None, java_script_enabled=False)
    firm.goto(link)
    firm.get_by_role("radio", name="解决了", exact=True).check()
    firm.get_by_role("radio", name="满意", exact=True).check()
    firm.get_by_role("button", name="提交").click()
    expect(firm.locator("main")).to_contain_text("谢谢您的答复")
    officer.goto(url)
    expect(officer.locator(".bar .tag")).to_have_text("已办结")


def test_visited_no_problem_is_one_tap_and_a_confirmation(phone):
    officer = phone("officer")
    officer.locator("a", has_text="记走访").filter(has=officer.locator(".sr-only")).first.tap()
    officer.get_by_role("button", name="提交走访").tap()
    expect(officer.locator("#messages")).to_contain_text("已入库：走访 1 条")


def test_two_taps_are_one_visit(phone, city):
    officer = phone("officer")
    officer.locator("a", has_text="记走访").filter(has=officer.locator(".sr-only")).first.tap()
    officer.locator("textarea[name=notes]").fill("点了两下也只有一条")
    officer.get_by_role("button", name="提交走访").dblclick()
    expect(officer.locator("#messages")).to_contain_text("已入库")
    officer.goto("/visits/")
    assert officer.locator("main").get_by_text("点了两下也只有一条").count() <= 1


def test_two_people_on_one_issue(phone):
    """One wins; the other gets the fresh page and her words back."""
    handler, colleague = phone("handler"), phone("handler")
    for each in (handler, colleague):
        each.goto("/issues/?status=in_progress")
        each.locator("#issues-list tbody tr").first.locator("a").tap()
        each.locator(".actions").get_by_role("link", name="办结答复").tap()
        each.get_by_role("radio", name="解释到位", exact=True).check()
        each.locator("textarea[name=note]").fill("我写了很久的办理情况")
        each.locator("textarea[name=public_answer]").fill("已说明。")
    handler.get_by_role("button", name="办结答复").tap()
    expect(handler.locator(".bar .tag")).to_have_text("待核实")
    colleague.get_by_role("button", name="办结答复").tap()
    expect(colleague.get_by_role("alert")).to_contain_text("请看下面的最新情况")
    expect(colleague.locator("main")).to_contain_text("我写了很久的办理情况")
