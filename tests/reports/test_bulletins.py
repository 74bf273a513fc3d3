"""The bulletin: figures nobody types, texts the office writes, a paper that stays as it was issued."""

import io
import json
from datetime import date, timedelta

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Mm

from app import clock
from app.audit import store as audit
from app.audit.models import Search
from app.db import IntegrityError
from app.reports import bulletin, figures, store
from app.reports.masking import masked, without_names
from app.review.periods import Period
from tests import factories as make

TODAY = clock.today()
PERIOD = Period(TODAY - timedelta(days=20), TODAY)


@pytest.fixture
def city(db):
    """Visits and issues of this month in two districts."""
    firm = make.make_firm(db, name="平顶山市鹰翔机械有限公司")
    make.make_visit(db, firm=firm)
    make.make_visit(db, firm=firm)
    other = make.make_user(db, "officer", district_id=make.OTHER_DISTRICT)
    closed = make.make_issue(db, firm=firm, status="closed", title="鹰翔机械门口积水")
    late = make.make_issue(db, status="in_progress", at=clock.now() - timedelta(days=15), step=timedelta(hours=2))
    far = make.make_issue(db, officer=other, status="dispatched", department_id=make.OTHER_DEPARTMENT)
    return {"firm": firm, "closed": closed, "late": late, "far": far}


def begin(page, **typed):
    """A fresh draft: its preview."""
    office = page("office")
    form = office.get("/reports/bulletins/").one("form[action=/reports/bulletins/]")
    days = {"from": PERIOD.from_on.isoformat(), "to": PERIOD.to_on.isoformat(), **typed}
    answer = office.post(form.get("action"), days)
    return office, answer.headers["Location"]


def with_number(office, url, **typed):
    """The draft after its texts were written."""
    form = office.get(f"{url}/texts").one("#texts-form")
    return office.follow(office.send(form, number="平营商办〔2026〕12号", **typed))


def test_the_figures_are_those_of_the_boards(city, db):
    taken = figures.take(db, PERIOD, now=clock.now())
    total = taken["total"]
    assert (total["visits"], total["firms"]) == (2, 1)
    assert (total["reported"], total["closed"], total["open"], total["late"]) == (3, 1, 2, 1)
    assert total["solved"] == {"part": 1, "n": 1}
    lines = {line["id"]: line for line in taken["districts"]}
    assert len(lines) == 12 and lines[make.DISTRICT]["visits"] == 2 and lines[make.OTHER_DISTRICT]["open"] == 1
    assert [line["id"] for line in taken["departments"]] == sorted((make.DEPARTMENT, make.OTHER_DEPARTMENT))
    assert json.loads(json.dumps(taken)) == taken


def test_from_draft_to_paper(city, page, db):
    office, url = begin(page)
    draft = office.get(url)
    assert "全市走访企业1家、2次。" in draft.read and "共收集问题3件，办结1件" in draft.read
    assert "还没有发文字号" in draft.read and not draft.has("form[action$=/issuance]")
    office.post(f"{url}/issuance", {"version": 1}, status=409)
    written = with_number(office, url, problems="部分单位答复不及时。\n少数问题久拖不决。", next_steps="按月调度。")
    assert "三、下步工作" in written.read or "二、存在问题" in written.read
    issued = office.follow(office.send(written.one("form[action$=/issuance]")))
    assert "已签发" in issued.read and not issued.has("form[action$=/issuance]")
    assert issued.has("form[action$=/correction]")
    assert next(row["action"] for row in audit.list_entries(db, Search())) == "bulletin_issued"


def test_an_issued_bulletin_stays_as_it_is(city, page, db):
    office, url = begin(page)
    office.send(with_number(office, url).one("form[action$=/issuance]"))
    before = office.get(url).one("article").text
    make.make_issue(db, status="closed")
    make.make_visit(db, firm=city["firm"])
    assert office.get(url).one("article").text == before
    version = store.get_bulletin(db, 1)["version"]
    typed = dict.fromkeys(bulletin.TEXTS, "x")
    office.post(f"{url}/texts", {"version": version, **typed}, status=409)
    office.post(f"{url}/figures", status=409)
    office.post(f"{url}/cases", {"issue_id": city["closed"].id}, status=409)
    office.post(f"{url}/cases/removal", {"issue_id": city["closed"].id}, status=409)
    office.post(f"{url}/issuance", {"version": version}, status=409)
    assert office.get(f"{url}/texts", status=303)
    for change in ("UPDATE bulletins SET title = 'x'", "DELETE FROM bulletins"):
        with pytest.raises(IntegrityError, match="stays as it is"):
            db.conn.execute(change)
    with pytest.raises(IntegrityError, match="stays as it is"):
        db.conn.execute("INSERT INTO bulletin_cases (bulletin_id, issue_id, words) VALUES (1, 1, 'x')")
    assert office.get(url).one("article").text == before


