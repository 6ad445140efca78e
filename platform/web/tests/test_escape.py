"""Nothing that somebody typed becomes markup."""

from datetime import date

import pytest
from django.template import engines

from web.markdown import markdown

EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def draw(source: str, **names: object) -> str:
    return engines["jinja2"].env.from_string(source).render(evil=EVIL, today=date(2026, 11, 23), **names)


@pytest.mark.asvs("V1.2.1")
@pytest.mark.parametrize(
    "source",
    [
        "{{ evil }}",
        "{{ ui.button(evil, href=evil, attrs={'data-x': evil}) }}",
        "{{ ui.icon_button(evil, 'x') }}",
        "{{ ui.pill('blocked', evil) }}",
        "{{ ui.person(evil, evil) }}",
        "{{ ui.crumbs([(evil, evil), (evil, None)]) }}",
        "{{ ui.tabs(evil, [{'title': evil, 'address': evil, 'current': true}]) }}",
        "{{ ui.figures([{'label': evil, 'value': evil, 'note': evil}]) }}",
        "{{ ui.facts([(evil, evil)]) }}",
        "{{ ui.files([{'name': evil, 'address': evil, 'meta': evil}]) }}",
        "{{ ui.note(evil, evil, 'stop') }}",
        "{{ ui.empty(evil, evil) }}",
        "{{ ui.filters([{'name': evil, 'value': evil, 'remove': evil}]) }}",
        "{{ ui.input('i', 'i', evil, evil, hint=evil, error=evil) }}",
        "{{ ui.input('i', 'i', evil, evil, rows=3) }}",
        "{{ ui.select('s', 's', evil, [(evil, evil)], hint=evil) }}",
        "{{ ui.up_next(evil, 3, evil, evil) }}",
        "{{ ui.answers(evil, 'a', [{'value': evil, 'text': evil, 'right': false}]) }}",
        "{{ ui.verdict('go', 93.2, evil) }}",
        "{{ time_tag(today, text=evil) }}",
        "{{ evil|markdown }}",
    ],
)
def test_a_component_shows_markup_as_text(source: str) -> None:
    text = draw(source)
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.asvs("V1.3.1", "V1.3.5")
def test_markdown_keeps_prose_and_drops_what_could_act() -> None:
    text = str(
        markdown(
            "# Head\n\n**bold** [x](javascript:alert(1)) [ok](https://a.example) <b onclick=x>y</b> ![i](https://a.example/p.png)"
        )
    )
    assert text.startswith("<h3>Head</h3>")
    assert "<strong>bold</strong>" in text
    assert '<a href="https://a.example" rel="noopener noreferrer nofollow">ok</a>' in text
    assert "javascript:" not in text.replace("[x](javascript:alert(1))", "")
    assert "<img" not in text
    assert "<b " not in text


def test_markdown_headings_start_where_the_page_wants_them() -> None:
    assert str(markdown("# A\n\n## B", level=2)) == "<h2>A</h2>\n<h3>B</h3>\n"
    assert str(markdown("###### F", level=5)) == "<h6>F</h6>\n"
