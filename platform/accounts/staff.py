"""The door of Django's admin: an operator, two factors, and a staff session with a reason."""

from collections.abc import Callable

from django.conf import settings
from django.core.handlers.exception import response_for_exception
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from accounts.middleware import away
from accounts.models import StaffRequest, StaffSession
from tenancy.scope import scope

PREFIX = "/admin/"
LONGEST_PATH = 500


class StaffSessionMiddleware:
    """Holds `/admin/` closed without a staff session; writes each request down; opens one organization at most.

    After SecondFactorMiddleware: an operator without a second factor never comes here. To anybody else there is no
    such page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer inside the scope of the organization that the session names."""
        request.staff_session = None  # type: ignore[attr-defined]
        if not request.path.startswith(PREFIX):
            return self.get_response(request)
        user = request.user
        if not user.is_authenticated:
            return away(request, settings.LOGIN_URL)
        if not user.is_staff:
            return response_for_exception(request, Http404())
        session = StaffSession.standing(user, request.session.session_key)
        request.staff_session = session  # type: ignore[attr-defined]
        if session is not None:
            StaffRequest.objects.create(
                session=session, method=request.method or "", path=request.get_full_path()[:LONGEST_PATH]
            )
        door = reverse("accounts:staff_session")
        if request.path.startswith(door):
            return self.get_response(request)
        if session is None:
            return away(request, door)
        if session.organization_id is None:
            return self.get_response(request)
        with scope(session.organization_id):
            response = self.get_response(request)
            if callable(getattr(response, "render", None)):
                response.render()  # type: ignore[attr-defined]
            return response
