"""Evidence that lapses: its item's owner hears 90, 60 and 30 days before, unless the policy says otherwise.

What stands on a paper of the vault is the paper's matter (`onboarding.vault.notices`); the nightly audit opens the item again.
"""

from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from notices.kinds import EXPIRY, Description, kind
from notices.ladder import OWNER, Plan
from notices.planners import planner
from onboarding.deployments.models import Deployment, Evidence
from onboarding.deployments.notices import MANAGER_ROLE, teams_of, terms_of
from tenancy.models import Organization
from web.language import named


def describe(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe evidence that still lapses; a newer version with a later day moves its reminders."""
    slug = Organization.slug_in_scope()
    return {
        one.pk: Description(
            named("%(paper)s lapses", paper=one.title),
            f"#{one.item.number} {one.item.title} · {one.deployment}",
            reverse(
                "org:deployments:item",
                kwargs={"org": slug, "deployment": one.deployment_id, "item": one.item.number},
            ),
            one.valid_until,
        )
        for one in _standing().filter(pk__in=ids)
    }


EVIDENCE_EXPIRES = kind("deployments.evidence_expires", "Evidence lapses", describe=describe, ladder=EXPIRY)


@planner(EVIDENCE_EXPIRES)
def evidence() -> Iterable[Plan]:
    """Accepted evidence with a last day."""
    found = list(_standing().order_by("pk"))
    deployments = {one.deployment_id for one in found}
    teams, terms = teams_of(deployments), terms_of(deployments)
    reasons = {OWNER: gettext_noop("You own the item that it proves.")}
    plans = []
    for one in found:
        team = teams.get(one.deployment_id, {})
        holders = (team[code].person for code in (one.item.owner, MANAGER_ROLE) if code in team)
        owner = one.item.assignee or next((person for person in holders if person), None)
        plans.append(
            Plan(
                one,
                EVIDENCE_EXPIRES,
                one.valid_until,
                one.deployment.site.time_zone,
                [(owner, OWNER)] if owner else [],
                None,
                one.deployment_id,
                terms=terms.get(one.deployment_id, {}),
                reasons=reasons,
            )
        )
    return plans


def _standing() -> Any:
    since = timezone.localdate() - timedelta(days=1)
    found = Evidence.objects.filter(valid_until__gte=since, state=Evidence.State.ACCEPTED, paper=None)
    going = found.exclude(deployment__state=Deployment.State.DISCONTINUED)
    return going.select_related("item__assignee", "deployment__site", "deployment__tool_version__tool")
