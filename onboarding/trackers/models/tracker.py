"""A tracker on its way in: the file as it was read, what its columns and rows mean, and what came of it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from onboarding.deployments.models import Change, Deployment
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel

LOCAL, SKIP = "local", "skip"
"""What a row may be instead of an item: an item of the site's own, or nothing."""


class TrackerRefused(ValueError):
    """A tracker cannot be taken so; the message says what would change it."""


class TrackerQuerySet(TenantQuerySet["TrackerImport"]):
    """Named filters over imports."""

    def newest(self) -> "TrackerQuerySet":
        """The latest first."""
        return self.select_related("change", "created_by").order_by("-created_at", "-id")


class TrackerImport(TenantModel):
    """One upload. Nothing is written to the checklist before it is applied; then `change` is its entry in the ledger."""

    history = False
    OF_A_SHEET = ("sheet", "notes", "columns", "rows", "suggestions")

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    file_name = models.CharField(max_length=200)
    file_sha256 = models.CharField(max_length=64)
    sheet = models.CharField(
        max_length=100, blank=True, default="", db_default="", help_text="Of a workbook: the one looked at"
    )
    others = models.JSONField(default=list, help_text="The workbook's other tables, each as the fields of a sheet")
    notes = models.JSONField(default=list, help_text="What was noticed while the file was read")
    columns = models.JSONField(default=list)
    rows = models.JSONField(default=list, help_text="[[row number, [cells]], ...]")
    suggestions = models.JSONField(default=list)
    mapping = models.JSONField(default=dict, help_text="Field to column label")
    choices = models.JSONField(default=dict, help_text="Row number to item id, local or skip: what a person said")
    report = models.JSONField(default=dict, help_text="Counts, and the rows that were left out with the reason")
    change: Any = TenantForeignKey(Change, on_delete=models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = TenantManager.from_queryset(TrackerQuerySet)()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["organization", "deployment", "-created_at"], name="tracker_newest")]

    @property
    def standing(self) -> str:
        """Where it is: "preview", "imported" or "undone"."""
        if self.change is None:
            return "preview" if not self.report else "imported"
        return "undone" if self.change.undone_at else "imported"

    @property
    def sheets(self) -> list[str]:
        """The workbook's tables by name, the one that is looked at first; none for a file without sheets."""
        return [self.sheet, *(one["sheet"] for one in self.others)] if self.sheet else []

    def opened(self) -> "TrackerImport":
        """Return it locked; raise TrackerRefused once it is imported."""
        found: TrackerImport = self.locked(self.pk)
        if found.report:
            raise TrackerRefused("This tracker is imported already: undo it, or upload it again.")
        return found

    def laid_out(self) -> dict[str, Any]:
        """Return the table that is looked at as one of the workbook's."""
        return {name: getattr(self, name) for name in self.OF_A_SHEET}

    def lay_out(self, table: dict[str, Any]) -> None:
        """Look at this table, with the meaning that its columns probably have."""
        for name in self.OF_A_SHEET:
            setattr(self, name, table[name])
        self.mapping = {one["field"]: one["column"] for one in self.suggestions}
