"""Reminders before a paper expires: 90, 60 and 30 days ahead, to its owner, or else to the implementation managers."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from access.permissions import Role
from accounts.models import Membership, User
from notices.kinds import Description, kind
from notices.ladder import HORIZON
from notices.models import Reminder, Wanted
from onboarding.vault.models import Paper
from tenancy.models import Organization
from tenancy.scope import current

STEPS = (90, 60, 30)
"""Calendar days before the last valid day."""


def describe_expiring(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe papers that still lapse within 90 days."""
    slug = Organization.objects.values_list("slug", flat=True).get(pk=current().organization_id)
    return {
        paper.pk: Description(
            f"{paper.title} expires",
            "Add a newer version, and every site that uses it has it",
            reverse("org:vault:paper", kwargs={"org": slug, "paper": paper.pk}),
            paper.valid_until,
        )
        for paper in Paper.objects.expiring(timedelta(days=STEPS[0])).filter(pk__in=ids)
    }


PAPER_EXPIRES = kind("vault.paper_expires", "A paper expires", describe=describe_expiring)


def plan_expiry(papers: Iterable[Paper]) -> int:
    """Write the reminders whose day has come within the horizon; return how many papers have one. Again is as once."""
    today = timezone.localdate()
    listed = list(papers)
    members = {
        member.user_id: member for member in Membership.objects.active().select_related("user").order_by("user_id")
    }
    managers = [one.user for one in members.values() if Role.IMPLEMENTATION_MANAGER in one.roles]
    wanted = []
    for paper in listed:
        people = [members[paper.owner_id].user] if paper.owner_id in members else managers
        for step in STEPS:
            on = paper.valid_until - timedelta(days=step) if paper.valid_until else None
            if on and today <= on <= today + HORIZON:
                wanted += [_wanted(paper, person, step, on) for person in people]
    Reminder.schedule(wanted)
    return len({each.subject_id for each in wanted})


def _wanted(paper: Paper, person: User, step: int, on: date) -> Wanted:
    return Wanted(
        recipient=person,
        kind=PAPER_EXPIRES,
        subject_type=paper._meta.label_lower,
        subject_id=paper.pk,
        step=f"-{step}",
        on=on,
        reason="You keep it." if person.pk == paper.owner_id else "Nobody keeps it.",
    )


def with_a_date() -> "QuerySet[Paper]":
    """Return the papers in force that lapse within the farthest step and the horizon."""
    return Paper.objects.expiring(timedelta(days=STEPS[0]) + HORIZON)