def test_figures_are_taken_again_on_demand_only(city, page, db):
    office, url = begin(page)
    make.make_visit(db, firm=city["firm"])
    assert "1家、2次" in office.get(url).read
    office.send(office.get(url).one("form[action$=/figures]"))
    assert "1家、3次" in office.get(url).read


def test_two_editors_do_not_overwrite_each_other(city, page):
    office, url = begin(page)
    form = office.get(f"{url}/texts").one("#texts-form")
    office.send(form, title="第一稿")
    office.send(form, title="第二稿", status=409)
    assert "第一稿" in office.get(url).read
    preview = office.get(url)
    with_number(office, url)
    office.post(f"{url}/issuance", {"version": preview.has("x") or 1}, status=409)


def test_a_correction_is_a_bulletin_of_its_own(city, page):
    office, url = begin(page)
    office.post(f"{url}/correction", status=409)
    issued = office.follow(office.send(with_number(office, url).one("form[action$=/issuance]")))
    correction = office.follow(office.send(issued.one("form[action$=/correction]")))
    assert "（更正）" in correction.read and "此前印发的平营商办〔2026〕12号有误" in correction.read
    assert correction.link("这是对另一份通报的更正") == url
    assert office.get(url).link("这份通报已另发更正") == "/reports/bulletins/2"
    assert office.post(f"{url}/correction").headers["Location"] == "/reports/bulletins/2", "taken up again"
    assert "已更正" in office.get("/reports/bulletins/").read


def test_cases_are_told_without_the_firms_name(city, page, db):
    office, url = begin(page)
    office.post(f"{url}/cases", {"issue_id": city["closed"].id})
    words = store.list_cases(db, 1)[0]["words"]
    assert words == "某机械公司反映：某机械公司门口积水。国网平顶山供电公司牵头办理。问题已解决。企业表示满意。"
    assert "鹰翔" not in office.get(url).read
    office.post(
        f"{url}/cases", {"issue_id": city["closed"].id, "words": "平顶山市鹰翔机械有限公司王经理 13837501234 说好。"}
    )
    assert store.list_cases(db, 1)[0]["words"] == "某机械公司王经理 *** 说好。"
    assert "二、典型案例" in office.get(url).read
    office.post(f"{url}/cases/removal", {"issue_id": city["closed"].id})
    assert "典型案例" not in office.get(url).read
    office.post(f"{url}/cases", {"issue_id": 987654}, status=404)
    office.post(f"{url}/cases", {"issue_id": "x"}, status=422)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("平顶山市鹰翔机械有限公司", "某机械公司"),
        ("平顶山华为有限公司", "某公司"),
        ("叶县老李食品厂", "某食品厂"),
        ("平顶山翊墨物流中心", "某物流中心"),
        ("宝丰县大地种植专业合作社", "某种植合作社"),
        ("老王超市", "某企业"),
    ],
)
def test_a_firm_in_public(name, shown):
    assert masked(name) == shown
    assert name not in without_names(f"{name}说，电话 0375-2666666。", name)
    assert "2666666" not in without_names("电话 0375-2666666。", name)


def paper_of(answer):
    return docx.Document(io.BytesIO(answer.data))


