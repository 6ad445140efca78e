"""Addresses of named views, remembered: a page names some fifty, nearly all of which the page before named too."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from django.conf import settings
from django.urls import reverse as resolved


def reverse(name: str, args: Sequence[object] = (), kwargs: Mapping[str, object] | None = None) -> str:
    """Return the address of a named view as Django writes it; raise NoReverseMatch where no view answers to it."""
    named = tuple(sorted((key, str(value)) for key, value in (kwargs or {}).items()))
    return _remembered(name, tuple(map(str, args)), named, settings.ROOT_URLCONF)


@lru_cache(maxsize=4096)
def _remembered(name: str, args: tuple[str, ...], named: tuple[tuple[str, str], ...], urlconf: str) -> str:
    return resolved(name, urlconf=urlconf, args=args or None, kwargs=dict(named) or None)
