"""How one is reminded: the browsers that take push messages, one's hours, and the digest of each organization."""

from pathlib import Path
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.languages import known
from accounts.models import User
from accounts.web.devices import device
from notices import unsubscribe
from notices.calling import Answer
from notices.models import DigestChoice, PushSubscription
from notices.models.push_subscription import PushRefused
from notices.public_addresses import AddressRefused
from notices.push import keys, sending
from notices.web.calls import TOO_MANY, may_call
from tenancy.scope import scope
from web.render import page, toast

WORKER = Path(__file__).parents[1] / "push-worker.js"
HOUR = 60 * 60


@login_required
@require_safe
def reminded(request: HttpRequest) -> HttpResponse:
    """Show it all on one page."""
    return _page(request)


@login_required
@require_POST
def push_on(request: HttpRequest) -> HttpResponse:
    """Take what the browser gave to be reached with."""
    if not keys.offered():
        raise Http404
    if not may_call(request):
        return _page(request, error=TOO_MANY, status=429)
    given = {name: request.POST.get(name, "") for name in ("endpoint", "public_key", "secret")}
    where = device(request.headers.get("User-Agent", ""))
    try:
        PushSubscription.turn_on(_person(request), device=where, server_key=keys.name(), **given)
    except (PushRefused, AddressRefused) as refusal:
        return _page(request, error=str(refusal), status=422)
    toast(request, "Push messages are on in this browser")
    return redirect("reminded")


@login_required
@require_POST
def push_off(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send nothing more to one of the person's browsers."""
    _mine(request, pk).turn_off()
    toast(request, "Push messages are off in that browser")
    return redirect("reminded")


@login_required
@require_POST
def push_test(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send a message now, and say what became of it."""
    if not keys.offered():
        raise Http404
    browser = _mine(request, pk)
    if not may_call(request):
        return _page(request, answer=Answer(None, TOO_MANY), status=429)
    return _page(request, answer=sending.test(browser))


@require_safe
def push_worker(request: HttpRequest) -> HttpResponse:
    """The part of the page that a browser wakes for a message: at one address, so that it can be renewed."""
    answer = HttpResponse(WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = f"public, max-age={HOUR}"
    return answer


def _page(request: HttpRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    person = _person(request)
    context = {
        "error": "",
        "answer": None,
        "offered": keys.offered(),
        "key": keys.public() if keys.offered() else "",
        "browsers": list(PushSubscription.objects.filter(user=person).order_by("created_at", "pk")),
        "your_language": dict(settings.LANGUAGES)[known(person.language)],
        "digests": [_digest(person, seat.organization) for seat in request.seats],  # type: ignore[attr-defined]
        **context,
    }
    return page(request, "notices/reminded.html", context, status=status)


def _digest(person: User, organization: Any) -> dict[str, Any]:
    with scope(organization.pk):
        choice = DigestChoice.objects.filter(user=person).first() or DigestChoice(user=person)
    return {
        "organization": organization,
        "stopped": choice.stopped,
        "paused_until": choice.paused_until if not choice.wants(timezone.localdate()) else None,
        "address": unsubscribe.link(organization, person.pk),
    }


def _mine(request: HttpRequest, pk: UUID) -> PushSubscription:
    found = PushSubscription.objects.filter(pk=pk, user=_person(request)).select_related("user").first()
    if found is None:
        raise Http404
    return found


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)
