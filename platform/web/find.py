"""Find anything: one box over everything an organization holds. Apps register sources, each answers with links."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from web.render import htmx_or_page

SHORTEST = 2
AT_MOST = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found: what it is called, where it is, and a line that tells it from others of its name."""

    title: str
    address: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of thing that can be found. `search(request, words)` runs in the organization's scope and returns hits,
    the best first; only who has `permission` is asked. `icon` and `title` head the list.
    """

    title: str
    icon: str
    search: Callable[[HttpRequest, list[str]], Iterable[Hit]]
    permission: Any = None
    order: int = 100


@dataclass(frozen=True, slots=True)
class Found:
    """What one source found, and whether there was more than is shown."""

    source: Source
    hits: list[Hit]
    more: bool


_sources: dict[str, Source] = {}


def register(*sources: Source) -> None:
    """Add sources, normally from an app's `ready()`. The same title replaces the older one."""
    for source in sources:
        _sources[source.title] = source


def look(request: HttpRequest, text: str) -> list[Found]:
    """Ask every source this person may ask; words shorter than two letters find nothing."""
    words = text.split()
    if sum(len(word) for word in words) < SHORTEST:
        return []
    permissions: frozenset[Any] = getattr(request, "permissions", frozenset())
    found = []
    for source in sorted(_sources.values(), key=lambda source: (source.order, source.title)):
        if source.permission is not None and source.permission not in permissions:
            continue
        hits = []
        for hit in source.search(request, words):
            hits.append(hit)
            if len(hits) > AT_MOST:
                break
        if hits:
            found.append(Found(source, hits[:AT_MOST], len(hits) > AT_MOST))
    return found


@require_safe
def find(request: HttpRequest, org: str) -> HttpResponse:
    """The page with everything found; htmx asks for the list alone while somebody types."""
    text = request.GET.get("q", "").strip()[:100]
    context = {"text": text, "found": look(request, text), "shortest": SHORTEST}
    return htmx_or_page(request, "web/find.html", "results", context)
