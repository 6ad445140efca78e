"""Rollback triggers that fired and wait for a decision, where people look who do not have the run open."""

from collections.abc import Collection, Iterable
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import can
from onboarding.cutover.models import Alarm
from onboarding.cutover.models.alarm import AlarmQuerySet, deciders, people
from onboarding.deployments.alerts import Alert
from onboarding.deployments.inbox import Entry
from onboarding.deployments.models import TeamRole
from tenancy.prepared import prepared

LEADS = "IM"
"""The team role that leads a cut-over, beside whoever planned it."""


def alarms_at(deployment_ids: Collection[UUID]) -> list[Alert]:
    """Return the open alarms of these deployments, the first that is due first.

    Nearly always there is none, and every page of a deployment asks: more is read only where there is one.
    """
    alarmed = set(_alarmed()).intersection(deployment_ids)
    found: Iterable[Alarm] = _open().filter(deployment_id__in=alarmed) if alarmed else ()
    return [
        Alert(one.deployment_id, f"Rollback trigger: {one.title}", says(one), "Cut-over", "cutover:overview")
        for one in found
    ]


def wanted(request: OrganizationRequest) -> list[Entry]:
    """Return the alarms that this person decides on, and those of the cut-overs that they lead."""
    if not can(request, Permission.ITEM_READ):
        return []
    me, found = request.actor.person_id, []
    alarms = list(_open())
    leads = _led_by(me, alarms)
    for alarm in alarms:
        decides = me in people(deciders(alarm.run, late=alarm.is_late))
        if decides or alarm.run.planned_by_id == me or alarm.deployment_id in leads:
            place = {"org": request.organization.slug, "deployment": alarm.deployment_id}
            address = f"{reverse('org:cutover:overview', kwargs=place)}?run={alarm.run_id}"
            word = "Decision wanted" if decides else "Decision open"
            title = f"{alarm.title} at {alarm.run.deployment.site.name}"
            found.append(Entry("blocked", word, title, address, says(alarm), _until(alarm), late=alarm.is_late))
    return found


def says(alarm: Alarm) -> str:
    """Say who decides and until when, on the clinic's clock."""
    roles = " or ".join(role.title for role in deciders(alarm.run, late=alarm.is_late)) or "nobody holds the role"
    if alarm.is_late:
        return f"Nobody decided by {_clock(alarm)}; escalated. Decides now: {roles}."
    return f"Go on or roll back: decides {roles}, {_until(alarm)}."


@prepared
def _alarmed() -> QuerySet[Alarm, UUID]:
    return Alarm.objects.open().values_list("deployment_id", flat=True)


def _open() -> AlarmQuerySet:
    related = ("run__deployment__site", "run__deployment__tool_version__tool")
    return Alarm.objects.open().select_related(*related).order_by("decide_by", "pk")


def _led_by(person_id: UUID, alarms: Iterable[Alarm]) -> set[UUID]:
    ids = {one.deployment_id for one in alarms}
    if not ids:
        return set()
    roles = TeamRole.objects.filter(deployment_id__in=ids, code=LEADS)
    return {one.deployment_id for one in roles if person_id in (one.person_id, one.deputy_id)}


def _until(alarm: Alarm) -> str:
    return f"until {_clock(alarm)}"


def _clock(alarm: Alarm) -> str:
    zone = ZoneInfo(alarm.run.deployment.site.time_zone or "UTC")
    return timezone.localtime(alarm.decide_by, zone).strftime("%H:%M") if alarm.decide_by else "–"
