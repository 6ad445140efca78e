"""Rollback triggers that fired and wait for a decision, where people look who do not have the run open."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import can
from onboarding.cutover.clock import clock, zone_of
from onboarding.cutover.models import Alarm
from onboarding.cutover.models.alarm import AlarmQuerySet, deciders, people
from onboarding.deployments.alerts import Alert
from onboarding.deployments.inbox import Entry
from onboarding.deployments.models import TeamRole
from tenancy.prepared import prepared

LEADS = "IM"
"""The team role that leads a cut-over, beside whoever planned it."""


def alarms_at(deployment_ids: Collection[UUID] | None) -> list[Alert]:
    """Return the open alarms of these deployments, or of all, the first that is due first.

    Nearly always there is none, and every page of a deployment asks: more is read only where there is one.
    """
    alarmed = set(_alarmed())
    if deployment_ids is not None:
        alarmed.intersection_update(deployment_ids)
    if not alarmed:
        return []
    alarms = list(_open().filter(deployment_id__in=alarmed))
    teams = _teams(alarms)
    return [
        Alert(
            one.deployment_id,
            f"Rollback trigger: {one.title}",
            says(one, _deciders(one, teams)),
            "Cut-over",
            "cutover:overview",
        )
        for one in alarms
    ]


def wanted(request: OrganizationRequest) -> list[Entry]:
    """Return the alarms that this person decides on, and those of the cut-overs that they lead."""
    if not can(request, Permission.ITEM_READ):
        return []
    me, found = request.actor.person_id, []
    alarms = list(_open())
    teams = _teams(alarms)
    for alarm in alarms:
        roles = _deciders(alarm, teams)
        decides = me in people(roles)
        leads = me in people([role for role in teams[alarm.deployment_id] if role.code == LEADS])
        if decides or alarm.run.planned_by_id == me or leads:
            place = {"org": request.organization.slug, "deployment": alarm.deployment_id}
            address = f"{reverse('org:cutover:overview', kwargs=place)}?run={alarm.run_id}"
            word = "Decision wanted" if decides else "Decision open"
            title = f"{alarm.title} at {alarm.run.deployment.site.name}"
            found.append(Entry("blocked", word, title, address, says(alarm, roles), _until(alarm), late=alarm.is_late))
    return found


def says(alarm: Alarm, roles: Sequence[TeamRole]) -> str:
    """Say which of these roles decides and until when, on the clinic's clock."""
    titles = " or ".join(role.title for role in roles) or "nobody holds the role"
    if alarm.is_late:
        return f"Nobody decided by {_clock(alarm)}; escalated. Decides now: {titles}."
    return f"Go on or roll back: decides {titles}, {_until(alarm)}."


@prepared
def _alarmed() -> QuerySet[Alarm, UUID]:
    return Alarm.objects.open().values_list("deployment_id", flat=True)


def _open() -> AlarmQuerySet:
    related = ("run__deployment__site", "run__deployment__tool_version__tool")
    return Alarm.objects.open().select_related(*related).order_by("decide_by", "pk")


def _teams(alarms: Iterable[Alarm]) -> dict[UUID, list[TeamRole]]:
    teams: dict[UUID, list[TeamRole]] = defaultdict(list)
    if ids := {one.deployment_id for one in alarms}:
        for role in TeamRole.objects.filter(deployment_id__in=ids).select_related("person", "deputy"):
            teams[role.deployment_id].append(role)
    return teams


def _deciders(alarm: Alarm, teams: Mapping[UUID, list[TeamRole]]) -> list[TeamRole]:
    return deciders(alarm.run, late=alarm.is_late, team_roles=teams[alarm.deployment_id])


def _until(alarm: Alarm) -> str:
    return f"until {_clock(alarm)}"


def _clock(alarm: Alarm) -> str:
    return clock(alarm.decide_by, zone_of(alarm.run.deployment))
