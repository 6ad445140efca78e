"""The Jinja2 environment of every product page."""

from collections.abc import MutableMapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, cast

import jinja2
from django.conf import settings
from django.template import engines
from django.templatetags.static import static
from django.utils.translation import get_language, gettext, ngettext
from markupsafe import Markup

from web import formats
from web.addresses import reverse
from web.charts import track_label
from web.components import Components
from web.forms import control, error_words, kind, mistakes, mistakes_title
from web.language import direction, language, spoken
from web.markdown import markdown
from web.statuses import status
from web.writing import Writing, written

SPRITE = "web/img/icons.svg"


class Environment(jinja2.Environment):
    """Gives each template its global names as a plain dictionary.

    The library lays them in layers, which every context it makes (of a page, an include, a block that is named) flattens anew:
    a sixth of writing a mail. They are all there before the first template is read, and none is ever added.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return the global names of a template."""
        return {**self.globals, **(d or {})}


def environment(**options: Any) -> jinja2.Environment:
    """Build the environment: everything escaped, a missing name is an error, the product's filters and helpers at hand."""
    options.setdefault("undefined", jinja2.StrictUndefined)
    options["autoescape"] = True
    env = Environment(trim_blocks=True, lstrip_blocks=True, **options)
    env.add_extension("jinja2.ext.i18n")
    env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.code_generator_class = Writing
    env.written = written  # type: ignore[attr-defined]
    env.globals.update(
        {
            "_": phrase,
            "language": language,
            "direction": direction,
            "spoken": spoken,
            "url": url,
            "org_url": org_url,
            "static": static,
            "icon": icon,
            "status": status,
            "time_tag": formats.time_tag,
            "day_range": formats.day_range,
            "days_between": formats.days_between,
            "share": formats.share,
            "plural": formats.plural,
            "query": query,
            "control": control,
            "error_words": error_words,
            "field_kind": kind,
            "mistakes": mistakes,
            "mistakes_title": mistakes_title,
            "track_label": track_label,
            "ui": Components(env),
        }
    )
    env.filters.update(
        {
            "day": formats.day,
            "weekday": formats.weekday,
            "clock": formats.clock,
            "moment": formats.moment,
            "ago": formats.ago,
            "percent": formats.percent,
            "number": formats.number,
            "signed": formats.signed,
            "money": formats.money,
            "size": formats.size,
            "monogram": formats.monogram,
            "markdown": markdown,
        }
    )
    return env


def engine() -> jinja2.Environment:
    """Return the environment that Django has set up from the settings."""
    return cast("Any", engines["jinja2"]).env  # type: ignore[no-any-return]


@jinja2.pass_eval_context
def phrase(place: jinja2.nodes.EvalContext, text: str, /, **values: object) -> str:
    """Return a text in the reader's language, `%(names)s` in it filled in.

    What else stands in it is markup, and what fills it is escaped; in a mail's text neither is.
    """
    if place.autoescape:
        return Markup(gettext(text)) % values if values else _said(text, get_language())  # noqa: S704 - texts of templates
    return gettext(text) % values if values else gettext(text).replace("%%", "%")


@lru_cache(maxsize=2048)
def _said(text: str, spoken: str | None) -> Markup:
    """A page says a hundred things, and the page before said the same."""
    return Markup(gettext(text).replace("%%", "%"))  # noqa: S704 - texts of templates


def url(name: str, *args: object, **kwargs: object) -> str:
    """Return the address of a named view."""
    return reverse(name, args, kwargs)


@jinja2.pass_context
def org_url(context: jinja2.runtime.Context, name: str, **kwargs: object) -> str:
    """Return the address of a view below `/o/<org>/` of the organization on screen: `org_url("deployments:list")`."""
    return reverse(f"org:{name}", kwargs={"org": context["organization"].slug, **kwargs})


@jinja2.pass_context
def query(context: jinja2.runtime.Context, **changes: object) -> str:
    """Return the page's own query string with some values changed; None or "" takes one out, lists repeat.

    The place in the list (`after`, `before`) goes whenever something else changes.
    """
    values = context["request"].GET.copy()
    if not {"after", "before"} & changes.keys():
        changes = {"after": None, "before": None, **changes}
    for name, value in changes.items():
        values.pop(name, None)
        if isinstance(value, (list, tuple)):
            values.setlist(name, [str(item) for item in value])
        elif value not in (None, ""):
            values[name] = str(value)
    return f"?{values.urlencode()}" if values else "?"


@cache
def _sprite() -> str:
    return (Path(__file__).parent / "static" / SPRITE).read_text()


def icon(name: str, extra: str = "") -> Markup:
    """Return an icon of the sprite; it says nothing to a screen reader, so a word must stand beside it.

    While pages are built a name that is not in the sprite is an error; in production it is an empty place.
    """
    return _drawn(name, extra, settings.STATIC_URL)


@lru_cache(maxsize=512)
def _drawn(name: str, extra: str, static_url: str) -> Markup:
    """A page draws a hundred icons, most of them alike: escaping is the cost."""
    if settings.DEVELOPMENT_SIGN_IN and f'id="i-{name}"' not in _sprite():
        raise LookupError(f"no icon is called {name!r}; they are in {SPRITE}")
    return Markup('<svg class="i{}" aria-hidden="true"><use href="{}#i-{}"/></svg>').format(
        f" {extra}" if extra else "", static(SPRITE), name
    )
