"""Who is asking, in which organization, as what: settled once per request, before any view runs."""

import re
import zoneinfo
from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.handlers.exception import response_for_exception
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import override

from access.permissions import LEAST_FIRST, Part, permissions_of
from accounts import second_factor
from accounts.models import Seat
from tenancy.models import Organization, Share
from tenancy.scope import person_scope, scope

GetResponse = Callable[[HttpRequest], HttpResponseBase]
PREFIX = "/o/"
NAMED_DEPLOYMENT = re.compile(r"/deployments/([0-9a-fA-F-]{36})(?:/|$)")
OPEN_PREFIXES = ("/accounts/", "/static/", "/dev/", "/livez", "/readyz", "/metrics", "/appearance")


class SecondFactorMiddleware:
    """Reads the person's seats, and holds those with a privileged role until they have proved a second factor."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Go on, or to the page where the second factor is set up or asked for."""
        request.seats = []  # type: ignore[attr-defined]
        if not request.user.is_authenticated or request.path.startswith("/static/"):
            return self.get_response(request)
        with person_scope(request.user.pk):
            seats = Seat.of(request.user.pk)
        request.seats = seats  # type: ignore[attr-defined]
        if (
            request.path.startswith(OPEN_PREFIXES)
            or not second_factor.needed(request.user, seats)
            or second_factor.satisfied(request)
        ):
            with in_zone(request.user.time_zone):
                return self.get_response(request)
        return away(request, reverse("accounts:second_factor"))


class OrganizationMiddleware:
    """Resolves `/o/<slug>/` and runs the view inside that organization's scope.

    A member gets the whole organization, or the sites they are limited to; a partner gets the deployments shared with it; anybody else gets the very
    same 404 as for an organization that does not exist. Anonymous requests get the same sign-in page for every slug.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Enter the scope for the time of the request."""
        if hasattr(request, "bearer"):
            return self.get_response(request)  # a token: api.door has entered its organization
        request.organization = None  # type: ignore[attr-defined]
        request.part = None  # type: ignore[attr-defined]
        request.permissions = frozenset()  # type: ignore[attr-defined]
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        if not request.user.is_authenticated:
            return away(request, settings.LOGIN_URL)
        slug = request.path[len(PREFIX) :].split("/", 1)[0].lower()
        for seat in request.seats:  # type: ignore[attr-defined]
            if seat.organization.slug == slug:
                return self._as_member(request, seat)
        return self._as_partner(request, slug)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> None:
        """Take NUL characters out of what a form sends: the check against forgery has read it by now, the view has not.

        A view without that check reads the body itself: as JSON, or to see whether it is signed.
        """
        if request.method == "POST" and not getattr(view, "csrf_exempt", False):
            request.POST = without_nul(request.POST)  # type: ignore[assignment]  # as immutable as it was

    def _as_member(self, request: HttpRequest, seat: Seat) -> HttpResponseBase:
        with seat.scope():
            self._introduce(request, seat, seat.organization, None)
            return self._respond(request)

    def _as_partner(self, request: HttpRequest, slug: str) -> HttpResponseBase:
        host = Organization.objects.filter(slug=slug).first()
        if host is None:
            return self._not_found(request)
        for seat in request.seats:  # type: ignore[attr-defined]
            if seat.sites:
                continue  # limited to sites of their own organization
            with scope(seat.organization_id):
                shares = list(Share.with_me.filter(organization_id=host.pk).values_list("deployment_id", "part"))
            if shares:
                return self._in_host(request, seat, host, shares)
        return self._not_found(request)

    def _in_host(
        self, request: HttpRequest, seat: Seat, host: Organization, shares: list[tuple[UUID, str]]
    ) -> HttpResponseBase:
        with scope(host.pk, deployments=[deployment_id for deployment_id, _ in shares]):
            self._introduce(request, seat, host, part_in(request.path, shares))
            return self._respond(request)

    def _introduce(self, request: HttpRequest, seat: Seat, organization: Organization, part: str | None) -> None:
        request.seat = seat  # type: ignore[attr-defined]
        request.organization = organization  # type: ignore[attr-defined]
        request.part = part  # type: ignore[attr-defined]
        request.permissions = permissions_of(seat.roles, part) if part else seat.permissions  # type: ignore[attr-defined]
        request.actor = request.user.acting(seat.organization_id, frozenset(seat.roles))  # type: ignore[attr-defined, union-attr]

    def _respond(self, request: HttpRequest) -> HttpResponseBase:
        request.GET = without_nul(request.GET)  # type: ignore[assignment]  # as immutable as it was
        zone = request.user.time_zone or request.organization.time_zone  # type: ignore[attr-defined, union-attr]
        # Which language is spoken is asked two hundred times a page; where none is set, each answer is a caught exception.
        with in_zone(zone), override(settings.LANGUAGE_CODE):
            response = self.get_response(request)
            if not response.has_header("Cache-Control"):
                patch_cache_control(response, private=True, no_cache=True)
            # Rendered inside the scope: a lazy template would run its queries after the scope is gone.
            if hasattr(response, "render") and callable(response.render) and not getattr(response, "is_rendered", True):
                response.render()
            return response

    def _not_found(self, request: HttpRequest) -> HttpResponseBase:
        return response_for_exception(request, Http404())


def part_in(path: str, shares: list[tuple[UUID, str]]) -> str:
    """Return the part a partner takes: in the deployment that the path names, else the one that opens least.

    An organization may fund one deployment of a host and help with another; neither part reaches into the other's.
    """
    named = NAMED_DEPLOYMENT.search(path)
    parts = {str(deployment_id): part for deployment_id, part in shares}
    if named and named[1].lower() in parts:
        return parts[named[1].lower()]
    return min(parts.values(), key=lambda part: LEAST_FIRST.index(Part(part)))


def without_nul(values: QueryDict) -> QueryDict:
    """Return the parameters without NUL characters: PostgreSQL has none, so nothing can be found or compared with them."""
    if "\0" not in "".join(value for _, found in values.lists() for value in found):
        return values
    cleaned = QueryDict(mutable=True)
    for name, found in values.lists():
        cleaned.setlist(name, [value.replace("\0", "") for value in found])
    cleaned._mutable = False
    return cleaned


def in_zone(name: str) -> timezone.override:
    """Write times in the person's zone while the request lasts; an empty name leaves UTC."""
    return timezone.override(zoneinfo.ZoneInfo(name) if name else None)


def away(request: HttpRequest, address: str) -> HttpResponse:
    """Send the whole page elsewhere, to come back to what was asked for; htmx needs that as a header."""
    htmx = getattr(request, "htmx", None)
    if htmx:
        wanted = htmx.current_url_abs_path or PREFIX
        return HttpResponse(headers={"HX-Redirect": f"{address}?{urlencode({'next': wanted})}"})
    wanted = request.get_full_path() if request.method in {"GET", "HEAD"} else "/"
    response = redirect_to_login(wanted, address)
    return HttpResponseRedirect(response.url)
