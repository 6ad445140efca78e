"""What a compiled template writes is what escaping writes, in the reader's language."""

from enum import StrEnum

import pytest
from django.utils import translation
from django.utils.functional import lazystr
from django.utils.safestring import mark_safe
from markupsafe import Markup, escape

from web.jinja import engine
from web.writing import written

EVIL = "<script>alert('1')</script>&\""


class Word(StrEnum):
    """A text that is not quite a `str`."""

    EVIL = EVIL


class Drawn:
    """Knows its own markup."""

    def __html__(self) -> str:
        return "<b>1</b>"


@pytest.mark.asvs("V1.2.1")
@pytest.mark.parametrize(
    "value",
    ["plain", EVIL, Markup("<b>"), mark_safe("<b>"), lazystr(EVIL), Word.EVIL, Drawn(), [EVIL], 7, 7.5, True, None, ""],
    ids=lambda value: type(value).__name__,
)
def test_a_value_is_written_as_it_is_escaped(value: object) -> None:
    assert written(value) == str(escape(value))
    assert engine().from_string("{{ value }}").render(value=value) == str(escape(value))


def test_a_template_writes_every_value_that_way() -> None:
    source = "{{ a }}{% macro m(b) %}{{ b.c }}{% endmacro %}{{ m(a)|upper }}"
    assert engine().compile(source, raw=True).count("environment.written(") == 3


def test_a_page_its_blocks_and_what_they_loop_over_are_each_handed_on_as_one_text() -> None:
    source = "<{% block list %}{% for n in rows %}{{ n }},{% endfor %}{% block inner %}{{ word }}{% endblock %}{% endblock %}>"
    page = engine().from_string(source)
    given = page.new_context({"rows": range(50), "word": EVIL})
    numbers = ",".join(map(str, range(50)))
    assert list(page.root_render_func(given)) == [f"<{numbers},{escape(EVIL)}>"]
    assert list(page.blocks["list"](given)) == [f"{numbers},{escape(EVIL)}"]


def test_a_phrase_is_said_in_the_language_in_force_and_what_fills_it_is_escaped() -> None:
    page = engine().from_string("{{ _('Close') }} {{ _('Go to %(page)s', page=page) }} {{ _('50%% of it') }}")
    assert page.render(page="<i>") == "Close Go to &lt;i&gt; 50% of it"
    with translation.override("es"):
        assert page.render(page="<i>").startswith("Cerrar Ir a &lt;i&gt;")


def test_a_name_with_a_percent_sign_is_no_pattern() -> None:
    assert engine().from_string("{{ _(name) }}").render(name="100% Care") == "100% Care"


def test_a_text_that_is_no_markup_names_things_as_they_are_called() -> None:
    source = "{% autoescape false %}{{ _('Go to %(page)s', page=page) }} {{ _('50%% of it') }} {{ _(page) }}{% endautoescape %}"
    name = "O'Neil & Sons, 100% <Care>"
    written = engine().from_string(source + "{{ _('Go to %(page)s', page=page) }}").render(page=name)
    assert written == f"Go to {name} 50% of it {name}Go to {escape(name)}"
