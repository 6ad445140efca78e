"""What a decommission reminds people of: its steps, by their team roles."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.urls import reverse

from accounts.models import User
from audit.actor import Actor
from notices.kinds import Description, kind
from notices.ladder import DEPUTY, MANAGER, OWNER, SPONSOR, UP, Plan, plan_many
from notices.models import Reminder
from notices.planners import planner
from onboarding.decommission.models import Decommission, DecommissionStep
from onboarding.decommission.steps import BY_KEY
from onboarding.deployments.models import TeamRole
from onboarding.deployments.models.calendar import working_calendars
from onboarding.deployments.notices import teams_of, terms_of
from tenancy.models import Organization
from tenancy.working_days import WorkingCalendar

RELATED = ("deployment__site", "deployment__tool_version__tool")


def describe_steps(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe the steps that are still to be done."""
    going = DecommissionStep.objects.filter(pk__in=ids, done_at=None, decommission__state=Decommission.State.RUNNING)
    slug = Organization.slug_in_scope()
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
    plan_many(_plans(due), by=by)
    return len(due)


@planner(STEP_DUE)
def steps_due() -> Iterable[Plan]:
    """Steps of every decommission that goes on."""
    going = DecommissionStep.objects.filter(done_at=None, decommission__state=Decommission.State.RUNNING)
    return _plans(list(going.select_related(*RELATED).order_by("pk")))


def _plans(steps: list[DecommissionStep]) -> list[Plan]:
    deployments = {step.deployment_id for step in steps}
    teams, terms = teams_of(deployments), terms_of(deployments)
    calendars = working_calendars({step.deployment.site_id: step.deployment.site for step in steps}.values())
    return [
        _plan(
            step,
            teams.get(step.deployment_id, {}),
            calendars[step.deployment.site_id],
            terms.get(step.deployment_id, {}),
        )
        for step in steps
    ]


def _plan(step: DecommissionStep, team: dict[str, TeamRole], calendar: WorkingCalendar, terms: dict[str, Any]) -> Plan:
    wanted = BY_KEY[step.key].owner
    manager, owner = team.get("IM"), team.get(wanted)
    people: list[tuple[User | None, str]] = [
        ((owner.person if owner else None) or (manager.person if manager else None), OWNER),
        (owner.deputy if owner else None, DEPUTY),
        (manager.person if manager else None, MANAGER),
        (team["EXS"].person if "EXS" in team else None, SPONSOR),
    ]
    site = step.deployment.site
    known = [(person, role) for person, role in people if person is not None]
    return Plan(step, STEP_DUE, step.due_on, site.time_zone, known, calendar, step.deployment_id, terms=terms, up=UP)
