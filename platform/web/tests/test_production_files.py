"""Static files as production serves them: hashed names that still find each other."""

import re
from pathlib import Path

import django_htmx
import pytest
from django.contrib.staticfiles.finders import get_finder
from django.core.management import call_command
from django.test import override_settings

import web

HASHED = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "web.storage.HashedStaticFiles"},
}


@pytest.fixture
def collected(tmp_path: Path) -> Path:
    """Collect our files and those of django-htmx, as production does; the other apps' only cost time here."""
    folders = [Path(web.__file__).parent / "static", Path(django_htmx.__file__).parent / "static"]
    finder = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    with override_settings(STORAGES=HASHED, STATIC_ROOT=tmp_path, STATICFILES_DIRS=folders, STATICFILES_FINDERS=finder):
        get_finder.cache_clear()
        call_command("collectstatic", interactive=False, verbosity=0)
    get_finder.cache_clear()
    return tmp_path


def test_modules_sheets_and_font_keep_pointing_at_each_other(collected: Path) -> None:
    [main] = (collected / "web/js").glob("main.????????????.js")
    todo, seen = [main], set()
    while todo:
        module = todo.pop()
        if module in seen:
            continue
        assert re.fullmatch(r"[\w-]+\.[0-9a-f]{12}\.js", module.name)
        seen.add(module)
        todo += [
            module.parent / name for name in re.findall(r'(?:from|import)\s*\(?\s*"\./([^"]+)"', module.read_text())
        ]
    sources = Path(__file__).parents[1] / "static/web/js"
    assert {path.name.split(".")[0] for path in seen} == {path.stem for path in sources.glob("*.js")}
    [base] = (collected / "web/css").glob("base.????????????.css")
    [font] = re.findall(r'url\("([^"]+)"\)', base.read_text())
    assert re.search(r"geist-latin\.[0-9a-f]{12}\.woff2$", font)
    assert (base.parent / font).exists()
    assert base.with_suffix(".css.br").exists()


def test_the_production_settings_use_it() -> None:
    source = (Path(__file__).parents[2] / "config/settings/production.py").read_text()
    assert '"BACKEND": "web.storage.HashedStaticFiles"' in source
