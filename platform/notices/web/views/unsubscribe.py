"""Stop, pause or resume a digest from the link in it, without signing in."""

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.models import Seat, User
from notices import unsubscribe as links
from notices.models import DigestChoice
from notices.reach import with_a_share
from tenancy.models import Organization
from tenancy.scope import scope
from web.render import page

PAUSE = timedelta(days=14)


@csrf_exempt  # a mail program posts here without a page (RFC 8058); the signed link is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, org: str, token: str) -> HttpResponse:
    """Ask before doing anything: scanners follow links. One click of a mail program is a POST and stops it at once."""
    organization = Organization.objects.filter(slug=org).first()
    user_id = links.read(token, organization) if organization else None
    if organization is None or user_id is None:
        raise Http404
    person = get_object_or_404(User, pk=user_id, is_active=True)
    with scope(organization.pk):
        if not (Seat.here([person.pk]) or with_a_share(person.pk).exists()):
            raise Http404  # who has left, or whose organization no longer takes part, has no digest to stop
        if request.method == "POST":
            _choose(request, person)
            if request.POST.get("List-Unsubscribe") == "One-Click":
                return HttpResponse("No more digests", content_type="text/plain")  # RFC 8058 forbids a redirect
            return redirect(request.path)
        choice = DigestChoice.objects.filter(user=person).first() or DigestChoice(user=person)
        context = {
            "sender": organization.name,
            "choice": choice,
            "paused": choice.paused_until is not None and choice.paused_until > timezone.localdate(),
            "weeks": PAUSE.days // 7,
        }
        return page(request, "notices/unsubscribe.html", context)


def _choose(request: HttpRequest, person: User) -> None:
    wish = request.POST.get("wish", "stop")
    if wish == "resume":
        DigestChoice.resume(person, by=person.acting())
    elif wish == "pause":
        DigestChoice.pause(person, timezone.localdate() + PAUSE, by=person.acting())
    else:
        DigestChoice.stop(person, by=person.acting())
