"""Who does what on a deployment: the playbook's owner roles, each with a person and a deputy."""

from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments import audit
from onboarding.deployments.models.deployment import Deployment
from onboarding.deployments.models.progress import progressed
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel


class TeamRoleQuerySet(TenantQuerySet["TeamRole"]):
    """Named filters over team roles."""

    def vacant(self) -> "TeamRoleQuerySet":
        """Roles without a person."""
        return self.filter(person=None)


class TeamRole(TenantModel):
    """An owner role of one deployment. Membership roles say what one may do; this says who does what."""

    partners = Partners.DEPLOYMENT

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="team")
    code = models.CharField(max_length=4)
    title = models.CharField(max_length=60)
    side = models.CharField(max_length=6, help_text="host, vendor or hub")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    since = models.DateField(null=True)
    vacant_since = models.DateField(null=True)

    objects = TenantManager.from_queryset(TeamRoleQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization", "deployment", "code"], name="team_role_once")]

    @transaction.atomic
    def fill(self, person: Any, *, by: Actor, deputy: Any = None) -> None:
        """Put a person, and a deputy, in the role; raise ValueError where both are the same."""
        if deputy is not None and deputy == person:
            raise ValueError("The deputy is somebody else than the person.")
        role = self.locked(self.pk)
        if (role.person_id, role.deputy_id) == (person.pk, deputy.pk if deputy else None):
            return
        role.person, role.deputy, role.since, role.vacant_since = person, deputy, timezone.localdate(), None
        role.save(update_fields=["person", "deputy", "since", "vacant_since"])
        record(audit.TEAM_ROLE_FILLED, by=by, subject=role, role=role.title, person=str(person.pk))
        progressed(role.deployment_id, by)

    @transaction.atomic
    def vacate(self, *, by: Actor) -> None:
        """Take the person out; the deputy steps in where there is one."""
        role = self.locked(self.pk)
        if role.person_id is None:
            return
        role.person, role.deputy = role.deputy, None
        role.vacant_since = timezone.localdate() if role.person_id is None else None
        role.save(update_fields=["person", "deputy", "vacant_since"])
        record(audit.TEAM_ROLE_VACATED, by=by, subject=role, role=role.title)
        progressed(role.deployment_id, by)

    @transaction.atomic
    def lose_deputy(self, *, by: Actor) -> None:
        """Take the deputy out; nothing happens where there is none."""
        role = self.locked(self.pk)
        if role.deputy_id is None:
            return
        role.deputy = None
        role.save(update_fields=["deputy"])
        record(audit.TEAM_DEPUTY_LOST, by=by, subject=role, role=role.title)
        progressed(role.deployment_id, by)
