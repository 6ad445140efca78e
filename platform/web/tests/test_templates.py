"""Every template of the repository keeps the rules that the content policy and the design need."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import engines
from jinja2 import nodes

from web.jinja import icon
from web.navigation import registered
from web.statuses import STATUSES

ROOT = Path(settings.BASE_DIR)
ROOMS = ("platform", "onboarding", "training", "billing")
MAIL = "mail"  # letters are styled inline: that is how mail works, and no page shows them
TEMPLATES = sorted(
    path
    for room in ROOMS
    for pattern in ("**/templates/**/*.html", "**/django_templates/**/*.html")
    for path in (ROOT / room).glob(pattern)
    if MAIL not in path.relative_to(ROOT).parts
)
PAGES = [path for path in TEMPLATES if not {"components", "django_templates"} & set(path.parts)]
IMPORTS = (nodes.Import, nodes.FromImport)
INLINE_STYLE = re.compile(r"<style\b|\sstyle\s*=", re.IGNORECASE)
HANDLER = re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"']", re.IGNORECASE)
HTMX_SCRIPT = re.compile(r"\shx-on|[\"']js:|javascript:", re.IGNORECASE)
SCRIPT = re.compile(r"<script\b([^>]*)>", re.IGNORECASE)
COMMENT = re.compile(r"{#.*?#}", re.DOTALL)
ICON = re.compile(r"""\bicon(?:_name)?\s*(?:\(|=|\s)\s*["']([a-z-]+)["']""")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def sprite() -> set[str]:
    path = finders.find("web/img/icons.svg")
    assert path
    return {symbol.attrib["id"].removeprefix("i-") for symbol in ET.parse(path).getroot()}  # noqa: S314 - our own file


def test_the_walk_finds_the_templates_of_all_rooms() -> None:
    found = {name(path).split("/")[0] for path in TEMPLATES}
    assert "platform" in found
    assert ROOT / "platform/web/templates/web/base.html" in TEMPLATES


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_has_no_inline_style_handler_or_script(path: Path) -> None:
    text = COMMENT.sub("", path.read_text())
    assert not INLINE_STYLE.search(text)
    assert not HANDLER.search(text)
    assert not HTMX_SCRIPT.search(text)
    for attributes in SCRIPT.findall(text):
        assert "src=" in attributes or 'type="application/json"' in attributes


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_compiles(path: Path) -> None:
    if "django_templates" in path.parts:
        engines["django"].from_string(path.read_text())
    else:
        engines["jinja2"].env.parse(path.read_text())


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_imports_nothing_outside_its_blocks_because_its_fragments_would_not_have_it(path: Path) -> None:
    tree = engines["jinja2"].env.parse(path.read_text())
    outside = [node for node in tree.body if not isinstance(node, nodes.Block)]
    assert not [node for node in outside if isinstance(node, IMPORTS) or any(node.find_all(IMPORTS))]


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_the_icons_a_template_names_are_in_the_sprite(path: Path) -> None:
    assert set(ICON.findall(path.read_text())) <= sprite()


def test_the_icons_of_statuses_and_navigation_are_in_the_sprite() -> None:
    assert {status.icon for status in STATUSES.values()} <= sprite()
    assert {entry.icon for entry in registered()} <= sprite()


def test_an_icon_that_nobody_drew_is_refused_where_pages_are_built(settings: object) -> None:
    settings.DEVELOPMENT_SIGN_IN = True  # type: ignore[attr-defined]
    with pytest.raises(LookupError, match="no icon is called 'unicorn'"):
        icon("unicorn")


def test_every_status_has_a_shape_and_a_color_of_the_guide() -> None:
    assert {status.tone for status in STATUSES.values()} == {"done", "moving", "wait", "risk", "stop", "idle"}
    words = [status.word for status in STATUSES.values()]
    assert len(words) == len(set(words))


def test_a_component_name_is_defined_once() -> None:
    ui = engines["jinja2"].env.globals["ui"]
    assert callable(ui.button)
    with pytest.raises(AttributeError, match="no component is called 'buton'"):
        _ = ui.buton
