"""Who is asked to approve what: the inbox of those who are, what the item shows of it, the reminders, and when it ends."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import can
from accounts.models import Membership
from audit.actor import Actor
from audit.models import Event
from notices import times
from notices.kinds import Description, kind
from notices.models import Reminder, Wanted
from onboarding.deployments import approval_links
from onboarding.deployments.inbox import Entry
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import ApprovalPolicy, ApprovalRequest, Deployment, Item
from onboarding.deployments.models.approval import ApprovalRefused
from tenancy.models import Organization
from tenancy.scope import current
from web.formats import day

REMIND_AFTER = (0, 2, 5)
"""Calendar days after the question; it ends after seven."""


def describe(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe questions that can still be answered. The address asks for sign-in: `links` is for the person alone.

    What is asked stands on the page and not here: somebody typed it, and this goes out by mail.
    """
    slug = _organization().slug
    return {
        one.pk: Description(
            f"#{one.item.number} {one.item.title}",
            f"{one.deployment} · {one.asked_by} asks, until {day(one.expires_at)}",
            _item(slug, one),
        )
        for one in ApprovalRequest.objects.waiting().with_item().filter(pk__in=ids)
    }


def links(ids: Collection[UUID]) -> dict[UUID, str]:
    """Return what goes into the mail to the person who was asked: the signed link, where the organization permits it."""
    if not ApprovalPolicy.permits_mail():
        return {}
    slug = _organization().slug
    found = ApprovalRequest.objects.waiting().filter(pk__in=ids)
    return {one.pk: approval_links.path_of(one, slug) for one in found}


APPROVAL_WANTED = kind(
    "deployments.approval_wanted", "Your approval is asked for", describe=describe, apart=True, private_paths=links
)


def follow(event: Event, *, by: Actor) -> None:
    """Remind whoever was asked; end the questions to somebody who left or may no longer accept."""
    if event.action == "approval.asked":
        for asked in ApprovalRequest.objects.waiting().with_item().filter(pk=event.subject_id):
            _remind(asked)
    elif event.action.startswith("approval."):
        Reminder.cancel([event.subject_id], by=by, reason="It was answered or taken back.", kind=APPROVAL_WANTED)
    else:
        person = Membership.objects.filter(pk=event.subject_id).values_list("user_id", flat=True).first()
        _end(ApprovalRequest.objects.filter(person_id=person, state="asked"), by)


def end_what_ended(items: Iterable[Item], *, by: Actor) -> None:
    """Take back the questions about items that changed hands or wait for no approval any more."""
    _end(ApprovalRequest.objects.filter(item__in=items, state="asked"), by)


def asked_of(request: OrganizationRequest) -> list[Entry]:
    """Return what this person was asked to approve; one statement."""
    if request.part is not None or not can(request, Permission.ITEM_REVIEW):
        return []
    found = ApprovalRequest.objects.waiting().with_item().filter(person_id=request.actor.person_id)
    return [
        Entry(
            "signature_wanted",
            "Approval asked for",
            f"Approve #{one.item.number} {one.item.title}",
            _item(request.organization.slug, one),
            f"{one.deployment}. {one.asked_by} asks{': ' + one.question if one.question else '.'}",
            f"until {day(one.expires_at)}",
        )
        for one in found.order_by("expires_at")
    ]


def beside(request: HttpRequest, lens: Lens, item: Item, does: dict[str, bool]) -> dict[str, Any]:
    """Return what the item's panel shows: the questions, newest first, whom one may ask, and whether one is asked oneself."""
    if not lens.of_host:
        return {"approvals": [], "approver_choices": [], "asked_me": None, "approvals_by_mail": False}
    me = request.actor.id  # type: ignore[attr-defined]
    found = list(ApprovalRequest.objects.filter(item=item).with_item().order_by("-asked_at", "-pk")[:5])
    choices = [
        (member.user_id, f"{member.user}, {member.title}" if member.title else str(member.user))
        for member in (_members(item) if does["ask"] else ())
        if Permission.ITEM_REVIEW in member.permissions and member.user_id != me
    ]
    mine = next((one for one in found if one.person_id == me and one.state == "asked" and not one.expired), None)
    return {
        "approvals": found,
        "approver_choices": sorted(choices, key=lambda one: one[1]),
        "asked_me": mine,
        "approvals_by_mail": bool(choices) and ApprovalPolicy.permits_mail(),
    }


def _members(item: Item) -> Iterable[Membership]:
    sites = list(Deployment.objects.filter(pk=item.deployment_id).values_list("site_id", flat=True))
    return Membership.objects.active().reaching(sites).select_related("user")


def _end(asked: Iterable[ApprovalRequest], by: Actor) -> None:
    for one in asked:
        try:
            one.refuse_unless_answerable()
        except ApprovalRefused as ended:
            if not one.expired:
                one.withdraw(by=by, reason=str(ended))


def _remind(asked: ApprovalRequest) -> None:
    today = times.day_at(timezone.now(), asked.person.time_zone, asked.deployment.site.time_zone)
    Reminder.schedule(
        Wanted(
            recipient=asked.person,
            kind=APPROVAL_WANTED,
            subject_type=asked._meta.label_lower,
            subject_id=asked.pk,
            step=f"+{after}" if after else "0",
            on=today + timedelta(days=after),
            reason=f"{asked.asked_by} asks you.",
            zone=asked.deployment.site.time_zone,
            deployment_id=asked.deployment_id,
        )
        for after in REMIND_AFTER
    )


def _item(slug: str, asked: ApprovalRequest) -> str:
    return reverse(
        "org:deployments:item",
        kwargs={"org": slug, "deployment": asked.deployment_id, "item": asked.item.number},
    )


def _organization() -> Organization:
    return Organization.objects.get(pk=current().organization_id)