def test_the_paper_has_the_layout_of_official_documents(city, page):
    office, url = begin(page)
    office.post(f"{url}/cases", {"issue_id": city["closed"].id})
    with_number(office, url)
    answer = office.get(f"{url}.docx")
    made = paper_of(answer)
    section = made.sections[0]
    for length, millimetres in (
        (section.page_width, 210), (section.page_height, 297), (section.top_margin, 37), (section.left_margin, 28),
        (section.right_margin, 26), (section.bottom_margin, 35),
    ):  # fmt: skip
        assert abs(length - Mm(millimetres)) < Mm(0.1)
    assert section._sectPr.find(qn("w:docGrid")).get(qn("w:linePitch")) == "578"
    lines = {paragraph.text: paragraph for paragraph in made.paragraphs}
    issuer = made.paragraphs[0]
    assert issuer.text == "市优化营商环境工作办公室"
    assert str(issuer.runs[0].font.color.rgb) == "FF0000"
    title = next(line for text, line in lines.items() if text.startswith("关于") and text.endswith("通报"))
    assert _font(title) == ("方正小标宋简体", 22)
    assert "平营商办〔2026〕12号" in lines
    assert _font(lines["一、总体情况"]) == ("黑体", 16) and _font(lines["（一）走访情况"]) == ("楷体_GB2312", 16)
    body = lines["全市走访企业1家、2次。"]
    assert _font(body) == ("仿宋_GB2312", 16)
    assert body._p.pPr.find(qn("w:ind")).get(qn("w:firstLineChars")) == "200"
    assert [len(table.rows) for table in made.tables] == [14, 3, 3]
    assert made.tables[0].rows[-1].cells[0].text == "全市"
    assert any(text.startswith("1. 某机械公司反映") for text in lines)
    record = [row.cells[0].text for row in made.tables[2].rows]
    assert record[0].startswith("报送：") and record[1].startswith("抄送：") and record[2].endswith("印发")
    assert made.tables[2]._tbl.tblPr.find(qn("w:tblpPr")).get(qn("w:tblpYSpec")) == "bottom"
    assert " PAGE " in section.footer._element.xml and " PAGE " in section.even_page_footer._element.xml
    assert made.settings.odd_and_even_pages_header_footer
    held = answer.headers["Content-Disposition"]
    assert held.startswith("attachment") and held.isascii()


def _font(paragraph):
    run = paragraph.runs[0]
    return run._r.rPr.rFonts.get(qn("w:eastAsia")), run.font.size.pt


def test_every_download_is_written_down(city, page, db):
    office, url = begin(page)
    office.get(f"{url}.docx").close()
    assert audit.list_entries(db, Search())[0]["action"] == "bulletin_exported"


def _listed(office, address):
    """How many lines the list behind a figure has, all its pages together; for 'rework' how often they say."""
    n, answer = 0, office.get(address)
    while True:
        times = [row.one(".state").text for row in answer.all("tbody tr")] if "/rework" in address else None
        n += sum(int(each.split()[0]) for each in times) if times is not None else len(answer.all("tbody tr"))
        if not answer.has("a[rel=next]"):
            return n
        answer = office.get(answer.one("a[rel=next]").attrs["href"])


def _told(answer):
    """(number, address) of every figure on the page of sources that opens its cases."""
    for cell in answer.all("td.n"):
        for link in cell.all("a"):
            small = cell.all("small")
            yield int(small[0].text.split("/")[1] if small else link.text), link.attrs["href"]


@pytest.fixture
def rounds(city, db):
    """Issues that went back and forth, more than a page of visits, a firm visited twice."""
    again = make.make_issue(db, firm=city["firm"], status="proposed")
    make.move(db, again, "reject_answer")
    back = make.make_issue(db, firm=city["firm"], status="dispatched")
    back = make.move(db, back, "return")
    make.move(db, back, "redispatch", is_return_right=True, department_id=make.OTHER_DEPARTMENT)
    make.move(db, make.make_issue(db, firm=city["firm"], status="dispatched"), "return")
    for _ in range(30):
        make.make_visit(db, firm=make.make_firm(db))
    return city


def test_each_figure_opens_what_it_was_counted_from(rounds, page):
    office, url = begin(page)
    sources = office.get(f"{url}/sources")
    told = list(_told(sources))
    figures_told = {address.split("/sources/")[1].split("?")[0] for _n, address in told}
    assert figures_told == {key for key, _name, _definition in figures.DEFINITIONS}
    assert {tail for _n, address in told for tail in address.split("?")[1:]} >= {
        f"district={make.DISTRICT}",
        f"department={make.OTHER_DEPARTMENT}",
    }
    wrong = [(n, address, _listed(office, address)) for n, address in told if n != _listed(office, address)]
    assert not wrong
    assert "没有办结、并案或作废" in next(row for row in sources.all("tbody tr") if "未办结" in row.text).text


