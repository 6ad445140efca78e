"""Gathers the marked words of templates and code into catalogs, and compiles them for gettext."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings

ROOMS = ("platform", "onboarding", "training", "billing")
DOMAIN = "django"
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "named": None,
    "counted": (1, 2),
    "kind": (2,),  # the title of a reminder: the subject of its mail
}
TITLES = (
    "My work", "Admin", "Inbox", "Portfolio", "My learning", "Programs", "Playbooks", "Sites", "Training", "Billing", "People",
    "Imports", "Reminders", "Deliveries", "Audit log", "Notices", "My messages",
)  # fmt: skip
"""Of the navigation, which stands beside learner pages too: what a learner sees, and what many others do."""
TRANSLATE = re.compile(r'{% translate "([^"]+)" %}')
BLOCK = re.compile(r"{% blocktranslate %}(.*?){% endblocktranslate %}", re.DOTALL)
NOT_WORDS = frozenset({"tests", "migrations", "static", "testing", "locale", "content", "management"})
JINJA = {
    "trimmed": "true",
    "newstyle_gettext": "true",
    "silent": "false",
    "trim_blocks": "true",
    "lstrip_blocks": "true",
}


def folder(language: str) -> Path:
    """Return where a language's catalog lies."""
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES"


def languages() -> list[str]:
    """Return the languages that need a catalog: all but the one the words are written in."""
    return [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def gathered() -> Catalog:
    """Return every marked sentence, in the order of the files."""
    catalog = Catalog(domain=DOMAIN, project="Causeway", charset="utf-8")
    for message, place in _found():
        catalog.add(message, locations=[(place, 0)])
    return catalog


def updated(language: str) -> Catalog:
    """Return a language's catalog with what is new added and what is gone left out; nothing is guessed."""
    path = folder(language) / f"{DOMAIN}.po"
    standing = Catalog(locale=language, domain=DOMAIN)
    if path.exists():
        with path.open("rb") as lines:
            standing = read_po(lines, locale=language, domain=DOMAIN)
    standing.update(gathered(), no_fuzzy_matching=True, update_creation_date=False)
    standing.obsolete.clear()
    return standing


def missing(catalog: Catalog) -> list[str]:
    """Return the sentences that a catalog has no words for."""
    return [
        str(message.id)
        for message in catalog
        if message.id
        and (message.fuzzy or not (all(message.string) if isinstance(message.string, tuple) else message.string))
    ]


def text_of(catalog: Catalog) -> bytes:
    """Return a catalog as its .po file."""
    out = io.BytesIO()
    write_po(out, catalog, width=120, sort_output=True, no_location=True, omit_header=False)
    return out.getvalue()


def compiled(catalog: Catalog) -> bytes:
    """Return a catalog as its .mo file."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def _found() -> Iterator[tuple[Any, str]]:
    for message in TITLES:
        yield message, "web/navigation.py"
    for path in _files():
        place = str(path.relative_to(settings.BASE_DIR))
        if "django_templates" in path.parts:  # of these only the mails
            for sentence in _of_django(path.read_text()) if "email" in path.parts else ():
                yield sentence, place
            continue
        method, options = ("python", {}) if path.suffix == ".py" else ("jinja2.ext:babel_extract", JINJA)
        with path.open("rb") as lines:
            for found in extract(method, lines, keywords=KEYWORDS, options=options):
                if found[1]:
                    yield found[1], place


def _of_django(text: str) -> Iterator[str]:
    """The marked sentences of a template of Django's own language."""
    yield from TRANSLATE.findall(text)
    for block in BLOCK.findall(text):
        yield re.sub(r"{{ (\w+) }}", r"%(\1)s", block)


def _files() -> Iterator[Path]:
    for room in ROOMS:
        base = Path(settings.BASE_DIR) / room
        for path in sorted([*base.rglob("*.py"), *base.rglob("*.html"), *base.rglob("*.txt")]):
            if not NOT_WORDS & set(path.parts) and path.name not in ("facts.py", "gallery.html"):
                yield path
