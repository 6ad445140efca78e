"""What go-live reminds people of: waivers and conditions that come to their last day, and those that lapsed."""

from collections.abc import Collection, Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.models import User
from notices.kinds import EXPIRY, Description, Kind, kind
from notices.ladder import DEPUTY, OWNER, Plan
from notices.planners import planner
from onboarding.deployments.models import Deployment, Item, TeamRole
from onboarding.deployments.notices import MANAGER_ROLE, teams_of, terms_of
from onboarding.golive.models import Condition, GateReview, Waiver
from tenancy.models import Organization

RELATED = ("item__assignee", "deployment__site", "deployment__tool_version__tool")
REASONS = {OWNER: gettext_noop("You own the item."), DEPUTY: gettext_noop("You run the deployment.")}


def describe_waivers(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe waivers that hold, and those that lapsed while their item is open."""
    slug = Organization.slug_in_scope()
    found = Waiver.objects.filter(pk__in=ids, state__in=[Waiver.State.GRANTED, Waiver.State.LAPSED])
    return {
        one.pk: Description(
            f"The waiver of #{one.item.number} {one.item.title} ends",
            str(one.deployment),
            _path(slug, one.item),
            one.expires_on,
        )
        for one in found.select_related(*RELATED)
        if one.item.state == Item.State.WAIVED or one.item.is_open
    }


def describe_conditions(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe conditions of a decision that are not met."""
    slug = Organization.slug_in_scope()
    return {
        one.pk: Description(
            f"A condition of the go-live ends: #{one.item.number} {one.item.title}",
            str(one.deployment),
            _path(slug, one.item),
            one.expires_on,
        )
        for one in _standing().filter(pk__in=ids)
        if one.item.is_open
    }


WAIVER_ENDS = kind("golive.waiver_ends", "A waiver ends", describe=describe_waivers, ladder=EXPIRY)
CONDITION_ENDS = kind("golive.condition_ends", "A condition ends", describe=describe_conditions, ladder=EXPIRY)


@planner(WAIVER_ENDS)
def waivers() -> Iterable[Plan]:
    """Granted waivers before their last day, and on the day after."""
    found = Waiver.objects.filter(
        state__in=[Waiver.State.GRANTED, Waiver.State.LAPSED], expires_on__gte=_yesterday()
    ).exclude(deployment__state=Deployment.State.DISCONTINUED)
    return _plans(WAIVER_ENDS, list(found.select_related(*RELATED).order_by("pk")))


@planner(CONDITION_ENDS)
def conditions() -> Iterable[Plan]:
    """Conditions of decisions that are still open, before their last day and on the day after."""
    found = _standing().filter(expires_on__gte=_yesterday()).order_by("pk")
    return _plans(CONDITION_ENDS, [one for one in found if one.item.is_open])


def _standing() -> Any:
    decided = Condition.objects.filter(review__state=GateReview.State.DECIDED, item__isnull=False)
    return decided.exclude(deployment__state=Deployment.State.DISCONTINUED).select_related(*RELATED)


def _plans(what: Kind, rows: "list[Waiver] | list[Condition]") -> list[Plan]:
    deployments = {one.deployment_id for one in rows}
    teams, terms = teams_of(deployments), terms_of(deployments)
    return [
        Plan(
            one,
            what,
            one.expires_on,
            one.deployment.site.time_zone,
            _people(one.item, teams.get(one.deployment_id, {})),
            None,
            one.deployment_id,
            terms=terms.get(one.deployment_id, {}),
            lapses=True,
            reasons=REASONS,
        )
        for one in rows
    ]


def _people(item: Item, team: dict[str, TeamRole]) -> list[tuple[User, str]]:
    def holder(code: str) -> User | None:
        return team[code].person if code in team else None

    manager = holder(MANAGER_ROLE)
    listed = [(item.assignee or holder(item.owner) or manager, OWNER), (manager, DEPUTY)]
    return [(person, role) for person, role in listed if person is not None]


def _yesterday() -> date:
    return timezone.localdate() - timedelta(days=1)


def _path(slug: str, item: Item) -> str:
    return reverse("org:deployments:item", kwargs={"org": slug, "deployment": item.deployment_id, "item": item.number})
