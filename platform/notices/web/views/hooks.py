"""Where mail providers report bounces, complaints and deliveries."""

import logging

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from notices import returns
from notices.hooks.providers import PROVIDERS
from notices.hooks.signatures import Forged

log = logging.getLogger(__name__)
LARGEST = 1024 * 1024


@csrf_exempt  # a provider's server posts here; its signature is the proof
@require_POST
def hook(request: HttpRequest, provider: str) -> HttpResponse:
    """Take a provider's report. What is not about a message of ours is accepted and changes nothing: who asks learns nothing."""
    secret = settings.MAIL_HOOKS.get(provider)
    if provider not in PROVIDERS or not secret:
        raise Http404
    try:
        length = int(request.headers.get("Content-Length") or 0)
    except ValueError:
        return HttpResponse("Not a length", status=400, content_type="text/plain")
    if length > LARGEST:
        return HttpResponse("Too large", status=413, content_type="text/plain")
    found, new = PROVIDERS[provider], 0
    try:
        found.check(secret, request.headers, request.body)
        for copy, heard in found.read(request.body):
            new += copy is not None and returns.hear(copy, heard)
    except Forged as forged:
        log.warning("a report in the name of %s was refused: %s", provider, forged)
        return HttpResponse("Not signed", status=403, content_type="text/plain")
    except (ValueError, RecursionError, UnicodeDecodeError):
        return HttpResponse("Not to be read", status=400, content_type="text/plain")
    return HttpResponse(f"{new} noted", content_type="text/plain")