def test_what_it_was_counted_from_stays(rounds, page, db):
    """Later moves, visits and firms change neither the figures of an issued bulletin nor the lists behind them."""
    office, url = begin(page)
    office.send(with_number(office, url).one("form[action$=/issuance]"))
    before = [(n, address, _listed(office, address)) for n, address in _told(office.get(f"{url}/sources"))]
    make.make_visit(db, firm=rounds["firm"])
    make.make_issue(db, status="closed")
    make.move(db, rounds["late"], "answer")
    after = [(n, address, _listed(office, address)) for n, address in _told(office.get(f"{url}/sources"))]
    assert after == before
    assert "待核实" in office.get(f"{url}/sources/late").read, "the status is today's"
    for change in (
        "UPDATE bulletin_sources SET cases = '[]'",
        "DELETE FROM bulletin_sources",
        "INSERT INTO bulletin_sources (bulletin_id, figure, cases) VALUES (1, 'more', '[]')",
    ):
        with pytest.raises(IntegrityError, match="stays as it is"):
            db.conn.execute(change)


def test_the_sides_of_a_figure_are_kept_too(rounds, page):
    office, url = begin(page)
    returned = office.get(f"{url}/sources/returns")
    assert [each.text for each in returned.all(".filters a")] == ["全部 2", "退回有理 1", "退回无理 0"]
    assert sorted(row.one(".state").text for row in returned.all("tbody tr")) == ["还没有认定", "退回有理"]
    assert len(office.get(returned.link("退回有理")).all("tbody tr")) == 1
    firms = office.get(f"{url}/sources/firms?district={make.DISTRICT}")
    assert ["2 次" in row.text for row in firms.all("tbody tr")].count(True) == 0, "its page has the newest firms"
    assert "2 次" in office.get(firms.one("a[rel=next]").attrs["href"]).read


def test_counting_anew_and_correcting_keep_their_own(city, page, db):
    office, url = begin(page)
    make.make_visit(db, firm=city["firm"])
    assert _listed(office, f"{url}/sources/visits") == 2
    office.send(office.get(url).one("form[action$=/figures]"))
    assert _listed(office, f"{url}/sources/visits") == 3
    issued = office.follow(office.send(with_number(office, url).one("form[action$=/issuance]")))
    make.make_visit(db, firm=city["firm"])
    office.send(issued.one("form[action$=/correction]"))
    assert _listed(office, f"{url}/sources/visits") == 3
    assert _listed(office, "/reports/bulletins/2/sources/visits") == 4


def test_a_bulletin_from_before_says_that_it_kept_no_lists(city, page, db):
    office, url = begin(page)
    db.conn.execute("DELETE FROM bulletin_sources")
    sources = office.get(f"{url}/sources")
    assert "还没有保存名单" in sources.read and not list(_told(sources))
    office.get(f"{url}/sources/open", status=404)


@pytest.mark.parametrize(
    "address",
    ["x", "open?district=1", "open?district=x", "open?part=maybe", "open?page=0", "open?district=410411&department=1"],
)
def test_a_source_that_no_link_names_is_not_there(city, page, address):
    office, url = begin(page)
    office.get(f"{url}/sources/{address}", status=404)


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ({"from": TODAY.isoformat(), "to": (TODAY - timedelta(days=1)).isoformat()}, "不能早于开始那天。"),
        ({"from": "2021-01-01", "to": TODAY.isoformat()}, "最多看一年"),
        ({"from": "", "to": ""}, "请选择日期。"),
    ],
)
def test_a_period_that_cannot_be(page, days, words):
    assert words in page("office").post("/reports/bulletins/", days, status=422).read


@pytest.mark.parametrize("role", ["head", "dispatcher", "auditor", "officer", "handler"])
def test_the_bulletin_is_the_offices(city, page, role):
    _office, url = begin(page)
    for address in ("/reports/bulletins/", url, f"{url}.docx", f"{url}/texts", f"{url}/sources", f"{url}/sources/open"):
        page(role).get(address, status=403)
    page(role).post(f"{url}/issuance", {"version": 1}, status=403)


def test_words_of_the_paper():
    assert bulletin.full_day(date(2026, 3, 5)) == "2026年3月5日"
    assert [bulletin.rate({"part": part, "n": n}) for part, n in ((0, 0), (1, 19), (19, 20))] == [
        "–",
        "样本少",
        "95.0%",
    ]
    assert (
        bulletin.usual_texts(date(2026, 10, 1), date(2026, 10, 31))["title"]
        == "关于2026年10月企业走访和问题办理情况的通报"
    )
    assert "2026年10月5日至" in bulletin.usual_texts(date(2026, 10, 5), date(2026, 10, 31))["title"]
