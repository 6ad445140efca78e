"""The row of saved views above a list, and the addresses that change them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from access.permissions import Permission
from access.require import NotAllowed, require
from tenancy.prepared import prepared
from web.addresses import reverse
from web.models import SavedView, ViewRefused, tidy
from web.render import redirect_or_refresh, toast

WHOLE = "all"
"""The value of `view` that shows a list as it comes, whatever view somebody opens it with."""
PAGES = {"checklist", "portfolio", "inbox"}


@dataclass(frozen=True, slots=True)
class Bar:
    """What a list shows of its saved views. Partners in another's organization have none there."""

    page: str
    place: str
    tabs: list[dict[str, Any]]
    current: Any
    """The view on screen, or None."""
    changed: bool
    """Whether the address asks for something else than the view does."""
    own: bool
    query: str
    base: str
    """The address that saves a view; those of each view are below it."""
    opens: str
    """Where a bare address leads: to the person's own choice, or nowhere."""


def bar(request: HttpRequest, page: str, place: str) -> Bar | None:
    """Return the row of a list at `place`; one statement. None for those who cannot have views here."""
    if request.part is not None:  # type: ignore[attr-defined]
        return None
    person: UUID = request.actor.person_id  # type: ignore[attr-defined]
    views = _seen(person, page)
    asked, wanted = request.GET.get("view", ""), tidy(request.GET.urlencode())
    current = next((view for view in views if str(view.pk) == asked), None)
    chosen = next((view for view in views if view.chosen), None)
    return Bar(
        page=page,
        place=place,
        tabs=[
            {
                "title": view.title,
                "address": to(place, view),
                "current": view == current,
                "count": None,
                "view": view,
            }
            for view in views
        ],
        current=current,
        changed=current is not None and current.query != wanted,
        own=current is not None and current.owner_id == person,
        query=wanted,
        base=reverse("org:views:keep", kwargs={"org": request.organization.slug}),  # type: ignore[attr-defined]
        opens=to(place, chosen) if chosen and not request.GET else "",
    )


@prepared
def _seen(person: UUID, page: str) -> QuerySet[SavedView]:
    return SavedView.objects.seen_by(person, page)


def to(place: str, view: SavedView) -> str:
    """Return the address of a view."""
    return f"{place}?{view.query}&view={view.pk}" if view.query else f"{place}?view={view.pk}"


@require(Permission.DEPLOYMENT_READ)
@require_POST
def keep(request: HttpRequest, org: str) -> HttpResponse:
    """Save what stands in an address under a name."""
    _host_only(request)
    page, place = request.POST.get("page", ""), _back(request, org)
    if page not in PAGES:
        raise Http404
    try:
        view = SavedView.keep(
            page,
            request.POST.get("title", ""),
            request.POST.get("query", ""),
            by=request.actor,  # type: ignore[attr-defined]
            shared="shared" in request.POST,
        )
    except ViewRefused as refusal:
        toast(request, str(refusal))
        return HttpResponseRedirect(place)
    toast(request, f"View “{view.title}” saved")
    return redirect_or_refresh(request, to(place.split("?")[0], view))


@require(Permission.DEPLOYMENT_READ)
@require_POST
def change(request: HttpRequest, org: str, view: UUID, do: str) -> HttpResponse:
    """Share, unshare, choose, unchoose or remove a view."""
    _host_only(request)
    person = request.actor.person_id  # type: ignore[attr-defined]
    found = next((one for page in PAGES for one in SavedView.objects.seen_by(person, page).filter(pk=view)), None)
    if found is None or do not in DOES:
        raise Http404
    place = _back(request, org)
    try:
        said = DOES[do](found, request.actor)  # type: ignore[attr-defined]
    except ViewRefused as refusal:
        toast(request, str(refusal))
        return HttpResponseRedirect(place)
    toast(request, said)
    return redirect_or_refresh(request, f"{place.split('?')[0]}?view={WHOLE}" if do == "remove" else place)


def _share(view: SavedView, by: Any) -> str:
    view.share(True, by=by)
    return f"“{view.title}” is open to the organization"


def _unshare(view: SavedView, by: Any) -> str:
    view.share(False, by=by)
    return f"“{view.title}” is yours alone"


def _choose(view: SavedView, by: Any) -> str:
    view.choose(by=by)
    return f"This page opens with “{view.title}” for you"


def _unchoose(view: SavedView, by: Any) -> str:
    view.unchoose(by=by)
    return "This page opens as it comes"


def _remove(view: SavedView, by: Any) -> str:
    view.remove(by=by)
    return f"“{view.title}” removed"


DOES = {"share": _share, "unshare": _unshare, "choose": _choose, "unchoose": _unchoose, "remove": _remove}


def _host_only(request: HttpRequest) -> None:
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.DEPLOYMENT_READ)


def _back(request: HttpRequest, org: str) -> str:
    place = request.POST.get("next", "")
    inside = url_has_allowed_host_and_scheme(place, allowed_hosts=None) and place.startswith(f"/o/{org}/")
    return place if inside else f"/o/{org}/"
