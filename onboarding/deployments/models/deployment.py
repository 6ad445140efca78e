"""One tool version at one site: the unit that is onboarded."""

import json
from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments import audit
from onboarding.deployments.models.program import Program, Wave
from onboarding.playbooks.models import PlaybookVersion, ToolVersion
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Organization, Partners, Share, Site, TenantModel
from tenancy.scope import current


class DeploymentQuerySet(TenantQuerySet["Deployment"]):
    """Named filters over deployments."""

    def running(self) -> "DeploymentQuerySet":
        """Deployments that are being onboarded or are live."""
        return self.exclude(state=Deployment.State.DISCONTINUED)

    def for_page(self) -> "DeploymentQuerySet":
        """With everything that a page's head names, in one query."""
        return self.select_related("site", "wave", "program", "tool_version__tool", "playbook_version__playbook")


class CannotMove(Exception):
    """The deployment's state does not allow this; the message says what would."""


class Deployment(TenantModel):
    """A tool version at a site, planned backwards from its go-live date."""

    partners = Partners.DEPLOYMENT
    deployment_column = "id"

    class State(models.TextChoices):
        """Where it is on its way."""

        ONBOARDING = "onboarding", "Onboarding"
        LIVE = "live", "Live"
        ROLLED_BACK = "rolled_back", "Rolled back"
        DISCONTINUED = "discontinued", "Discontinued"

    MOVES: dict[str, set[str]] = {
        State.ONBOARDING: {State.LIVE, State.DISCONTINUED},
        State.LIVE: {State.ROLLED_BACK, State.DISCONTINUED},
        State.ROLLED_BACK: {State.LIVE, State.DISCONTINUED},
        State.DISCONTINUED: set(),
    }

    program: Any = TenantForeignKey(Program, on_delete=models.PROTECT, related_name="deployments")
    wave: Any = TenantForeignKey(Wave, on_delete=models.PROTECT, null=True, related_name="deployments")
    site: Any = TenantForeignKey(Site, on_delete=models.PROTECT, related_name="deployments")
    tool_version: Any = TenantForeignKey(ToolVersion, on_delete=models.PROTECT, related_name="+")
    playbook_version: Any = TenantForeignKey(PlaybookVersion, on_delete=models.PROTECT, related_name="+")
    tier = models.CharField(max_length=5, choices=Program.Tier.choices, default=Program.Tier.FULL)
    state = models.CharField(max_length=12, choices=State.choices, default=State.ONBOARDING)
    go_live_on = models.DateField()
    kick_off_on = models.DateField(default=timezone.localdate, help_text="Offsets may count from it")
    baseline_go_live_on = models.DateField(help_text="As first planned, or as last committed to")
    committed_on = models.DateField(null=True, help_text="When the team committed to the plan: the baseline's day")
    forecast_p50 = models.DateField(null=True, help_text="Written by plans: go-live by this day in half of the runs")
    forecast_p80 = models.DateField(null=True, help_text="Written by plans: by this day in four of five")
    went_live_at = models.DateTimeField(null=True, blank=True)
    planned_at = models.DateTimeField(default=timezone.now)

    # Rolled up from the items by `refresh`, in the transaction of the verb that changed them.
    version = models.PositiveIntegerField(default=1, help_text="Rises with every change: pages ask whether it moved")
    stage = models.PositiveSmallIntegerField(default=0, help_text="First stage with an open blocking item")
    stages = models.JSONField(default=dict, help_text="Stage number to [done, counted]")
    items_counted = models.PositiveSmallIntegerField(default=0)
    items_done = models.PositiveSmallIntegerField(default=0)
    items_blocked = models.PositiveSmallIntegerField(default=0)
    next_due_on = models.DateField(null=True, help_text="Earliest due date of an open item")
    gates = models.JSONField(default=dict, help_text="Gate key to {state, on}: written by the gates (golive)")

    objects = TenantManager.from_queryset(DeploymentQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "program", "site"],
                condition=~Q(state="discontinued"),
                name="deployment_once_per_site",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["onboarding", "live", "rolled_back", "discontinued"]), name="deployment_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="live") | Q(went_live_at__isnull=False), name="deployment_live_since"
            ),
        ]
        indexes = [models.Index(fields=["organization", "state", "go_live_on", "id"], name="deployment_by_go_live")]

    def __str__(self) -> str:
        return f"{self.tool_version.tool.title} at {self.site.name}"

    @property
    def deployment_id(self) -> Any:
        """Its own id: events and facts about a deployment belong to it."""
        return self.pk

    @property
    def planned_on(self) -> date:
        """The day on which it was planned: none of its items is due before."""
        return timezone.localdate(self.planned_at)

    def days_to_go_live(self, today: date) -> int:
        """Return calendar days until go-live; negative once it is past."""
        return (self.go_live_on - today).days

    @classmethod
    def touch(cls, deployment_id: Any) -> None:
        """Raise the version where something that is shown changed, and no item did."""
        cls.objects.filter(pk=deployment_id).update(version=models.F("version") + 1)

    @classmethod
    def refresh(cls, deployment_id: Any) -> None:
        """Roll the items up into the deployment, in one statement, and raise its version."""
        with connection.cursor() as cursor:
            cursor.execute(_REFRESH, {"deployment": deployment_id, "organization": current().organization_id})

    def roll_up(self) -> None:
        """Do the same for this row, and hold what came of it."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"{_REFRESH} returning {', '.join(f'd.{name}' for name in ROLLED_UP)}",
                {"deployment": self.pk, "organization": self.organization_id},
            )
            for name, value in zip(ROLLED_UP, cursor.fetchone(), strict=True):
                setattr(self, name, json.loads(value) if isinstance(value, str) else value)

    def _move(self, state: str, *fields: str) -> None:
        if state not in self.MOVES[self.state]:
            raise CannotMove(
                f"A deployment that is {self.get_state_display().lower()} cannot become {self.State(state).label.lower()}."
            )
        self.state = state
        self.version += 1
        self.save(update_fields=["state", "version", *fields])

    @transaction.atomic
    def record_go_live(self, *, by: Actor, at: Any = None) -> None:
        """Record that the site works with the tool. `golive` calls it once the go/no-go is signed."""
        deployment = self.locked(self.pk)
        if deployment.state == self.State.LIVE:
            return
        deployment.went_live_at = at or timezone.now()
        deployment._move(self.State.LIVE, "went_live_at")
        record(audit.WENT_LIVE, by=by, subject=deployment)

    @transaction.atomic
    def record_rollback(self, *, by: Actor, reason: str) -> None:
        """Record that the site went back to how it worked before; raise ValueError without a reason."""
        if not reason.strip():
            raise ValueError("A rollback needs its reason.")
        deployment = self.locked(self.pk)
        if deployment.state == self.State.ROLLED_BACK:
            return
        deployment._move(self.State.ROLLED_BACK)
        record(audit.ROLLED_BACK, by=by, subject=deployment, reason=reason)

    @transaction.atomic
    def record_discontinued(self, *, by: Actor, reason: str) -> None:
        """Record that the tool has left the site; nothing is deleted. `decommission` calls it; ValueError without a reason."""
        if not reason.strip():
            raise ValueError("An end needs its reason.")
        deployment = self.locked(self.pk)
        if deployment.state == self.State.DISCONTINUED:
            return
        deployment._move(self.State.DISCONTINUED)
        record(audit.DISCONTINUED, by=by, subject=deployment, reason=reason)

    @transaction.atomic
    def share_with(self, partner: Organization, *, part: str, by: Actor) -> Share:
        """Open the deployment to a vendor, funder or hub; the same share again changes nothing."""
        standing = Share.objects.in_force().filter(deployment_id=self.pk, partner=partner).first()
        if standing:
            return standing
        share = Share(deployment_id=self.pk, partner=partner, part=part, granted_at=timezone.now())
        share.save(force_insert=True)
        record(audit.DEPLOYMENT_SHARED, by=by, subject=self, partner=partner.name, part=part)
        return share

    @transaction.atomic
    def withdraw_share(self, partner: Organization, *, by: Actor) -> None:
        """Close the deployment to a partner; effective at its next request."""
        ended = (
            Share.objects.in_force().filter(deployment_id=self.pk, partner=partner).update(withdrawn_at=timezone.now())
        )
        if ended:
            record(audit.SHARE_WITHDRAWN, by=by, subject=self, partner=partner.name)


def at_sites(sites: Collection[UUID]) -> list[UUID]:
    """Return the deployments at these sites: what a member limited to them may reach (settings.DEPLOYMENTS_AT)."""
    return list(Deployment.objects.filter(site_id__in=sites).values_list("pk", flat=True))


ROLLED_UP = ("version", "stages", "items_counted", "items_done", "items_blocked", "next_due_on", "stage")
_REFRESH = """
with counted as (
  select stage, gate_class, state, due_on,
         state in ('accepted', 'waived') as done
    from deployments_item
   where organization_id = %(organization)s and deployment_id = %(deployment)s and state not in ('not_applicable', 'retired')
), per_stage as (
  select stage, count(*) filter (where done) as done, count(*) as counted from counted group by stage
)
update deployments_deployment d set
  version = d.version + 1,
  stages = coalesce((select jsonb_object_agg(stage, jsonb_build_array(done, counted)) from per_stage), '{}'),
  items_counted = (select count(*) from counted),
  items_done = (select count(*) from counted where done),
  items_blocked = (select count(*) from counted where state = 'blocked'),
  next_due_on = (select min(due_on) from counted where not done),
  stage = coalesce((select min(stage) from counted where not done and gate_class = 'blocks'),
                   (select max(stage) from counted), 0)
where d.organization_id = %(organization)s and d.id = %(deployment)s
"""
