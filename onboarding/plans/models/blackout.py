"""Periods in which nothing goes live, though people work: a change freeze, an audit, the flu season."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Q

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments.models import Deployment
from onboarding.plans import audit
from onboarding.scheduling.conflicts import Blackout
from tenancy.fields import TenantForeignKey
from tenancy.models import Partners, Site, TenantModel


class BlackoutPeriod(TenantModel):
    """No go-live from the first to the last day, at all sites or at one."""

    partners = Partners.OPEN

    site: Any = TenantForeignKey(Site, on_delete=models.CASCADE, null=True, related_name="+")
    first = models.DateField()
    last = models.DateField()
    title = models.CharField(max_length=120)

    class Meta(TenantModel.Meta):
        constraints = [models.CheckConstraint(condition=Q(last__gte=F("first")), name="blackout_in_order")]
        indexes = [models.Index(fields=["organization", "first"], name="blackout_by_first")]

    @classmethod
    @transaction.atomic
    def add(cls, *, first: date, last: date, title: str, by: Actor, site: Site | None = None) -> "BlackoutPeriod":
        """Keep a period free of go-lives; the same again changes nothing. Raises ValueError where it ends before it begins."""
        if last < first:
            raise ValueError("The last day is before the first.")
        standing: BlackoutPeriod | None = cls.objects.filter(first=first, last=last, site=site, title=title).first()
        if standing:
            return standing
        period = cls(first=first, last=last, title=title, site=site)
        period.save(force_insert=True)
        record(audit.BLACKOUT_ADDED, by=by, subject=period, title=title, first=f"{first}", last=f"{last}")
        return period

    @transaction.atomic
    def remove(self, *, by: Actor) -> None:
        """Let sites go live in the period again."""
        record(
            audit.BLACKOUT_REMOVED, by=by, subject=self, title=self.title, first=f"{self.first}", last=f"{self.last}"
        )
        self.delete()


def blackouts_of(deployments: Iterable[Deployment]) -> dict[UUID, tuple[Blackout, ...]]:
    """Return the periods that concern each deployment's site, by deployment."""
    wanted = list(deployments)
    periods = BlackoutPeriod.objects.filter(Q(site=None) | Q(site__in={one.site_id for one in wanted}))
    by_site: dict[Any, list[Blackout]] = defaultdict(list)
    for site_id, first, last, title in periods.order_by("first").values_list("site_id", "first", "last", "title"):
        by_site[site_id].append(Blackout(first, last, title))
    return {one.pk: (*by_site[None], *by_site[one.site_id]) for one in wanted}
