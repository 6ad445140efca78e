"""A link to the status of a deployment or a program, for those without an account."""

import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from access.permissions import Permission
from accounts.models import Membership
from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments import audit
from onboarding.deployments.models.deployment import Deployment
from onboarding.deployments.models.program import Program
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import TenantModel
from tenancy.scope import current

DAYS = (7, 30, 90)


class StatusLinkQuerySet(TenantQuerySet["StatusLink"]):
    """Named filters over links."""

    def of(self, subject: "Deployment | Program") -> "StatusLinkQuerySet":
        """Links to that deployment or program, newest first."""
        name = "program" if isinstance(subject, Program) else "deployment"
        return self.filter(**{name: subject}).select_related("made_by").order_by("-made_at", "-pk")


class StatusLink(TenantModel):
    """One link: whoever holds it sees the figures of one deployment or program, until a day or until it is revoked.

    One to a program shows every site, so a member limited to some neither makes nor sees it.
    """

    whole_without_deployment = True

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, null=True, related_name="+")
    program: Any = TenantForeignKey(Program, on_delete=models.PROTECT, null=True, related_name="+")
    purpose = models.CharField(max_length=120, help_text="For whom it was made")
    key = models.CharField(max_length=32)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(StatusLinkQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(deployment=None) ^ Q(program=None), name="status_link_to_one")
        ]

    @property
    def is_open(self) -> bool:
        """Whether it opens the status now: in time, not revoked, and its maker may still share."""
        if self.revoked_at or self.expires_at <= timezone.now():
            return False
        members = Membership.objects.active()
        members = members.reaching([self.deployment.site_id]) if self.deployment else members.reaching_all()
        maker = members.filter(user=self.made_by, user__is_active=True).first()
        return maker is not None and Permission.DEPLOYMENT_SHARE in maker.permissions

    @classmethod
    @transaction.atomic
    def make(cls, subject: Deployment | Program, *, by: Actor, purpose: str, days: int) -> "StatusLink":
        """Make a link.

        Raises ValueError for a time that is not offered, without saying for whom, and to a program for a member who
        does not reach all of its sites.
        """
        if isinstance(subject, Program) and current().sites is not None:
            raise ValueError("The status of a program shows every site: ask somebody who reaches all of them.")
        if days not in DAYS:
            raise ValueError(f"A link lasts {', '.join(map(str, DAYS))} days.")
        if not purpose.strip():
            raise ValueError("Say for whom the link is.")
        name = "program" if isinstance(subject, Program) else "deployment"
        link = cls(
            **{name: subject},
            purpose=purpose.strip()[:120],
            key=secrets.token_hex(16),
            made_by_id=by.person_id,
            expires_at=timezone.now() + timedelta(days=days),
        )
        link.save(force_insert=True)
        record(audit.STATUS_LINK_MADE, by=by, subject=link, what=str(subject), days=days)
        return link

    @transaction.atomic
    def revoke(self, *, by: Actor) -> None:
        """Close it; effective at the next request."""
        link = self.locked(self.pk)
        if link.revoked_at:
            return
        link.revoked_at = timezone.now()
        link.save(update_fields=["revoked_at"])
        record(audit.STATUS_LINK_REVOKED, by=by, subject=link, what=str(link.deployment or link.program))
