"""The few addresses the design system itself answers."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from web import context, gallery
from web.render import page

YEAR = 365 * 24 * 60 * 60
CHOICES = {
    "theme": (context.THEME_COOKIE, (*context.THEMES, "system")),
    "density": (context.DENSITY_COOKIE, context.DENSITIES),
    "keys": (context.KEYS_COOKIE, ("on", "off")),
}


@require_POST
def appearance(request: HttpRequest) -> HttpResponse:
    """Remember theme, density or shortcuts for this device and return to where the person was."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = HttpResponseRedirect(target)
    for name, (cookie, allowed) in CHOICES.items():
        value = request.POST.get(name)
        if value in allowed:
            response.set_cookie(
                cookie, value, max_age=YEAR, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
            )
    return response


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """The page a browser keeps for the time without a connection."""
    return page(request, "web/errors/offline.html")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Nothing here is for search engines."""
    return HttpResponse("User-agent: *\nDisallow: /\n", content_type="text/plain")


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Browsers ask for this address whatever the page says."""
    return HttpResponseRedirect(static("web/img/favicon.svg"))


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Every component in every state, for those who build pages; absent outside development."""
    if not settings.DEVELOPMENT_SIGN_IN:
        raise Http404
    return page(request, "web/gallery.html", gallery.examples(request))
