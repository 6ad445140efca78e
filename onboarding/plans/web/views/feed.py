"""A person's calendar feed: made and revoked by themselves, read by their calendar without signing in."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import NotAllowed, can, require
from accounts.models import Membership, Seat
from onboarding.plans.models import CalendarFeed
from tenancy.models import Organization
from tenancy.scope import scope
from web.feeds import entries
from web.ical import calendar
from web.render import page, redirect_or_refresh, toast

READERS = (Permission.ITEM_READ, Permission.TRAINING_LEARN)


@require(*READERS)
@require_safe
def mine(request: HttpRequest, org: str) -> HttpResponse:
    """The link, what it shows, and how to take it back."""
    _own_only(request)
    feed = CalendarFeed.objects.filter(user_id=request.user.pk, revoked_at=None).first()
    address = ""
    if feed:
        address = request.build_absolute_uri(reverse("calendar_feed", kwargs={"org": org, "token": feed.token}))
    return page(
        request, "plans/feed.html", {"feed": feed, "address": address, "items": can(request, Permission.ITEM_READ)}
    )


@require(*READERS)
@require_POST
def make(request: HttpRequest, org: str) -> HttpResponse:
    """Give the person a link; where there is one, take it back and give another."""
    _own_only(request)
    standing = CalendarFeed.objects.filter(user_id=request.user.pk, revoked_at=None).first()
    if standing:
        standing.revoke(by=request.actor)  # type: ignore[attr-defined]
    CalendarFeed.make(request.user, by=request.actor)  # type: ignore[attr-defined]
    toast(request, "Your calendar link is ready")
    return redirect_or_refresh(request, reverse("org:plans:feed", kwargs={"org": org}))


@require(*READERS)
@require_POST
def revoke(request: HttpRequest, org: str) -> HttpResponse:
    """Make the link worthless."""
    _own_only(request)
    for feed in CalendarFeed.objects.filter(user_id=request.user.pk, revoked_at=None):
        feed.revoke(by=request.actor)  # type: ignore[attr-defined]
    toast(request, "The calendar link does not work any more")
    return redirect_or_refresh(request, reverse("org:plans:feed", kwargs={"org": org}))


@require_safe
def read(request: HttpRequest, org: str, token: str) -> HttpResponse:
    """Give the calendar to whoever has the link: the person's own days, as long as they are a member who may see them."""
    named = CalendarFeed.read(token)
    organization = Organization.objects.filter(slug=org).first()
    if named is None or organization is None or named[0] != organization.pk:
        raise Http404
    with scope(organization.pk):
        feed = CalendarFeed.objects.filter(pk=named[1], revoked_at=None).first()
        member = feed and Membership.objects.active().filter(user_id=feed.user_id, user__is_active=True).first()
        if feed is None or not member or not set(READERS) & set(member.permissions):
            raise Http404
        base = request.build_absolute_uri("/").rstrip("/")
        with Seat.here([feed.user_id])[feed.user_id].scope():  # a member limited to sites sees the items there
            days = entries(feed.user_id, base, organization.slug, member.permissions)
    text = calendar(days, title=f"Causeway, {organization.name}", stamp=timezone.now())
    return HttpResponse(
        text,
        content_type="text/calendar; charset=utf-8",
        headers={"Cache-Control": "private, max-age=900", "X-Content-Type-Options": "nosniff"},
    )


def _own_only(request: HttpRequest) -> None:
    """A feed belongs to a member: a partner's people have theirs at their own organization."""
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.ITEM_READ)
