"""The mail that carries an invitation. The secret is in this message and nowhere else."""

import logging
from datetime import UTC
from functools import partial
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from accounts import letters
from accounts.models import Invitation
from tenancy.models import Organization
from tenancy.scope import scope

log = logging.getLogger(__name__)


def send_after_commit(invitation: Invitation, secret: str, organization: Organization, sender: str) -> None:
    """Mail the link once the invitation is really there; a mail server that fails leaves it "not sent"."""
    context = {
        "organization": organization,
        "sender": sender,
        "roles": [role.replace("_", " ") for role in invitation.roles],
        "link": settings.PUBLIC_ADDRESS + reverse("accounts:invitation", args=[secret]),
        "expires_at": invitation.expires_at,
    }
    with timezone.override(UTC):  # the message says "UTC": nobody's zone is known yet
        text = render_to_string("accounts/mail/invitation.txt", context, using="jinja2")
        html = render_to_string("accounts/mail/invitation.html", context, using="jinja2")
    message = EmailMultiAlternatives(
        subject=" ".join(f"{sender} invites you to {organization.name} on Causeway".split()),
        body=text.strip(),
        to=[invitation.email],
    )
    message.attach_alternative(html, "text/html")
    letters.returnable(message, letters.Kind.INVITATION, invitation.pk, organization.pk)
    transaction.on_commit(partial(_send, message, organization.pk, invitation.pk), robust=True)


def _send(message: EmailMultiAlternatives, organization_id: UUID, invitation_id: UUID) -> None:
    try:
        message.send()
    except OSError as error:  # smtplib's exceptions are OSErrors too
        log.warning("The invitation %s was not sent (%s); it can be sent again", invitation_id, error)
        return
    with scope(organization_id):
        Invitation.objects.get(pk=invitation_id).mark_sent()
