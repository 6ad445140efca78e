"""Addresses of the tests of this app: a few places to navigate to, and a live region."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from web.render import etag, not_modified, page, render_fragment

STATE = {"version": 1, "asked": 0, "sent": 0}


def nothing(request: HttpRequest, **kwargs: str) -> HttpResponse:
    """An empty page."""
    return HttpResponse("")


def live(request: HttpRequest) -> HttpResponse:
    """A page with one region that asks for itself."""
    return page(request, "web/tests/live.html", {"version": STATE["version"], "tag": etag(STATE["version"])})


def region(request: HttpRequest) -> HttpResponse:
    """The region alone, if it is not the one on screen."""
    STATE["asked"] += 1
    if (same := not_modified(request, STATE["version"])) is not None:
        return same
    STATE["sent"] += 1
    return render_fragment(
        request, "web/tests/live.html", "region", {"version": STATE["version"], "tag": etag(STATE["version"])}
    )


inside = [path(name, nothing, name=name) for name in ("inbox", "portfolio", "sites", "audit")]
urlpatterns = [
    path("", include("web.urls")),
    path("o/<slug:org>/", include((inside, "org"))),
    path("live", live),
    path("region", region),
]
