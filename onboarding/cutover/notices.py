"""Who hears of a rollback trigger: those who decide at once, and, when their deadline lapses, those above them too."""

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_noop

from notices.kinds import Description, kind
from notices.once import say_once
from onboarding.cutover.models import Alarm
from onboarding.cutover.models.alarm import deciders, people
from tenancy.models import Organization


def describe_alarms(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe alarms that still wait for a decision."""
    found = Alarm.objects.open().filter(pk__in=ids).select_related("deployment__site", "deployment__tool_version__tool")
    slug = Organization.slug_in_scope()
    return {
        alarm.pk: Description(
            alarm.title,
            f"Cut-over · {alarm.deployment}",
            reverse("org:cutover:overview", kwargs={"org": slug, "deployment": alarm.deployment_id})
            + f"?run={alarm.run_id}",
        )
        for alarm in found
    }


ALARM = kind("cutover.alarm", "Roll back, or go on?", describe=describe_alarms, apart=True, urgent=True)


def tell(alarm: Alarm) -> None:
    """Tell whoever may decide on an open alarm now, once when it fires and once when it is escalated."""
    if alarm.state != Alarm.State.OPEN:
        return
    late = alarm.is_late
    reason = (
        gettext_noop("Nobody decided in time: it is escalated to you.")
        if late
        else gettext_noop("You decide on the rollback.")
    )
    say_once(
        ALARM,
        alarm,
        people(deciders(alarm.run, late=late)).values(),
        reason,
        step="escalated" if late else "0",
        deployment_id=alarm.deployment_id,
        stand_in=True,
    )
