"""Who hears of a rollback trigger: those who decide at once, and, when their deadline lapses, those above them too."""

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from notices.kinds import Description, kind
from notices.models import Reminder, Wanted
from onboarding.cutover.models import Alarm
from onboarding.cutover.models.alarm import deciders, people
from tenancy.models import Organization
from tenancy.scope import current


def describe_alarms(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe alarms that still wait for a decision."""
    found = Alarm.objects.open().filter(pk__in=ids).select_related("deployment__site", "deployment__tool_version__tool")
    slug = Organization.objects.values_list("slug", flat=True).get(pk=current().organization_id)
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
    Reminder.schedule(
        Wanted(
            recipient=person,
            kind=ALARM,
            subject_type=alarm._meta.label_lower,
            subject_id=alarm.pk,
            step="escalated" if late else "0",
            on=timezone.localdate(),
            reason=reason,
            deployment_id=alarm.deployment_id,
        )
        for person in people(deciders(alarm.run, late=late)).values()
    )
