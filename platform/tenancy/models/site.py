"""Places of care."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models.base import Partners, TenantModel


class SiteQuerySet(TenantQuerySet["Site"]):
    """Named filters over sites."""

    def open(self) -> "SiteQuerySet":
        """Sites that are in use."""
        return self.filter(closed_on=None)


class Site(TenantModel):
    """A place of care with the profile that playbook conditions and equity views read."""

    class Kind(models.TextChoices):
        """What sort of place it is (domain.md, 1.1 and 8)."""

        CLINIC = "clinic", "Clinic"
        FQHC = "fqhc", "Federally qualified health center"
        CMHC = "cmhc", "Community mental health center"
        HOSPITAL = "hospital", "Hospital"
        SCHOOL = "school", "School"
        TRIBAL = "tribal", "Tribal health program"
        COMMUNITY = "community", "Community organization"
        RESIDENTIAL = "residential", "Residential program"
        VIRTUAL = "virtual", "Virtual"

    class Broadband(models.TextChoices):
        """What the line at the place carries; empty where nobody said."""

        GOOD = "good", "Good: video visits hold"
        WEAK = "weak", "Weak: pages load, video breaks off"
        NONE = "none", "None"

    partners = Partners.OPEN
    site_column = "id"

    name = models.CharField(max_length=160)
    name_2 = models.CharField(max_length=160, blank=True, help_text="Second name line: a department or program")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.CLINIC)
    source_id = models.CharField(
        max_length=80, blank=True, help_text="The site's identifier in the roster it came from"
    )
    street = models.CharField(max_length=200, blank=True)
    street_2 = models.CharField(max_length=120, blank=True)
    city = models.CharField(max_length=100, blank=True)
    region = models.CharField(
        max_length=80, blank=True, help_text="State or province; two letters in the United States"
    )
    postal_code = models.CharField(max_length=16, blank=True)
    zip_4 = models.CharField(max_length=4, blank=True, help_text="The four digits after a ZIP")
    county = models.CharField(max_length=80, blank=True, help_text="As the roster wrote it")
    county_fips = models.CharField(max_length=5, blank=True, help_text="Matched county; empty where none matched")
    county_chosen = models.BooleanField(
        default=False, help_text="A person said which county it is; a roster that writes the same does not change it"
    )
    country = models.CharField(max_length=2, default="US")
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    website = models.CharField(max_length=300, blank=True)
    time_zone = models.CharField(max_length=64, blank=True, help_text="IANA name")
    time_zone_guessed = models.BooleanField(default=True, help_text="Taken from the state, not from a person")
    ruca1 = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Primary rural-urban commuting area code, 1-10"
    )
    ruca2 = models.DecimalField(max_digits=3, decimal_places=1, null=True, blank=True)
    svi_percentile = models.DecimalField(
        max_digits=5, decimal_places=4, null=True, blank=True, help_text="RPL_THEMES of the county, 0-1"
    )
    place_match = models.CharField(max_length=40, blank=True, help_text="How county and codes were found, or why not")
    ehr = models.CharField(max_length=60, blank=True, help_text="Electronic health record in use")
    broadband = models.CharField(max_length=4, choices=Broadband.choices, blank=True)
    languages = ArrayField(models.CharField(max_length=12), default=list, blank=True)
    serves_minors = models.BooleanField(default=False)
    staff_count = models.PositiveIntegerField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = TenantManager.from_queryset(SiteQuerySet)()

    class Meta(TenantModel.Meta):
        indexes = [models.Index("organization", Lower("name"), name="site_by_name")]

    @property
    def rural(self) -> bool | None:
        """Whether the primary RUCA code is 4 or above (small town or rural); None where it is not known."""
        return None if self.ruca1 is None else self.ruca1 >= 4
