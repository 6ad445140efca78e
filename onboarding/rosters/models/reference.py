"""Reference data that all organizations share: rurality by ZIP and social vulnerability by county."""

from decimal import Decimal
from functools import lru_cache

from django.db import models
from django.db.models import Count, Sum

from onboarding.rosters.places import County, CountyIndex

NOT_CODED = 99


class RuralCode(models.Model):
    """Rural-Urban Commuting Area codes of a ZIP (2010)."""

    zip_code = models.CharField(primary_key=True, max_length=5)
    state = models.CharField(max_length=2)
    ruca1 = models.PositiveSmallIntegerField()
    ruca2 = models.DecimalField(max_digits=3, decimal_places=1)

    def __str__(self) -> str:
        return self.zip_code

    @classmethod
    def of(cls, zips: set[str]) -> dict[str, tuple[int, Decimal] | None]:
        """Return the codes of these ZIPs; None for one that is known and not coded."""
        found = cls.objects.filter(pk__in=zips).values_list("pk", "ruca1", "ruca2")
        return {zip_code: None if one == NOT_CODED else (one, two) for zip_code, one, two in found}


class VulnerabilityIndex(models.Model):
    """Overall percentile of the Social Vulnerability Index of a county (2022)."""

    fips = models.CharField(primary_key=True, max_length=5)
    state = models.CharField(max_length=2)
    county = models.CharField(max_length=80)
    percentile = models.DecimalField(max_digits=5, decimal_places=4, null=True)

    def __str__(self) -> str:
        return f"{self.county}, {self.state}"

    @classmethod
    def counties(cls) -> CountyIndex:
        """Return the index of all counties, to match names against; built once a process and state of the table."""
        state = cls.objects.aggregate(count=Count("pk"), sum=Sum("percentile"))
        return _index(state["count"], state["sum"])


@lru_cache(maxsize=2)
def _index(count: int, total: Decimal | None) -> CountyIndex:
    rows = VulnerabilityIndex.objects.order_by("pk").values_list("fips", "state", "county")
    return CountyIndex(County(*row) for row in rows)
