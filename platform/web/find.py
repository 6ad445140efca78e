"""Find anything, go anywhere: one box over what an organization holds, its places and what can be done.

Apps register sources (each answers with links), actions, and what belongs to the page somebody is on. The same answers
stand on a page of their own and in the command palette (Ctrl-K).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import reduce
from itertools import takewhile
from operator import or_
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, Resolver404, ResolverMatch, resolve, reverse
from django.views.decorators.http import require_safe

from web import navigation
from web.render import htmx_or_page

SHORTEST = 2
AT_MOST = 8
LONGEST = 100
MOST_NAMES, LONG_ENOUGH, NEARLY = 5000, 4, 0.75
"""Things of a source whose names are read to put a slip right, letters that a word must have for it, and how alike two words must be (0 to 1)."""
Row = TypeVar("Row", bound=Model)


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
    names: Callable[[HttpRequest, int], Iterable[str]] | None = None
    """What at most so many of its things are called, as far as the person may see them: where nothing is found, slips are
    put right by these."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be begun from anywhere; `url_name` is the name below `org:`. Not for partners of the organization."""

    title: str
    url_name: str
    permission: Any
    words: str = ""
    """Other words it is looked for by."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one source found, and whether there was more than is shown."""

    source: Source
    hits: list[Hit]
    more: bool


Context = Callable[[HttpRequest, ResolverMatch], Iterable[Hit]]
_sources: dict[str, Source] = {}
_actions: dict[str, Action] = {}
_contexts: dict[str, Context] = {}


def register(*sources: Source) -> None:
    """Add sources, normally from an app's `ready()`. The same title replaces the older one."""
    for source in sources:
        _sources[source.title] = source


def register_actions(*actions: Action) -> None:
    """Add actions, normally from an app's `ready()`."""
    for action in actions:
        _actions[action.title] = action


def register_context(name: str, context: Context) -> None:
    """Add what belongs to the page somebody is on; the context yields nothing for pages it does not know."""
    _contexts[name] = context


@dataclass(frozen=True, slots=True)
class Beginning:
    """What a word begins with, letters and digits alone."""

    text: str

    def of(self, *fields: str) -> Q:
        """The condition that one of the fields has such a word."""
        return reduce(or_, (Q(**{f"{field}__iregex": rf"\m{self.text}"}) for field in fields))


def matching(
    rows: "QuerySet[Row, Any]", words: list[str], *fields: str, also: Callable[[Beginning], Q] | None = None
) -> "QuerySet[Row, Any]":
    """Return the rows whose fields together hold every word, each as the beginning of one; `also` says where else it counts.

    A word's beginning is looked for by a regular expression (`\\m`), which reads a row in a few microseconds. A GIN index over
    text search vectors would not be used: under row-level security an operator that is not leak-proof, as `@@` is not,
    is tried only on rows that the policy has let through; and making the vectors for it costs ten times as much a row.
    """
    parts = [Beginning(part) for word in words for part in re.findall(r"\w+", word)]
    for part in parts:
        rows = rows.filter(part.of(*fields) | also(part) if also else part.of(*fields))
    return rows if parts else rows.none()


def look(request: HttpRequest, text: str) -> list[Found]:
    """Ask every source this person may ask; words shorter than two letters find nothing."""
    words = text.split()
    if sum(len(word) for word in words) < SHORTEST:
        return []
    found = []
    for source in _asked(request):
        hits = []
        for hit in source.search(request, words):
            hits.append(hit)
            if len(hits) > AT_MOST:
                break
        if hits:
            found.append(Found(source, hits[:AT_MOST], len(hits) > AT_MOST))
    return found


def meant(request: HttpRequest, text: str) -> str:
    """Return the text with its slips put right by what things here are called: "security" for "secruity"; "" where it has none.

    Without an extension of PostgreSQL (the embedded one has no pg_trgm): read only where nothing was found.
    """
    wanted = re.findall(r"\w+", text.casefold())
    named = (name for source in _asked(request) if source.names for name in source.names(request, MOST_NAMES))
    known = sorted({word for name in named for word in re.findall(r"\w{3,}", name.casefold())})
    right = list(takewhile(bool, (_right(word, known) for word in wanted)))
    return " ".join(right) if len(right) == len(wanted) and right != wanted else ""


def _right(word: str, known: list[str]) -> str:
    if word.isdecimal() or any(one.startswith(word) for one in known):
        return word
    near = get_close_matches(word, known, n=1, cutoff=NEARLY) if len(word) >= LONG_ENOUGH else []
    return near[0] if near else ""


def _asked(request: HttpRequest) -> list[Source]:
    """The sources that this person may ask, in order."""
    permissions: frozenset[Any] = getattr(request, "permissions", frozenset())
    found = sorted(_sources.values(), key=lambda source: (source.order, source.title))
    return [source for source in found if source.permission is None or source.permission in permissions]


def places(request: HttpRequest, text: str, here: str = "") -> list[Found]:
    """Return what belongs to the page at `here`, where one can go and what one can begin, as far as it has the words."""
    wanted = [word.casefold() for word in text.split()]

    def fits(title: str, more: str = "") -> bool:
        said = re.findall(r"\w+", f"{title} {more}".casefold())
        return all(any(one.startswith(word) for one in said) for word in wanted)

    groups = [
        ("On this page", "right", _of_page(request, here)),
        (
            "Go to",
            "right",
            [Hit(link.title, link.address) for part in navigation.sections(request) for link in part.links],
        ),
    ]
    found = [
        Found(Source(title, icon, _nothing), [hit for hit in hits if fits(hit.title, hit.text)], False)
        for title, icon, hits in groups
    ]
    actions = [Hit(one.title, where) for one, where in _offered(request) if fits(one.title, one.words)]
    found.append(Found(Source("Do", "play", _nothing), actions, False))
    return [group for group in found if group.hits]


def _of_page(request: HttpRequest, here: str) -> list[Hit]:
    slug = request.organization.slug  # type: ignore[attr-defined]
    path = here.split("?")[0]
    if not path.startswith(f"/o/{slug}/"):
        return []
    try:
        match = resolve(path)
    except Resolver404:
        return []
    return [hit for context in _contexts.values() for hit in context(request, match)]


def _offered(request: HttpRequest) -> Iterable[tuple[Action, str]]:
    if getattr(request, "part", None) is not None:
        return
    permissions: frozenset[Any] = getattr(request, "permissions", frozenset())
    for action in sorted(_actions.values(), key=lambda action: action.title):
        if action.permission in permissions:
            try:
                yield action, reverse(f"org:{action.url_name}", kwargs={"org": request.organization.slug})  # type: ignore[attr-defined]
            except NoReverseMatch:
                continue


def _nothing(request: HttpRequest, words: list[str]) -> Iterable[Hit]:
    return ()


@require_safe
def find(request: HttpRequest, org: str) -> HttpResponse:
    """The page with everything found; htmx asks for the list alone while somebody types, on the page or in the palette."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    here = request.GET.get("here", "")[:500]
    found = [*places(request, text, here), *look(request, text)]
    instead = "" if found else meant(request, text)
    if instead:
        found = [*places(request, instead, here), *look(request, instead)]
    context = {"text": text, "found": found, "instead": instead, "shortest": SHORTEST}
    return htmx_or_page(request, "web/find.html", "palette" if "here" in request.GET else "results", context)
