"""Plan deployments at several sites of a program at once."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import transaction

from audit.actor import Actor
from onboarding.deployments.actions.plan_deployment import CannotPlan, plan_deployment
from onboarding.deployments.models import Deployment, Program
from tenancy.models import Site

LARGEST = 100


@transaction.atomic
def plan_sites(
    program: Program, site_ids: Collection[str], *, go_live_on: date, by: Actor, wave: int | None = None
) -> list[Deployment]:
    """Plan a deployment at each site for the same date and wave: all of them, or none.

    Raises CannotPlan without a site, for more than a hundred, and for one that is closed or not there.
    """
    wanted = {UUID(text) for text in site_ids if _is_id(text)}
    if not wanted:
        raise CannotPlan("Tick at least one site.")
    if len(wanted) > LARGEST:
        raise CannotPlan(f"At most {LARGEST} sites at once: plan the rest afterwards.")
    sites = list(Site.objects.filter(pk__in=wanted).order_by("name"))
    if len(sites) != len(wanted):
        raise CannotPlan("One of the sites is not there any more: load the page again.")
    return [plan_deployment(program, site, go_live_on=go_live_on, by=by, wave=wave) for site in sites]


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
