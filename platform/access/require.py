"""The door of every view: it names the permission it needs."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from access.permissions import SAYS, Permission

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


class NotAllowed(PermissionDenied):
    """A member lacks a permission; the page says which, and who holds it."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission
        super().__init__(f"You cannot do this: {SAYS[permission][0].lower()}{SAYS[permission][1:]}.")


def can(request: HttpRequest, permission: Permission) -> bool:
    """Whether the acting person has the permission in the organization of the URL."""
    return permission in getattr(request, "permissions", frozenset())


def demand(request: HttpRequest, permission: Permission) -> None:
    """Raise NotAllowed unless the acting person has the permission."""
    if not can(request, permission):
        raise NotAllowed(permission)


def require(permission: Permission, *others: Permission) -> Callable[[View], View]:
    """Guard a view: the permission opens it, or any of the others. The decorated view carries the first of them."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(can(request, one) for one in others):
                demand(request, permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return cast("View", guarded)

    return guard
