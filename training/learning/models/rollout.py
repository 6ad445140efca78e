"""A deployment as training knows it: its id, what it is called, where, and when it goes live."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import models, transaction

from audit.actor import Actor
from audit.models.event import record
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, Site, TenantModel
from training.learning import audit


class RolloutQuerySet(TenantQuerySet["Rollout"]):
    """Named filters over rollouts."""

    def running(self) -> "RolloutQuerySet":
        """Deployments that still train people."""
        return self.filter(closed_on=None)

    def for_page(self) -> "RolloutQuerySet":
        """With their sites, by name."""
        return self.select_related("site").order_by("site__name", "title", "id")


class Rollout(TenantModel):
    """The key is the deployment's own id, so that facts about it are facts about the deployment."""

    partners = Partners.DEPLOYMENT
    deployment_column = "id"

    title = models.CharField(max_length=160, help_text="The tool, as learners know it")
    tool_version = models.CharField(max_length=40, blank=True)
    site: Any = TenantForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    release = models.CharField(max_length=40, blank=True, help_text="The tool version that comes, or came last")
    release_on = models.DateField(null=True, help_text="The day on which it takes the place of the one before")
    go_live_on = models.DateField(null=True)
    live_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)

    objects = TenantManager.from_queryset(RolloutQuerySet)()

    @property
    def deployment_id(self) -> UUID:
        """The deployment this is about."""
        return self.pk

    @property
    def label(self) -> str:
        """Tool and site."""
        return f"{self.title}, {self.site.name}"

    @classmethod
    @transaction.atomic
    def introduce(
        cls, deployment_id: UUID, *, title: str, tool_version: str, site: Site, go_live_on: date, by: Actor
    ) -> "Rollout":
        """Make a deployment known here, or return the rollout that stands."""
        standing = cls.objects.filter(pk=deployment_id).first()
        if standing:
            return standing
        rollout = cls(id=deployment_id, title=title, tool_version=tool_version, site=site, go_live_on=go_live_on)
        rollout.save(force_insert=True)
        record(audit.ROLLOUT_INTRODUCED, by=by, subject=rollout, title=title, go_live_on=go_live_on.isoformat())
        return rollout

    @transaction.atomic
    def went_live(self, on: date) -> None:
        """Keep the date of go-live; the deployment's own event is the record of it."""
        rollout = self.locked(self.pk)
        if rollout.live_on != on:
            rollout.live_on = on
            rollout.save(update_fields=["live_on"])
        self.live_on = on

    @transaction.atomic
    def announce(self, version: str, on: date, *, by: Actor) -> bool:
        """Say that a tool version comes on that day; return whether that is news. Raises ValueError without a version.

        On the day, `arrive` makes it the version in use.
        """
        version = version.strip()
        if not version:
            raise ValueError("Name the tool version.")
        rollout = self.locked(self.pk)
        if (rollout.release, rollout.release_on) == (version, on) or (
            rollout.tool_version == version and rollout.release == ""
        ):
            return False
        rollout.release, rollout.release_on = self.release, self.release_on = version, on
        rollout.save(update_fields=["release", "release_on"])
        record(
            audit.RELEASE_ANNOUNCED,
            by=by,
            subject=rollout,
            deployment_id=rollout.pk,
            title=rollout.title,
            version=version,
            on=on.isoformat(),
        )
        return True

    @transaction.atomic
    def arrive(self, today: date, *, by: Actor) -> bool:
        """Make the announced version the one in use, if its day has come; return whether it changed now."""
        rollout = self.locked(self.pk)
        if rollout.release_on is None or rollout.release_on > today or rollout.tool_version == rollout.release:
            return False
        before, rollout.tool_version = rollout.tool_version, rollout.release
        rollout.save(update_fields=["tool_version"])
        record(
            audit.RELEASE_ARRIVED,
            by=by,
            subject=rollout,
            deployment_id=rollout.pk,
            title=rollout.title,
            before=before,
            after=rollout.tool_version,
        )
        self.tool_version = rollout.tool_version
        return True

    @property
    def versions(self) -> set[str]:
        """The tool versions that people here must be ready for: the one in use, and the one that comes."""
        return {self.tool_version, self.release} - {""}

    @transaction.atomic
    def close(self, on: date, *, by: Actor) -> None:
        """Stop training for a deployment that was discontinued."""
        rollout = self.locked(self.pk)
        if rollout.closed_on:
            return
        rollout.closed_on = on
        rollout.save(update_fields=["closed_on"])
        record(audit.ROLLOUT_CLOSED, by=by, subject=rollout, title=rollout.title)
        self.closed_on = on
