"""Reminders before a paper expires: 90, 60 and 30 days ahead unless the policy says otherwise, to its owner, or else to the implementation managers."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_noop

from access.permissions import Role
from accounts.models import Membership
from audit.actor import Actor
from notices.kinds import EXPIRY, Description, kind
from notices.ladder import HORIZON, OWNER, Plan, plan_many
from notices.models import Reminder, ReminderPolicy
from notices.planners import planner
from notices.rules import FARTHEST_EXPIRY
from onboarding.vault.models import Paper
from tenancy.models import Organization


def describe_expiring(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe papers that still lapse; a newer version without a date, or with a far one, needs no message."""
    slug = Organization.slug_in_scope()
    farthest = timedelta(days=max(ReminderPolicy.current().expiry))
    return {
        paper.pk: Description(
            f"{paper.title} expires",
            "Add a newer version, and every site that uses it has it",
            reverse("org:vault:paper", kwargs={"org": slug, "paper": paper.pk}),
            paper.valid_until,
        )
        for paper in Paper.objects.expiring(farthest).filter(pk__in=ids)
    }


PAPER_EXPIRES = kind("vault.paper_expires", "A paper expires", describe=describe_expiring, ladder=EXPIRY)


def plan_expiry(papers: Iterable[Paper], *, by: Actor) -> int:
    """Write the reminders whose day has come within the horizon; return how many papers wait to be said. Again is as once."""
    plans = _plans(papers)
    plan_many(plans, by=by)
    said = Reminder.objects.unclaimed().filter(
        kind=PAPER_EXPIRES.name, subject_id__in=[one.subject.pk for one in plans]
    )
    return said.values("subject_id").distinct().count()


@planner(PAPER_EXPIRES)
def papers_that_expire() -> Iterable[Plan]:
    """Papers in force that lapse."""
    return _plans(with_a_date())


def _plans(papers: Iterable[Paper]) -> list[Plan]:
    members = {
        member.user_id: member for member in Membership.objects.active().select_related("user").order_by("user_id")
    }
    managers = [one.user for one in members.values() if Role.IMPLEMENTATION_MANAGER in one.roles]
    plans = []
    for paper in papers:
        keeper = members.get(paper.owner_id) if paper.owner_id else None
        kept, people = keeper is not None, [keeper.user] if keeper else managers
        reasons = {OWNER: gettext_noop("You keep it.") if kept else gettext_noop("Nobody keeps it.")}
        owners = [(person, OWNER) for person in people]
        plans.append(Plan(paper, PAPER_EXPIRES, paper.valid_until, "", owners, reasons=reasons))
    return plans


def with_a_date() -> "QuerySet[Paper]":
    """Return the papers in force that lapse within the farthest step and the horizon."""
    return Paper.objects.expiring(timedelta(days=FARTHEST_EXPIRY) + HORIZON).order_by("pk")
