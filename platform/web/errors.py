"""Error pages. They need no database and no session, and say what happened, what is safe and the one next step."""

import logging
import secrets
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse

from web.context import appearance
from web.jinja import engine

log = logging.getLogger("web.errors")
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404, the same bytes for a missing object and for one the person may not know of."""
    return _answer(request, "web/errors/404.html", 404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403 for a member who lacks a permission; the exception's own words are shown, they are written for people."""
    reason = str(exception) if exception and str(exception) else "Your role in this organization does not include it."
    return _answer(
        request, "web/errors/403.html", 403, heading="You cannot do this", reason=reason, back=_own_referer(request)
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400 for a request that no form of ours sends. The exception may quote the request, so it is not shown."""
    return _answer(
        request,
        "web/errors/400.html",
        400,
        heading="This request cannot be read",
        reason="Nothing was saved. Go back to the page you came from and start from there.",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 when the form's token is missing or old: another tab signed in, or cookies are blocked."""
    return _answer(
        request,
        "web/errors/403.html",
        403,
        heading="This page was open too long",
        reason="Nothing was saved. Go back, load the page again and repeat the last step. Cookies must be allowed.",
        back=_own_referer(request),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500 with a reference that stands in the log beside the traceback. Asks neither database nor session."""
    reference = "".join(secrets.choice(ALPHABET) for _ in range(10))
    log.error("server error %s %s %s", reference, request.method, request.path)
    again = request.path if request.method in {"GET", "HEAD"} else _own_referer(request)
    response = _answer(request, "web/errors/500.html", 500, reference=reference, again=again)
    response["X-Reference"] = reference
    return response


def _answer(request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
    if request.headers.get("HX-Request") == "true" and "heading" in context:
        template = (
            "web/errors/note.html"  # swapped in where the answer was expected; 404 and 5xx are not swapped at all
        )
    look = appearance(request, person=status != 500)
    text = engine().get_template(template).render(request=request, **look, **context)
    return HttpResponse(text, status=status, headers={"Cache-Control": "no-store"})


def _own_referer(request: HttpRequest) -> str:
    """Return the path of the page the person came from, if it is ours."""
    source = urlsplit(request.META.get("HTTP_REFERER", ""))
    return source.path if source.netloc == request.META.get("HTTP_HOST") and source.path.startswith("/") else "/"
