"""What a template is compiled to: the same as if everything were worked out at each drawing, in both languages."""

import pytest
from flask import render_template_string

from app.translation import gettext, language, ngettext, speaking


def draw(app, source: str, *, in_language: str = "zh", **context) -> str:
    with app.test_request_context("/"), speaking(in_language):
        return app.extensions["pages"][in_language].from_string(source).render(**context)


def left_to_do(app, source: str) -> int:
    """How many calls a compiled template is left with when it is drawn."""
    return app.jinja_env.compile(source, name="page.html", raw=True).count("context.call(")


@pytest.mark.parametrize(
    ("source", "chinese", "english"),
    [
        ("{{ _('返回') }}", "返回", "Back"),
        ("{{ _('%(n)d 米', n=n) }}", "7 米", "7 m"),
        ("{% set words = _('返回') %}{{ words|upper }}", "返回", "BACK"),
        ("{{ _('返回') if n == 7 else _('关闭') }}", "返回", "Back"),
        ("{{ ngettext('%(num)d 天', '%(num)d 天', n) }}", "7 天", "7 days"),
        (
            "{{ ngettext('已入库 %(num)d 行，%(at)s', '已入库 %(num)d 行，%(at)s', n, at='<b>') }}",
            "已入库 7 行，&lt;b&gt;",
            "7 rows stored, &lt;b&gt;",
        ),
        ("{{ _(name) }}", "返回", "Back"),
    ],
)
def test_texts_are_said_in_the_page_s_language(app, source, chinese, english):
    assert draw(app, source, n=7, name="返回") == chinese
    assert draw(app, source, in_language="en", n=7, name="返回") == english


def test_what_is_certain_is_worked_out_once(app):
    assert left_to_do(app, "{{ _('返回') }}{{ icon('x') }}{{ url_for('home.index') }}{{ _('%(n)d 米', n=n) }}") == 0
    assert left_to_do(app, "{{ icon(name) }}{{ url_for('firms.show', firm_id=n) }}{{ url_for('.index') }}") == 3


def test_values_are_escaped_and_texts_are_not(app):
    assert draw(app, "{{ _('%(n)s 公里', n=n) }}", n="<b>&") == "&lt;b&gt;&amp; 公里"
    assert draw(app, "{{ icon('x', label=label) }}", label='"><b>').count('aria-label="&#34;&gt;&lt;b&gt;"') == 1


def test_addresses_are_those_that_flask_would_build(app):
    addresses = (
        "'visits.new'",
        "'visits.new', firm_id=3",
        "'static', filename='js/app.js'",
        "'visits.new', _anchor='firm'",
    )
    source = " ".join(f"{{{{ url_for({each}) }}}}" for each in addresses)
    drawn = draw(app, source)
    with app.test_request_context("/"):
        assert drawn == render_template_string(source)
        assert drawn.startswith("/visits/new /visits/new?firm_id=3 /static/")


def test_a_job_speaks_its_own_language_and_gives_the_other_back(app):
    with app.test_request_context("/"):
        assert (language(), gettext("返回")) == ("zh", "返回")
        with speaking("en"):
            assert (language(), gettext("返回"), ngettext("%(num)d 天", "%(num)d 天", 1)) == ("en", "Back", "1 day")
        assert (language(), gettext("返回")) == ("zh", "返回")


def test_outside_any_app_texts_are_as_they_are_written():
    assert (language(), gettext("%(n)d 米", n=3), ngettext("%(num)d 天", "%(num)d 天", 2)) == ("zh", "3 米", "2 天")
