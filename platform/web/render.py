"""How a view answers: a page, a fragment of the same page, a redirect, a toast, or "nothing new"."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, HttpResponseRedirect
from django.middleware.csrf import get_token
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.crypto import salted_hmac
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from django.utils.http import parse_etags
from django.utils.safestring import SafeString
from jinja2_fragments import render_block

from web.context import page as page_context
from web.jinja import engine
from web.tables import is_file, page_file
from web.whole_tables import holds_whole, whole_file

Context = Mapping[str, Any]
OK = 200


def page(request: HttpRequest, template: str, context: Context | None = None, status: int = 200) -> HttpResponse:
    """Render a whole page with the product's layout; with `?as=csv` or `?as=xlsx` the tables on it, as a file."""
    if status == OK and context and holds_whole(context) and is_file(request.GET):
        given, drawn = names(request, context), engine().get_template(template)
        return whole_file(request, context, lambda rows: drawn.render({**given, **rows}))  # type: ignore[return-value]
    text = page_text(request, template, context)
    if status == OK and (file := page_file(request, text)):
        return file
    return _private(HttpResponse(text, status=status))


def page_text(request: HttpRequest, template: str, context: Context | None = None) -> str:
    """Return a whole page as text, for responses that join several."""
    return engine().get_template(template).render(names(request, context))


def render_fragment(
    request: HttpRequest, template: str, block: str, context: Context | None = None, status: int = 200
) -> HttpResponse:
    """Render one block of a page, with the same names in reach as when the whole page is painted.

    What the template sets or imports outside its blocks does not exist here: use `ui`, and pass values in the context.
    """
    return _private(HttpResponse(fragment_text(request, template, block, context), status=status))


def fragment_text(request: HttpRequest, template: str, block: str, context: Context | None = None) -> str:
    """Return one block as text, for responses that join several."""
    return render_block(engine(), template, block, **names(request, context))


def names(request: HttpRequest, context: Context | None = None) -> dict[str, Any]:
    """Return everything a template can name.

    Django's Jinja2 backend lets context processors overwrite what the view gave; here the view wins, so that a page
    about another person's `membership` shows that one. jinja2-fragments would leave out the CSRF names altogether.
    """
    return {
        "request": request,
        "csrf_token": SimpleLazyObject(partial(get_token, request)),
        "csrf_input": SimpleLazyObject(partial(_csrf_input, request)),
        **page_context(request),
        **(context or {}),
    }


def htmx_or_page(
    request: HttpRequest, template: str, block: str, context: Context | None = None, status: int = 200
) -> HttpResponse:
    """Render the block for htmx and the whole page for everybody else, history restores included."""
    htmx = getattr(request, "htmx", None)
    if htmx and not htmx.boosted and not htmx.history_restore_request:
        return render_fragment(request, template, block, context, status)
    return page(request, template, context, status)


def redirect_or_refresh(request: HttpRequest, to: str, *, refresh: bool = False) -> HttpResponse:
    """Send the browser to an address after a POST; under htmx by header, so that the whole page changes.

    With `refresh` htmx loads the present page again instead.
    """
    if not getattr(request, "htmx", None):
        return HttpResponseRedirect(to)
    return HttpResponse(headers={"HX-Refresh": "true"} if refresh else {"HX-Redirect": to})


def etag(version: object) -> str:
    """Return the entity tag of a version: the object's own number or text, made opaque and safe in a header."""
    return f'"{salted_hmac("web.etag", str(version)).hexdigest()[:20]}"'


def not_modified(request: HttpRequest, version: object) -> HttpResponse | None:
    """Return a 304 if the caller already shows this version, else None.

    A live region carries `data-version="{{ etag }}"`; live.js sends it as If-None-Match. htmx is told by its
    configuration (web/base.html) to leave the page alone on 304; it would otherwise swap in the empty body.
    """
    known = parse_etags(request.headers.get("If-None-Match", ""))
    if etag(version) not in known:
        return None
    return _private(HttpResponseNotModified(headers={"ETag": etag(version)}))


def toast(request: HttpRequest, text: str, undo_url: str | None = None) -> None:
    """Say at the foot of the next page, or of the next fragment that shows toasts, what was done and how to take it back."""
    messages.success(request, text, extra_tags=undo_url or "")


def _csrf_input(request: HttpRequest) -> SafeString:
    return format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request))


def _private(response: HttpResponse) -> HttpResponse:
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ["HX-Request", "Cookie"])
    return response
