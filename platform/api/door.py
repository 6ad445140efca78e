"""Who calls the API, settled once before any other middleware asks: a bearer token, or the browser's own session."""

import re
from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_cache_control, patch_vary_headers

from accounts.middleware import in_zone
from accounts.models import Seat
from accounts.models.api_token import Bearer, authenticate
from api import problems

ADDRESS = re.compile(r"^/o/([^/]+)/api/(?!v1/docs(?:/|$))")
"""Everything of the API but the page for people that shows its schema."""


class ApiDoor:
    """Stands before SecondFactorMiddleware: a token needs no second factor, and never borrows a session's.

    A token reaches the organization it was made in and no other; a session reaches what the pages reach.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with JSON only, whatever happens further in."""
        address = ADDRESS.match(request.path)
        if address is None:
            return self.get_response(request)
        answer = problems.normalized(self._answer(request, address[1].lower()))
        if not answer.has_header("Cache-Control"):
            patch_cache_control(answer, private=True, no_cache=True)
        patch_vary_headers(answer, ["Authorization", "Cookie"])
        return answer

    def _answer(self, request: HttpRequest, slug: str) -> HttpResponseBase:
        credentials = request.headers.get("Authorization")
        if credentials is None:
            return self.get_response(request) if request.user.is_authenticated else problems.response(401)
        scheme, _, secret = credentials.partition(" ")
        bearer = authenticate(secret.strip()) if scheme.lower() == "bearer" else None
        if bearer is None:
            return problems.response(401)
        if bearer.organization.slug != slug:
            return problems.response(404)
        return self._as_token(request, bearer)

    def _as_token(self, request: HttpRequest, bearer: Bearer) -> HttpResponseBase:
        organization = bearer.organization
        request.user = AnonymousUser()
        with bearer.seat.scope(), in_zone(organization.time_zone):
            request.bearer = bearer  # type: ignore[attr-defined]
            request.organization = organization  # type: ignore[attr-defined]
            request.part = None  # type: ignore[attr-defined]
            request.permissions = bearer.permissions  # type: ignore[attr-defined]
            request.actor = bearer.actor  # type: ignore[attr-defined]
            request.seat = Seat(user=bearer.user, organization=organization, roles=[])  # type: ignore[attr-defined]
            return self.get_response(request)
