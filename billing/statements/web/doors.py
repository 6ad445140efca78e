"""The doors of billing: a permission, and one's own organization."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import Http404, HttpRequest, HttpResponseBase

from access.permissions import Permission
from access.require import View, require
from audit.actor import Actor


def actor(request: HttpRequest) -> Actor:
    """Return who acts: the middleware has settled it."""
    found: Actor = request.actor  # type: ignore[attr-defined]
    return found


def slug(request: HttpRequest) -> str:
    """Return the organization of the address."""
    return str(request.organization.slug)  # type: ignore[attr-defined]


def at_home(permission: Permission) -> Callable[[View], View]:
    """Guard a view: a partner finds nothing at the host's, its own contracts and statements lie in its own organization."""

    def guard(view: View) -> View:
        @require(permission)
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.part is not None:  # type: ignore[attr-defined]
                raise Http404
            return view(request, *args, **kwargs)

        return cast("View", guarded)

    return guard
