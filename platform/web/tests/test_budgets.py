"""What a first view may cost: GUIDE section 11."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from web import bundles

HERE = Path(__file__).parents[1] / "static" / "web"
MODULES = sorted((HERE / "js").glob("*.js"))


def packed(*paths: Path) -> int:
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_a_module_has_one_behavior_in_at_most_40_lines(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 40
    assert text.startswith("// ")
    assert not re.search(r"\beval\(|new Function|innerHTML|document\.write", text)


def test_style_sheets_stay_under_30_kilobytes() -> None:
    assert packed(bundles.written("web/css/causeway.css")) <= 30_000


def test_all_scripts_with_htmx_stay_under_40_kilobytes() -> None:
    htmx = finders.find("django_htmx/htmx-2.min.js")
    assert htmx
    assert packed(Path(htmx), bundles.written("web/js/causeway.js")) <= 40_000


def test_the_font_stays_under_60_kilobytes() -> None:
    assert (HERE / "fonts" / "geist-latin.woff2").stat().st_size <= 60_000


def test_every_module_is_reached_from_the_first_one() -> None:
    seen, todo = set(), ["main.js"]
    while todo:
        found = todo.pop()
        if found not in seen:
            seen.add(found)
            todo += re.findall(r'(?:from |import |import\()"\./([\w-]+\.js)"', (HERE / "js" / found).read_text())
    assert seen == {path.name for path in MODULES}
