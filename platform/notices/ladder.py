"""From a due date and the people around it to the reminders that follow: the policy decides, the apps give the facts.

    plan_reminders(item, kind=ITEM_DUE, due_on=item.due_on, zone=site.time_zone, people=[(owner, OWNER), (manager, MANAGER)],
                   by=actor)

Called from the verbs that set or move a due date, and by the nightly sweep, which brings the steps that have come within
the horizon. Calling it again changes nothing. For work that is done: `Reminder.cancel([item.pk], by=actor, reason=...)`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.models import User
from audit.actor import Actor
from notices.kinds import Kind
from notices.models import Reminder, ReminderPolicy, Wanted
from notices.models.reminder import due_moment
from tenancy.models import Organization
from tenancy.scope import current
from tenancy.working_days import WorkingCalendar

OWNER = "owner"
DEPUTY = "deputy"
BLOCKER = "blocker"
"""Whoever the work waits for. Where there is one, the blocked are left in peace."""
MANAGER = "manager"
SPONSOR = "sponsor"

ESCALATE_MANAGER = "escalate-manager"
ESCALATE_SPONSOR = "escalate-sponsor"
HORIZON = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Plan:
    """One subject with a due date, and the people who may have to hear of it, each with their role."""

    subject: models.Model
    kind: Kind
    due_on: date | None
    zone: str
    people: Sequence[tuple[User, str]]
    calendar: WorkingCalendar | None = None
    deployment_id: UUID | None = field(default=None)


def plan_reminders(
    subject: models.Model,
    *,
    kind: Kind,
    due_on: date | None,
    zone: str,
    people: Sequence[tuple[User, str]],
    by: Actor,
    policy: ReminderPolicy | None = None,
    calendar: WorkingCalendar | None = None,
    deployment_id: UUID | None = None,
) -> None:
    """Bring the reminders of one subject in line with its due date and people; see `plan_many`."""
    plan_many([Plan(subject, kind, due_on, zone, people, calendar, deployment_id)], by=by, policy=policy)


@transaction.atomic
def plan_many(plans: Iterable[Plan], *, by: Actor, policy: ReminderPolicy | None = None) -> None:
    """Write what the policy wants and take back what it no longer wants, in a handful of statements for any number.

    Steps whose moment has passed are not made up for, and steps beyond the horizon wait for the nightly sweep.
    """
    listed = list(plans)
    policy = policy or ReminderPolicy.current()
    home = Organization.objects.get(pk=current().organization_id)
    wanted = [each for plan in listed for each in _wanted(plan, policy, home)]
    keys = {(each.kind.name, each.subject_id, each.recipient.pk, each.on, each.step) for each in wanted}
    subjects = [plan.subject.pk for plan in listed]
    kinds = {plan.kind.name: plan.kind for plan in listed}
    standing = Reminder.objects.unclaimed().filter(subject_id__in=subjects, kind__in=kinds)
    keep = [
        row[0]
        for row in standing.values_list("pk", "kind", "subject_id", "recipient_id", "on", "step")
        if row[1:] in keys
    ]
    for kind in kinds.values():
        mine = [plan.subject.pk for plan in listed if plan.kind is kind]
        Reminder.cancel(mine, by=by, reason="The date or the people changed.", kind=kind, keep=keep)
    Reminder.schedule(wanted, policy=policy)


def _wanted(plan: Plan, policy: ReminderPolicy, home: Organization) -> Iterator[Wanted]:
    if plan.due_on is None:
        return
    calendar = plan.calendar or WorkingCalendar(home.country)
    deadline = calendar.on_or_before(plan.due_on)
    now = timezone.now()
    for person, step, shift, reason in _steps(plan.people, policy):
        on = calendar.shift(deadline, shift)
        _, due_at = due_moment(person, on, policy, plan.zone, home.time_zone)
        if not now < due_at <= now + HORIZON:
            continue
        yield Wanted(
            recipient=person,
            kind=plan.kind,
            subject_type=plan.subject._meta.label_lower,
            subject_id=plan.subject.pk,
            step=step,
            on=on,
            reason=reason,
            zone=plan.zone,
            deployment_id=plan.deployment_id or getattr(plan.subject, "deployment_id", None),
        )


def _steps(people: Sequence[tuple[User, str]], policy: ReminderPolicy) -> Iterator[tuple[User, str, int, str]]:
    """Yield person, step, working days from the due date, and why; nobody hears the same step twice."""
    blocked = any(role == BLOCKER for _, role in people)
    heard: set[tuple[object, int]] = set()
    for person, role in people:
        if role in (OWNER, DEPUTY, BLOCKER) and not (blocked and role != BLOCKER):
            for shift in policy.ladder:
                if (person.pk, shift) not in heard:
                    heard.add((person.pk, shift))
                    yield person, f"{shift:+d}" if shift else "0", shift, _why(role)
    for role, step, shift in (
        (MANAGER, ESCALATE_MANAGER, policy.manager_after),
        (SPONSOR, ESCALATE_SPONSOR, policy.sponsor_after),
    ):
        for person, theirs in people:
            if theirs == role and (person.pk, shift) not in heard:
                heard.add((person.pk, shift))
                yield person, step, shift, _why(role)


def _why(role: str) -> str:
    """Kept in English, and read in the language of whoever is told."""
    return {
        OWNER: _("You own it."),
        DEPUTY: _("You are the owner's deputy."),
        BLOCKER: _("It waits for you."),
        MANAGER: _("You are the implementation manager, and it is late."),
        SPONSOR: _("You are the sponsor, and it is late."),
    }[role]
