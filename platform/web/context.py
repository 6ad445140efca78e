"""What every page knows: the theme, the person, the organization, the navigation, the messages."""

from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from web import navigation
from web.addresses import reverse

THEMES = ("light", "dark")
DENSITIES = ("normal", "compact")
THEME_COOKIE = "causeway_theme"
DENSITY_COOKIE = "causeway_density"
KEYS_COOKIE = "causeway_keys"


def page(request: HttpRequest) -> dict[str, Any]:
    """Return the context of every page. Nothing here asks the database unless a template uses it."""
    organization = getattr(request, "organization", None)
    return {
        **appearance(request),
        "person": SimpleLazyObject(lambda: getattr(request, "user", None)),
        "organization": organization,
        "permissions": getattr(request, "permissions", frozenset()),
        "part": getattr(request, "part", None),
        "navigation": SimpleLazyObject(lambda: navigation.sections(request)),
        "messages": SimpleLazyObject(lambda: get_messages(request)),
        "today": timezone.localdate(),
        "development": settings.DEVELOPMENT_SIGN_IN,
        "path": request.get_full_path(),
        "seats": getattr(request, "seats", []),
        "me_address": address("accounts:me") or address("mfa_index") or "/",
        "find_address": address("org:find", org=organization.slug) if organization else "",
    }


def appearance(request: HttpRequest, *, person: bool = True) -> dict[str, str]:
    """Return theme, density and shortcuts: this device's choice first, then the person's setting, then the system's.

    Without `person` only the device is asked, which needs no database.
    """
    user = getattr(request, "user", None) if person else None
    return {
        "theme": _choice(request.COOKIES.get(THEME_COOKIE) or getattr(user, "theme", ""), THEMES),
        "density": _choice(request.COOKIES.get(DENSITY_COOKIE) or getattr(user, "density", ""), DENSITIES),
        "keys": _choice(request.COOKIES.get(KEYS_COOKIE) or getattr(user, "keys", ""), ("on", "off")),
    }


def address(name: str, **kwargs: str) -> str:
    """Return the address of a named view, or "" where no app of this process answers to it."""
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return ""


def _choice(value: str | None, allowed: tuple[str, ...]) -> str:
    return value if value and value in allowed else ""
