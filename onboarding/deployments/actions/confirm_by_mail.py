"""The mail that tells a person what was answered in their name by a link: whoever did not do it learns of it at once."""

import logging
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from onboarding.deployments.models import ApprovalRequest
from tenancy.models import Organization

log = logging.getLogger(__name__)


def confirm(asked: ApprovalRequest, organization: Organization) -> None:
    """Write to the person once the answer is really there; a mail server that fails changes nothing about it."""
    item = asked.item
    place = reverse(
        "org:deployments:item",
        kwargs={"org": organization.slug, "deployment": asked.deployment_id, "item": item.number},
    )
    assert asked.answered_at is not None
    at = timezone.localtime(asked.answered_at)
    lines = [
        f"#{item.number} {item.title}",
        str(asked.deployment),
        "",
        f"You {asked.get_state_display().lower()} this on {at:%-d %b %Y at %H:%M} ({at.tzname()}), by the link in the mail to you.",
        *([f"Reason: {asked.note}"] if asked.note else []),
        "",
        "If it was not you, sign in, open the item again, and tell your administrator:",
        f"{settings.PUBLIC_ADDRESS}{place}",
    ]
    message = EmailMessage(
        subject=" ".join(f"{asked.get_state_display()}: {item.title}".split()),
        body="\n".join(lines),
        to=[asked.person.email],
        headers={"Auto-Submitted": "auto-generated"},
    )
    transaction.on_commit(partial(_send, message), robust=True)


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except OSError as error:  # smtplib's exceptions are OSErrors too
        log.warning("the confirmation of an approval was not sent (%s)", error)
