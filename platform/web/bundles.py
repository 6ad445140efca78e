"""One style sheet and one script for the browser, joined from the small files they are written in.

Joined when static files are looked up or collected: nobody needs a bundler. A page names the joined file
(`web/css/causeway.css`, `web/js/causeway.js`); the layers of the style sheets and the scope of each module stay as they are.
"""

import os
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.contrib.staticfiles.utils import matches_patterns
from django.core.files.storage import FileSystemStorage

SOURCES = Path(__file__).parent / "static" / "web"
SHEETS = ("tokens", "base", "layout", "components", "pages", "screens", "print")
"""In the order of the cascade for what stands outside the layers; the layers' own order is declared in the first."""
FIRST_MODULE = "main.js"
STATIC_IMPORT = re.compile(r'^import (?:(\{[^}]*\}) from )?"\./([\w-]+\.js)";$', re.MULTILINE)
DYNAMIC_IMPORT = re.compile(r'\bimport\("\./([\w-]+\.js)"\)')
EXPORT = re.compile(r"^export const (\w+)", re.MULTILINE)
LEFT = re.compile(r"^\s*(import|export)\b|\bimport\s*\(", re.MULTILINE)


class CannotBundle(ValueError):
    """A module imports or exports in a way that joining does not know; the message names it."""


def style_sheet() -> str:
    """Return the product's style sheets as one."""
    return "\n".join((SOURCES / "css" / f"{name}.css").read_text() for name in SHEETS)


def script() -> str:
    """Return the modules as one: each runs once, when it is first asked for. Raises CannotBundle."""
    modules = ",\n".join(_module(path) for path in sorted((SOURCES / "js").glob("*.js")))
    return (
        f"const modules = {{\n{modules}\n}};\nconst made = new Map();\n"
        "const load = (name) => {\n  if (!made.has(name)) made.set(name, modules[name]());\n  return made.get(name);\n};\n"
        f'load("{FIRST_MODULE}");\n'
    )


BUNDLES: dict[str, Callable[[], str]] = {"web/css/causeway.css": style_sheet, "web/js/causeway.js": script}


class Bundles(BaseFinder):
    """Finds the joined files; they are written under CAUSEWAY_STATE when a source has changed."""

    def check(self, **kwargs: Any) -> list[Any]:
        """Nothing can be configured wrongly."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Return the file's place on disk, or nothing for other paths."""
        found = [str(written(path))] if path in BUNDLES else []
        return found if find_all else next(iter(found), None)

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """Yield each joined file for `collectstatic`."""
        for path in BUNDLES:
            if not matches_patterns(path, list(ignore_patterns or [])):
                written(path)
                yield path, FileSystemStorage(location=_folder())


def written(path: str) -> Path:
    """Bring the joined file up to date and return where it is."""
    place, text = _folder() / path, BUNDLES[path]()
    if not place.exists() or place.read_text() != text:
        place.parent.mkdir(parents=True, exist_ok=True)
        draft = place.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
        draft.write_text(text)
        draft.replace(place)
    return place


def _folder() -> Path:
    return Path(settings.STATE_DIR) / "bundles"


def _module(path: Path) -> str:
    text = path.read_text()
    exported = EXPORT.findall(text)
    text = EXPORT.sub(r"const \1", text)
    text = STATIC_IMPORT.sub(lambda found: f'{f"const {found[1]} = " if found[1] else ""}load("{found[2]}");', text)
    text = DYNAMIC_IMPORT.sub(r'load("\1")', text)
    if left := LEFT.search(text):
        raise CannotBundle(f"{path.name}: {left[0].strip()!r} is not one of the forms that joining knows.")
    return f'"{path.name}": () => {{\n{text}return {{ {", ".join(exported)} }};\n}}'
