"""A row of an import: what the file wrote, what it became, and what was said about it."""

import hashlib
import json
from typing import Any

from django.db import models
from django.db.models import Q

from onboarding.rosters.models.roster_import import RosterImport
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Site, TenantModel


class RosterRowQuerySet(TenantQuerySet["RosterRow"]):
    """Named filters over rows."""

    def in_roster(self, roster: RosterImport) -> "RosterRowQuerySet":
        """Rows of an import in the order of the file."""
        return self.filter(roster_import=roster).order_by("number")

    def shown_as(self, tab: str) -> "RosterRowQuerySet":
        """Rows of one tab of the preview."""
        return self.filter(TABS[tab])


class RosterRow(TenantModel):
    """One row. It says what would happen before the import and what happened after it; `applied` tells which."""

    history = False  # what a row did stands in the history of the site

    class Outcome(models.TextChoices):
        """What a row does."""

        PENDING = "pending", "Not looked at"
        CREATED = "created", "Created"
        UPDATED = "updated", "Updated"
        UNCHANGED = "unchanged", "Unchanged"
        REPEATED = "repeated", "Repeated"
        REFUSED = "refused", "Refused"

    roster_import: Any = TenantForeignKey(RosterImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="The row's number in the file, as a spreadsheet counts")
    raw = models.JSONField(
        help_text="`cells` as written, in the order of the import's columns, and a `problem` of the row"
    )
    values = models.JSONField(default=dict, help_text="The site's fields after repair")
    messages = models.JSONField(default=list)
    outcome = models.CharField(max_length=9, choices=Outcome.choices, default=Outcome.PENDING)
    county_match = models.CharField(max_length=10, blank=True)
    repaired = models.BooleanField(default=False)
    key = models.CharField(max_length=64, blank=True, help_text="What makes two rows the same site")
    loose_key = models.CharField(max_length=64, blank=True, help_text="The same but for capitals and punctuation")
    site: Any = TenantForeignKey(Site, on_delete=models.DO_NOTHING, null=True, related_name="+")
    before = models.JSONField(null=True, help_text="The site before an update")
    after = models.CharField(max_length=64, blank=True, help_text="Digest of the site as the import left it")
    applied = models.BooleanField(default=False)

    objects = TenantManager.from_queryset(RosterRowQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["organization", "roster_import", "number"], name="roster_row_once"),
            models.UniqueConstraint(
                fields=["organization", "roster_import", "site"], condition=Q(applied=True), name="roster_row_site_once"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "roster_import", "key"], name="roster_row_by_key"),
            models.Index(fields=["organization", "roster_import", "loose_key"], name="roster_row_by_loose_key"),
            models.Index(fields=["organization", "roster_import", "outcome", "number"], name="roster_row_by_outcome"),
        ]

    def __str__(self) -> str:
        return f"Row {self.number}"

    def said(self, level: str) -> list[dict[str, Any]]:
        """Return the messages of a level: repair, error or notice."""
        return [message for message in self.messages if message["level"] == level]


TABS: dict[str, Q] = {
    "all": Q(),
    "created": Q(outcome=RosterRow.Outcome.CREATED),
    "updated": Q(outcome=RosterRow.Outcome.UPDATED),
    "unchanged": Q(outcome=RosterRow.Outcome.UNCHANGED),
    "repeats": Q(outcome=RosterRow.Outcome.REPEATED),
    "errors": Q(outcome=RosterRow.Outcome.REFUSED),
    "repairs": Q(repaired=True),
    "unmatched": Q(county_match="none"),
}


def digest(values: Any) -> str:
    """Return the SHA-256 of a value in canonical JSON."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
