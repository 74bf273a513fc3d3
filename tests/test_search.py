"""Finding firms and issues by any part of a name, by pinyin initials, by number; and that no query is a command."""

import sqlite3

import pytest

from app.firms import store as firms
from app.issues import list_store
from app.permissions import Role
from app.search import initials, phrases, spaced
from tests import factories


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("平煤 A1", "平 煤 a 1"),
        ("ＡＢ（１）", "a b 1"),
        ("有限公司。", "有 限 公 司"),
        ("", ""),
        ("!@#", ""),
        ("Ⅳ㎡", "i v m 2"),
        ("𠮷野家", "𠮷 野 家"),
    ],
)
def test_spaced(text, expected):
    assert spaced(text) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("机械", '"机 械"'),
        ("平顶山 机械", '"平 顶 山" AND "机 械"'),
        ("机械\u3000厂", '"机 械" AND "厂"'),
        ("", ""),
        ('"*()', ""),
        ('a" OR b', '"a" AND "o r" AND "b"'),
        ("x" * 1000, '"' + " ".join("x" * 60) + '"'),
    ],
)
def test_phrases(query, expected):
    assert phrases(query) == expected


NASTY = [
    '"',
    "'",
    "*",
    "a*",
    "NEAR(a b)",
    "name:a",
    "-a",
    "^a",
    "a AND",
    "OR",
    "(((",
    "\x00",
    "a\x00b",
    "{a}",
    "\ud800",
    "ﷺ",
    "💡",
]


@pytest.mark.parametrize("query", NASTY)
def test_no_query_is_a_command(query):
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE f USING fts5 (name, tokenize = 'unicode61')")
    match = phrases(query)
    if match:
        db.execute("SELECT * FROM f WHERE f MATCH ?", (match,)).fetchall()
    db.close()


@pytest.mark.parametrize(
    ("name", "expected"), [("平顶山机械", "p d s j x"), ("平煤A1厂", "p m a 1 c"), ("", ""), ("(ABC)", "a b c")]
)
def test_initials(name, expected):
    assert initials(name) == expected


@pytest.fixture
def found(db, now):
    """found(query): the names that the officer finds."""
    officer = factories.the_user(db, Role.OFFICER)
    for nth, name in enumerate(("平顶山天安机械有限公司", "平煤神马（集团）", "湛河区红旗面粉厂")):
        factories.make_firm(db, officer=officer, name=name, credit_code=f"91410400MA{nth:08d}")
    factories.make_firm(db, officer=factories.make_user(db, Role.OFFICER), name="别人的机械厂")

    def names(query: str) -> set[str]:
        return {row["name"] for row in firms.list_firms(db, visible_to=officer, now=now, query=query)}

    return names


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("机械", {"平顶山天安机械有限公司"}),
        ("天安 公司", {"平顶山天安机械有限公司"}),
        ("械", {"平顶山天安机械有限公司"}),
        ("平", {"平顶山天安机械有限公司", "平煤神马（集团）"}),
        ("神马集团", {"平煤神马（集团）"}),
        ("pdsta", {"平顶山天安机械有限公司"}),
        ("MFC", {"湛河区红旗面粉厂"}),
        ("ma00000001", {"平煤神马（集团）"}),
        ("91410400ma", {"平顶山天安机械有限公司", "平煤神马（集团）", "湛河区红旗面粉厂"}),
        ("没有的", set()),
        ("别人", set()),
        ("%", set()),
        ("_", set()),
        ('"', set()),
    ],
)
def test_finding_firms(found, query, expected):
    assert found(query) == expected


@pytest.mark.parametrize("query", NASTY)
def test_nasty_queries_find_nothing_or_little(found, db, now, query):
    assert len(found(query)) <= 3
    officer = factories.the_user(db, Role.OFFICER)
    assert list_store.list_issues(db, list_store.Filters(query=query), visible_to=officer, now=now) is not None


def test_finding_issues_by_number_and_words(db, now):
    officer = factories.the_user(db, Role.OFFICER)
    issue = factories.make_issue(db, title="变压器容量不够", at=now)
    factories.make_issue(db, title="路灯不亮", at=now)
    for query in ("变压器", "容量 变压", issue.number, issue.number[-3:]):
        rows = list_store.list_issues(db, list_store.Filters(query=query), visible_to=officer, now=now)
        assert issue.id in [row["id"] for row in rows], query
