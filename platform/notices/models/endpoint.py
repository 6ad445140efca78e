"""Where an organization takes messages by webhook."""

import base64
import hashlib
import hmac

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from audit.actor import Actor
from audit.models.event import record
from notices import audit
from notices.public_addresses import resolve
from tenancy.models import TenantModel
from tenancy.scope import current


class WebhookEndpoint(TenantModel):
    """One address per organization. Its signing secret is worked out from the installation's key: no table keeps it."""

    url = models.URLField(max_length=500)
    active = models.BooleanField(default=True)
    key_number = models.PositiveIntegerField(default=1, help_text="Counts up when the secret is renewed")
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["organization"], name="webhook_endpoint_once")]

    def __str__(self) -> str:
        return self.url

    @property
    def secret(self) -> str:
        """The signing secret as receivers take it (standardwebhooks.com)."""
        said = f"webhook {self.organization_id} {self.pk} {self.key_number}".encode()
        return "whsec_" + base64.b64encode(hmac.digest(settings.SECRET_KEY.encode(), said, hashlib.sha256)).decode()

    @classmethod
    def standing(cls) -> "WebhookEndpoint | None":
        """Return the endpoint of the organization in scope that takes messages."""
        found: WebhookEndpoint | None = cls.objects.filter(active=True).first()
        return found

    @classmethod
    @transaction.atomic
    def put(cls, url: str, *, by: Actor) -> "WebhookEndpoint":
        """Send to this address from now on; the same again changes nothing. Raises AddressRefused for one that is not public."""
        resolve(url)
        cls.objects.bulk_create(
            [cls(organization_id=current().organization_id, url=url, active=False)], ignore_conflicts=True
        )
        endpoint: WebhookEndpoint = cls.objects.select_for_update(no_key=True, of=("self",)).get()
        if endpoint.active and endpoint.url == url:
            return endpoint
        endpoint.url, endpoint.active, endpoint.changed_at = url, True, timezone.now()
        endpoint.key_number += 1
        endpoint.save(update_fields=["url", "active", "changed_at", "key_number"])
        record(audit.WEBHOOK_SET, by=by, subject=endpoint, url=url)
        return endpoint

    @transaction.atomic
    def renew_secret(self, *, by: Actor) -> "WebhookEndpoint":
        """Sign with a new secret from now on."""
        endpoint: WebhookEndpoint = self.locked(self.pk)
        endpoint.key_number += 1
        endpoint.changed_at = timezone.now()
        endpoint.save(update_fields=["key_number", "changed_at"])
        record(audit.WEBHOOK_SECRET_RENEWED, by=by, subject=endpoint)
        return endpoint

    @transaction.atomic
    def turn_off(self, *, by: Actor, reason: str = "It is not wanted any more.") -> None:
        """Send nothing more there. Twice is once."""
        endpoint: WebhookEndpoint = self.locked(self.pk)
        if not endpoint.active:
            return
        endpoint.active, endpoint.changed_at = False, timezone.now()
        endpoint.save(update_fields=["active", "changed_at"])
        record(audit.WEBHOOK_TURNED_OFF, by=by, subject=endpoint, reason=reason)
