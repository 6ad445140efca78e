"""What a decommission reminds people of: its steps, by their team roles."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from audit.actor import Actor
from notices.kinds import Description, kind
from notices.ladder import DEPUTY, MANAGER, OWNER, SPONSOR, Plan, plan_many
from notices.models import Reminder
from onboarding.decommission.models import Decommission, DecommissionStep
from onboarding.decommission.steps import BY_KEY
from onboarding.deployments.models import TeamRole
from onboarding.deployments.models.calendar import working_calendar
from tenancy.models import Organization
from tenancy.scope import current

RELATED = ("deployment__site", "deployment__tool_version__tool")


def describe_steps(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe the steps that are still to be done."""
    going = DecommissionStep.objects.filter(pk__in=ids, done_at=None, decommission__state=Decommission.State.RUNNING)
    slug = Organization.objects.values_list("slug", flat=True).get(pk=current().organization_id)
    return {
        step.pk: Description(
            step.title,
            f"Decommission · {step.deployment}",
            reverse("org:decommission:show", kwargs={"org": slug, "deployment": step.deployment_id}),
            step.due_on,
        )
        for step in going.select_related(*RELATED)
    }


STEP_DUE = kind("decommission.step_due", "A step of a decommission is due", describe=describe_steps)


def plan_steps(decommissions: Iterable[Decommission], *, by: Actor) -> int:
    """Bring the reminders of these decommissions in line; return how many steps are still due."""
    listed = list(decommissions)
    steps = list(DecommissionStep.objects.filter(decommission__in=listed).select_related(*RELATED))
    running = {one.pk for one in listed if one.state == Decommission.State.RUNNING}
    due = [one for one in steps if one.done_at is None and one.decommission_id in running]
    over = [one.pk for one in steps if one not in due]
    if over:
        Reminder.cancel(over, by=by, reason="The step is done.", kind=STEP_DUE)
    plan_many([_plan(one) for one in due], by=by)
    return len(due)


def _plan(step: DecommissionStep) -> Plan:
    wanted = BY_KEY[step.key].owner
    team = {
        role.code: role
        for role in TeamRole.objects.filter(
            deployment_id=step.deployment_id, code__in=[wanted, "IM", "EXS"]
        ).select_related("person", "deputy")
    }
    manager, owner = team.get("IM"), team.get(wanted)
    people: list[tuple[User | None, str]] = [
        ((owner.person if owner else None) or (manager.person if manager else None), OWNER),
        (owner.deputy if owner else None, DEPUTY),
        (manager.person if manager else None, MANAGER),
        (team["EXS"].person if "EXS" in team else None, SPONSOR),
    ]
    site = step.deployment.site
    known = [(person, role) for person, role in people if person is not None]
    return Plan(step, STEP_DUE, step.due_on, site.time_zone, known, working_calendar(site), step.deployment_id)
