"""What a site puts in the place of `[[key]]`: a phone number, a time limit, the person on call."""

from typing import Any
from uuid import UUID

from django.db import models, transaction

from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.models import Site, TenantModel
from training.courses import audit, shape

LONGEST = 200


class SiteValue(TenantModel):
    """A value for one site, or for the whole organization where there is no site; the same in every course."""

    key = models.CharField(max_length=80)
    site: Any = TenantForeignKey(Site, on_delete=models.CASCADE, null=True, related_name="+")
    value = models.CharField(max_length=LONGEST)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "key", "site"], nulls_distinct=False, name="site_value_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.value}"

    @classmethod
    @transaction.atomic
    def put(cls, key: str, value: str, *, site: Site | None, by: Actor) -> None:
        """Set a value, or take it back with an empty one, so that the next wider one shows; the same again does nothing.

        Raises ValueError for a value that is longer than a line.
        """
        value = " ".join(value.split())
        if len(value) > LONGEST:
            raise ValueError(f"{key}: at most {LONGEST} characters, this has {len(value)}.")
        standing = cls.objects.select_for_update(no_key=True).filter(key=key, site=site).first()
        if (standing.value if standing else "") == value:
            return
        row = standing or cls(key=key, site=site)
        row.value = value
        if value:
            row.save()
        record(audit.SITE_VALUE_SET, by=by, subject=row, key=key, value=value, site=str(site.pk) if site else None)
        if not value:
            row.delete()

    @classmethod
    def of(cls, course: shape.Course, site_id: UUID | None) -> dict[str, str]:
        """Return what stands in the course's text at that site: its own values over the organization's over the defaults."""
        values = {value.key: value.default for value in course.site_values}
        rows = cls.objects.filter(key__in=values).filter(models.Q(site=None) | models.Q(site_id=site_id))
        for row in sorted(rows, key=lambda row: row.site_id is not None):
            values[row.key] = row.value
        return values
