"""The languages of learner pages, mails and certificates. Everything else is English, and says so in its `lang`.

Words are marked with `_()` and `ngettext()` in templates and code, gathered and compiled by `bin/manage messages`
(docs/how-to/translate.md). A view speaks the person's language by the decorator `speaks`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from babel import Locale
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import (
    get_language,
    get_language_bidi,
    get_language_from_request,
    gettext,
    ngettext,
    override,
)
from markupsafe import Markup

from accounts.languages import known, written

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def language() -> str:
    """Return the language that is spoken now, as the `lang` attribute wants it."""
    return (get_language() or settings.LANGUAGE_CODE).partition("-")[0]


def direction() -> str:
    """Return `ltr` or `rtl` for the language that is spoken now."""
    return "rtl" if get_language_bidi() else "ltr"


def spoken(tag: str) -> Markup:
    """Return the attributes of text in another language than the page's: ` lang="en-US" dir="ltr"`."""
    return Markup(' lang="{}" dir="{}"').format(tag, written(tag))


def locale() -> Locale:
    """Return the locale of the language that is spoken now, for dates."""
    return Locale.parse(language())


def language_of(request: HttpRequest) -> str:
    """Return the language of whoever asks: the person's setting, else what the browser prefers."""
    user = getattr(request, "user", None)
    chosen = getattr(user, "language", "") if user and user.is_authenticated else get_language_from_request(request)
    return known(chosen)


def speaks(view: View) -> View:
    """Let a view answer in the language of whoever asks."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with override(language_of(request)):
            return view(request, *args, **kwargs)

    return cast("View", answered)


def named(template: str, **values: object) -> str:
    """Translate a sentence and put the values in."""
    return gettext(template) % values


def counted(one: str, many: str, number: int, **values: object) -> str:
    """Translate a sentence in the plural form of the number, which stands in it as `%(num)s`."""
    return ngettext(one, many, number) % {"num": number, **values}
