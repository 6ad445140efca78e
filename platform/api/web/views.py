"""The OpenAPI document, as JSON and as a page of ours: the known viewers need inline styles, which our CSP forbids."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from api.schema import document
from api.web.reading import groups
from web.render import page


@require_safe
def openapi(request: HttpRequest, org: str) -> JsonResponse:
    """Answer with the document; it is the same for everybody who has come this far."""
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})


@require_safe
def reference(request: HttpRequest, org: str) -> HttpResponse:
    """Show every operation with its parameters, body and answers."""
    context: dict[str, Any] = {
        "groups": groups(document()),
        "base": f"{request.scheme}://{request.get_host()}/o/{org}/api/v1",
    }
    return page(request, "api/reference.html", context)
