"""The digital product and its releases, as the organization that adopts them knows them."""

from typing import Any

from django.db import models, transaction

from audit.actor import Actor
from audit.models.event import record
from onboarding.playbooks import audit
from tenancy.fields import TenantForeignKey
from tenancy.models import Organization, Partners, TenantModel


class Tool(TenantModel):
    """A digital behavioral-health product."""

    partners = Partners.OPEN

    title = models.CharField(max_length=120)
    vendor = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, blank=True, db_index=False, related_name="+"
    )
    summary = models.TextField(blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "title"], name="tool_title_once")]

    @classmethod
    @transaction.atomic
    def register(cls, *, title: str, by: Actor, vendor: Organization | None = None, summary: str = "") -> "Tool":
        """Add a tool, or return the one of that title."""
        standing: Tool | None = cls.objects.filter(title=title).first()
        if standing:
            return standing
        tool = cls(title=title, vendor=vendor, summary=summary)
        tool.save(force_insert=True)
        record(audit.TOOL_REGISTERED, by=by, subject=tool, title=title)
        return tool


class ToolVersion(TenantModel):
    """A release: what was cleared, reviewed and is deployed. Its properties decide which items apply."""

    partners = Partners.OPEN

    tool: Any = TenantForeignKey(Tool, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(max_length=40)
    released_on = models.DateField(null=True, blank=True)
    ehr_launched = models.BooleanField(default=True, help_text="Opens from inside the electronic health record")
    substance_use_data = models.BooleanField(default=False, help_text="Holds records that 42 CFR Part 2 protects")
    generative_ai = models.BooleanField(default=False)
    regulated_device = models.BooleanField(default=False, help_text="Cleared or registered as a medical device")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "tool", "version"], name="tool_version_once")]

    def __str__(self) -> str:
        return f"{self.tool.title} {self.version}"

    @classmethod
    @transaction.atomic
    def register(cls, tool: Tool, *, version: str, by: Actor, **properties: Any) -> "ToolVersion":
        """Add a release, or return the one of that number."""
        standing: ToolVersion | None = cls.objects.filter(tool=tool, version=version).first()
        if standing:
            return standing
        release = cls(tool=tool, version=version, **properties)
        release.save(force_insert=True)
        record(audit.TOOL_VERSION_REGISTERED, by=by, subject=release, title=tool.title, version=version)
        return release
