"""A person's calendar feed: a signed link that needs no sign-in and can be taken back."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import models, transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from onboarding.plans import audit
from tenancy.models import TenantModel

SALT = "plans.calendar_feed"


class CalendarFeed(TenantModel):
    """One link of one person. Another one, or none, makes it worthless."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"], condition=models.Q(revoked_at=None), name="calendar_feed_one"
            )
        ]

    @property
    def token(self) -> str:
        """The signed name of the feed, bound to its organization."""
        return signing.Signer(salt=SALT).sign_object([str(self.organization_id), str(self.pk)])

    @staticmethod
    def read(token: str) -> tuple[UUID, UUID] | None:
        """Return organization and feed of a token, or None for one that we did not sign."""
        try:
            organization, feed = signing.Signer(salt=SALT).unsign_object(token)
            return UUID(organization), UUID(feed)
        except (signing.BadSignature, ValueError, TypeError):
            return None

    @classmethod
    @transaction.atomic
    def make(cls, user: Any, *, by: Actor) -> "CalendarFeed":
        """Give a person a feed, or the one they have."""
        standing: CalendarFeed | None = cls.objects.filter(user=user, revoked_at=None).first()
        if standing:
            return standing
        feed = cls(user=user)
        feed.save(force_insert=True)
        record(audit.FEED_MADE, by=by, subject=feed)
        return feed

    @transaction.atomic
    def revoke(self, *, by: Actor) -> None:
        """Make the link worthless; twice is once."""
        feed = self.locked(self.pk)
        if feed.revoked_at:
            return
        feed.revoked_at = timezone.now()
        feed.save(update_fields=["revoked_at"])
        record(audit.FEED_REVOKED, by=by, subject=feed)
