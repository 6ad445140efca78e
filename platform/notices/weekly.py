"""The organization's week in one mail, every Monday, to those who lead it.

Other apps add their part in their `notices.py`:

    @part("Deployments", order=10)
    def deployments(since, until) -> list[tuple[str, str]]: ...   # (sentence, address inside the product or "")
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from access.permissions import Role
from accounts.models import Membership
from audit.models import Batch
from notices import times
from notices.jobs import job
from notices.kinds import Description, kind, said
from notices.models import Reminder, ReminderPolicy, Wanted
from notices.models.reminder import State
from tenancy.models import Organization
from tenancy.scope import current

WEEK = timedelta(days=7)
LEADERS = (Role.OWNER, Role.ADMINISTRATOR, Role.IMPLEMENTATION_MANAGER)
Lines = list[tuple[str, str]]
Part = Callable[[datetime, datetime], Lines]


@dataclass(frozen=True, slots=True)
class _Part:
    title: str
    order: int
    lines: Part


_parts: list[_Part] = []


def part(title: str, *, order: int = 100) -> Callable[[Part], Part]:
    """Declare a part of the weekly digest; it runs in the organization's scope."""

    def declare(lines: Part) -> Part:
        _parts.append(_Part(title, order, lines))
        return lines

    return declare


def lines_of_week(until: datetime) -> Lines:
    """Return everything there is to say about the seven days before."""
    found: Lines = []
    for each in sorted(_parts, key=lambda each: (each.order, each.title)):
        found += each.lines(until - WEEK, until)
    return found


def describe(subjects: Collection[UUID]) -> Mapping[UUID, Description]:
    """Return the week of the organization in scope; a week in which nothing happened needs no mail."""
    organization = Organization.objects.get(pk=current().organization_id)
    lines = lines_of_week(timezone.now())
    if not lines:
        return {}
    home = reverse("org:home", kwargs={"org": organization.slug})
    return {
        organization.pk: Description(
            cast("str", gettext_lazy("The last seven days")), organization.name, home, lines=tuple(lines)
        )
    }


WEEKLY = kind("weekly_digest", "Your week", describe=describe, apart=True, digest=True, template="notices/mail/weekly")


@part("Messages", order=90)
def messages(since: datetime, until: datetime) -> Lines:
    """Say what was sent and what could not be delivered."""
    sent = Reminder.objects.filter(state=State.SENT, sent_at__gt=since, sent_at__lte=until)
    counted = sent.aggregate(people=Count("recipient", distinct=True), messages=Count("message", distinct=True))
    failed = Reminder.objects.filter(state=State.FAILED, due_at__gt=since, due_at__lte=until).count()
    slug = Organization.slug_in_scope()
    address = reverse("org:notices:deliveries", kwargs={"org": slug})
    lines: Lines = []
    if counted["messages"]:
        words = _("Messages sent: %(messages)s. People who got one: %(people)s.")
        numbers = {name: f"{counted[name]:,}" for name in ("messages", "people")}
        lines.append((said(words, **numbers), address))
    if failed:
        words = _("Reminders that could not be delivered: %(num)s.")
        lines.append((said(words, num=f"{failed:,}"), f"{address}?state=failed"))
    return lines


@part("Record", order=95)
def record(since: datetime, until: datetime) -> Lines:
    """Give the head of the sealed log: whoever keeps this mail can tell later that nothing before it was changed."""
    newest = Batch.objects.filter(sealed_at__gt=since, sealed_at__lte=until).order_by("-number").first()
    if newest is None:
        return []
    slug = Organization.slug_in_scope()
    words = _("The record holds %(num)s sealed events. Keep this head to check it by: %(head)s")
    values = {"num": f"{newest.last:,}", "head": f"{newest.number}:{bytes(newest.head).hex()}"}
    return [(said(words, **values), reverse("org:audit:log", kwargs={"org": slug}))]


@job("weekly_digest", "Weekly digest", hour=9, weekdays={0})
def weekly_digest(organization: Organization) -> dict[str, int]:
    """Write a message for everyone who leads the whole organization."""
    policy = ReminderPolicy.current()
    if not policy.weekly_digest:
        return {"people": 0}
    members = [
        member
        for member in Membership.objects.active().reaching_all().select_related("user")
        if set(member.roles) & set(LEADERS) and member.user.is_active
    ]
    now = timezone.now()
    Reminder.schedule(
        (
            Wanted(
                recipient=member.user,
                kind=WEEKLY,
                subject_type="tenancy.organization",
                subject_id=organization.pk,
                step="week",
                on=now.astimezone(times.zone_of(member.user.time_zone, organization.time_zone)).date(),
                reason=_("You lead this organization."),
                zone=organization.time_zone,
            )
            for member in members
        ),
        policy=policy,
    )
    return {"people": len(members)}
