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
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}


@pytest.fixture
def collected(tmp_path: Path) -> Path:
    """Collect our files and those of django-htmx, as production does; the other apps' only cost time here."""
    folders = [Path(web.__file__).parent / "static", Path(django_htmx.__file__).parent / "static"]
    finders = ["web.bundles.Bundles", "django.contrib.staticfiles.finders.FileSystemFinder"]
    with override_settings(
        STORAGES=HASHED, STATIC_ROOT=tmp_path, STATICFILES_DIRS=folders, STATICFILES_FINDERS=finders
    ):
        get_finder.cache_clear()
        call_command("collectstatic", interactive=False, verbosity=0)
    get_finder.cache_clear()
    return tmp_path


def test_the_joined_files_are_hashed_compressed_and_find_the_font(collected: Path) -> None:
    [script] = (collected / "web/js").glob("causeway.????????????.js")
    assert script.with_suffix(".js.br").exists()
    [sheet] = (collected / "web/css").glob("causeway.????????????.css")
    assert sheet.with_suffix(".css.br").exists()
    [font] = re.findall(r'url\("([^"]+)"\)', sheet.read_text())
    assert re.search(r"geist-latin\.[0-9a-f]{12}\.woff2$", font)
    assert (sheet.parent / font).exists()


def test_the_production_settings_use_it() -> None:
    source = (Path(__file__).parents[2] / "config/settings/production.py").read_text()
    assert f'"BACKEND": "{HASHED["staticfiles"]["BACKEND"]}"' in source
