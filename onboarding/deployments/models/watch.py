"""Who hears of what happens on an item, or on a whole deployment."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments import audit
from onboarding.deployments.models.deployment import Deployment
from onboarding.deployments.models.item import Item
from tenancy.fields import TenantForeignKey
from tenancy.guard import TenantManager, TenantQuerySet
from tenancy.models import Partners, TenantModel
from tenancy.prepared import prepared


class WatchQuerySet(TenantQuerySet["Watch"]):
    """Named filters over watches."""

    def on(self, item: Item) -> "WatchQuerySet":
        """Who follows the item or its deployment now."""
        return self.filter(Q(item_id=item.pk) | Q(item=None), deployment_id=item.deployment_id, ended_at=None)


class Watch(TenantModel):
    """A person follows an item, or (without one) a deployment. An ended one stays: who left is not drawn in again."""

    partners = Partners.DEPLOYMENT

    class Why(models.TextChoices):
        """How it came."""

        CHOSEN = "chosen", "You follow it."
        MENTIONED = "mentioned", "You were named there."
        SPOKE = "spoke", "You take part in its conversation."
        ASSIGNED = "assigned", "It was assigned to you."

    IN_CONVERSATION = (Why.MENTIONED, Why.SPOKE)

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    item: Any = TenantForeignKey(Item, on_delete=models.PROTECT, null=True, related_name="watches")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    why = models.CharField(max_length=10, choices=Why.choices, default=Why.CHOSEN)
    since = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    objects = TenantManager.from_queryset(WatchQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "deployment", "item", "user"], nulls_distinct=False, name="watch_once"
            )
        ]

    @classmethod
    def of(cls, user_id: Any, deployment_id: Any, item: Item | None = None) -> bool:
        """Whether the person follows exactly this now."""
        if item is None:
            return bool(_of_deployment(user_id, deployment_id))
        return cls.objects.filter(deployment_id=deployment_id, item=item, user_id=user_id, ended_at=None).exists()

    @classmethod
    @transaction.atomic
    def follow(cls, deployment: Deployment, item: Item | None = None, *, by: Actor) -> None:
        """Follow an item or a deployment; again changes nothing."""
        standing = cls._standing(deployment.pk, item, by)
        if standing and standing.ended_at is None:
            return
        watch = standing or cls(deployment_id=deployment.pk, item=item, user_id=by.person_id)
        watch.why, watch.ended_at = cls.Why.CHOSEN, None
        watch.save()
        record(audit.WATCH_STARTED, by=by, subject=watch)

    @classmethod
    @transaction.atomic
    def unfollow(cls, deployment: Deployment, item: Item | None = None, *, by: Actor) -> None:
        """Hear of it no more, also where a conversation would draw the person in."""
        standing = cls._standing(deployment.pk, item, by)
        if standing and standing.ended_at:
            return
        watch = standing or cls(deployment_id=deployment.pk, item=item, user_id=by.person_id)
        watch.ended_at = timezone.now()
        watch.save()
        if standing:
            record(audit.WATCH_ENDED, by=by, subject=watch)

    @classmethod
    def draw_in(cls, item: Item, people: Iterable[Any], why: str) -> None:
        """Let people follow an item that their part in it began; those who left stay out. One statement."""
        rows = [cls(deployment_id=item.deployment_id, item=item, user_id=user_id, why=why) for user_id in people]
        cls.objects.bulk_create(rows, ignore_conflicts=True)

    @classmethod
    def _standing(cls, deployment_id: Any, item: Item | None, by: Actor) -> "Watch | None":
        found = cls.objects.filter(deployment_id=deployment_id, item=item, user_id=by.person_id)
        return found.select_for_update(of=("self",)).first()


@prepared
def _of_deployment(user_id: UUID, deployment_id: UUID) -> models.QuerySet[Watch, Any]:
    return Watch.objects.filter(deployment_id=deployment_id, item=None, user_id=user_id, ended_at=None).values_list(
        "pk"
    )
