"""What audits look at in evidence: that it is in force, and stays so long enough to be renewed."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from assurance.registry import Extent, Seen, check
from onboarding.deployments import pack_sections  # noqa: F401  # its parts of an audit pack
from onboarding.deployments.models import Deployment, Evidence
from web.addresses import reverse
from web.formats import day

WARNED = timedelta(days=30)
"""Who has less left than this has to have begun the renewal."""


def running(extent: Extent) -> list[UUID]:
    """Return the deployments that are onboarded or live, at the sites that are looked at."""
    found = Deployment.objects.running()
    found = found.filter(site_id__in=extent.sites) if extent.sites else found
    return list(found.values_list("pk", flat=True))


def dated(extent: Extent) -> list[UUID]:
    """Return the accepted evidence that carries a date, of deployments that run."""
    found = Evidence.objects.filter(
        deployment__in=running(extent), state=Evidence.State.ACCEPTED, valid_until__isnull=False
    )
    return list(found.values_list("pk", flat=True))


def look(ids: Collection[UUID], extent: Extent) -> dict[UUID, Seen]:
    """Say of each paper until when it holds."""
    rows = Evidence.objects.filter(pk__in=ids).select_related(
        "item", "deployment__site", "deployment__tool_version__tool"
    )
    return {one.pk: _seen(one, extent) for one in rows}


def _seen(one: Evidence, extent: Extent) -> Seen:
    today = timezone.localdate()
    until = one.valid_until
    if one.state != Evidence.State.ACCEPTED:
        says, holds = f"It is {one.get_state_display().lower()}.", False
    elif until is None:
        says, holds = "It carries no date any more.", True
    elif until < today:
        says, holds = f"It lapsed on {day(until)}.", False
    else:
        holds = until > today + WARNED
        says = f"Valid until {day(until)}" + ("." if holds else ": too soon to be left alone.")
    return Seen(
        title=one.title,
        holds=holds,
        says=says,
        detail=f"{one.item}, {one.deployment}",
        path=reverse(
            "org:deployments:item",
            kwargs={"org": extent.slug, "deployment": one.deployment_id, "item": one.item.number},
        ),
    )


EVIDENCE_EXPIRY = check(
    "evidence_expiry",
    "Evidence expiry",
    must_hold="Accepted evidence is in force today and for thirty days more.",
    reads=("evidence of running deployments with its dates",),
    subject_type="deployments.evidence",
    population=dated,
    look=look,
    rhythm="monthly",
)
