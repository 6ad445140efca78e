"""A choice among a few, kept in the address: which one is asked for, and the links of `ui.seg`."""

from collections.abc import Collection, Mapping
from typing import Any

from django.http import HttpRequest


def chosen(request: HttpRequest, name: str, choices: Collection[str], default: str) -> str:
    """Return what the address asks for where it is one of the choices, else the default."""
    asked = request.GET.get(name, default)
    return asked if asked in choices else default


def links(request: HttpRequest, name: str, choices: Mapping[str, str], current: str) -> list[dict[str, Any]]:
    """Return a link to this page for each choice, with the other filters as they are."""
    asked = request.GET.copy()
    found = []
    for key, title in choices.items():
        asked[name] = key
        found.append({"title": title, "address": f"?{asked.urlencode()}", "current": key == current})
    return found
