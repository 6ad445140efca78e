"""What people say on an item."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments import audit
from onboarding.deployments.models.deployment import Deployment
from onboarding.deployments.models.item import Item
from tenancy.fields import TenantForeignKey
from tenancy.models import Partners, TenantModel


class Comment(TenantModel):
    """A remark. An internal one is for the host's own people only."""

    partners = Partners.DEPLOYMENT

    deployment: Any = TenantForeignKey(Deployment, on_delete=models.PROTECT, related_name="+")
    item: Any = TenantForeignKey(Item, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    body = models.TextField(max_length=4000)
    internal = models.BooleanField(default=False)
    mentions = ArrayField(models.UUIDField(), default=list, help_text="Users named with @")
    at = models.DateTimeField(default=timezone.now)

    @classmethod
    @transaction.atomic
    def add(
        cls, item: Item, *, body: str, by: Actor, internal: bool = False, mentions: list[Any] | None = None
    ) -> "Comment":
        """Say something on an item; raise ValueError for an empty remark."""
        if not body.strip():
            raise ValueError("Write something before you comment.")
        comment = cls(
            deployment_id=item.deployment_id,
            item=item,
            author_id=by.person_id,
            body=body.strip(),
            internal=internal,
            mentions=mentions or [],
        )
        comment.save(force_insert=True)
        record(
            audit.COMMENT_ADDED,
            by=by,
            subject=comment,
            number=item.number,
            title=item.title,
            item=str(item.pk),
            mentions=[str(user) for user in comment.mentions],
            internal=internal,
        )
        item.touch()
        Deployment.touch(item.deployment_id)
        return comment
