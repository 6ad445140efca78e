"""The mails around an answer by a link: the code it may need, and what was answered in a person's name.

Whoever did not do it learns of it at once.
"""

import logging
from functools import partial

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.letters import Kind, returnable
from audit.actor import Actor
from audit.models.event import record
from onboarding.deployments import audit
from onboarding.deployments.models import ApprovalCode, ApprovalRequest
from onboarding.deployments.models.approval_code import LASTS
from tenancy.models import Organization
from web.letters import letter

log = logging.getLogger(__name__)

MACHINE = {"Auto-Submitted": "auto-generated"}


def confirm(asked: ApprovalRequest, organization: Organization) -> None:
    """Write to the person once the answer is really there; a mail server that fails changes nothing about it."""
    item = asked.item
    place = reverse(
        "org:deployments:item",
        kwargs={"org": organization.slug, "deployment": asked.deployment_id, "item": item.number},
    )
    assert asked.answered_at is not None
    at = timezone.localtime(asked.answered_at)
    message = letter(
        f"{asked.get_state_display()}: {item.title}",
        [
            f"#{item.number} {item.title}\n{asked.deployment}",
            f"You {asked.get_state_display().lower()} this on {at:%-d %b %Y at %H:%M} ({at.tzname()}), by the link in the mail to you.",
            "If it was not you, sign in, open the item again, and tell your administrator:",
            f"{settings.PUBLIC_ADDRESS}{place}",
            "This message holds no patient data. Links need sign-in.",
        ],
        to=asked.person.email,
        action="Open the item",
        headers=MACHINE,
    )
    returnable(message, Kind.PERSON, asked.person_id, asked.organization_id)
    transaction.on_commit(partial(_send, message), robust=True)


@transaction.atomic
def send_code(asked: ApprovalRequest, browser: str, *, by: Actor) -> None:
    """Mail a new code for this question and browser; raise ApprovalRefused where too many were sent."""
    digits = ApprovalCode.make(asked, browser)
    item = asked.item
    record(audit.APPROVAL_CODE_SENT, by=by, subject=asked, number=item.number, title=item.title)
    minutes, about = int(LASTS.total_seconds() // 60), f"#{item.number} {item.title}, {asked.deployment}"
    message = letter(
        "Your code to answer an approval",
        [
            digits,
            f"Type this in on the page on which you asked for it. It is valid for {minutes} minutes and answers {about}, and nothing else.",
            "If you did not ask for it, somebody opened the link that was mailed to you: tell your administrator.",
            "Nobody will ask you for this code by phone or by mail.",
        ],
        to=asked.person.email,
        headers=MACHINE,
    )
    returnable(message, Kind.PERSON, asked.person_id, asked.organization_id)
    transaction.on_commit(partial(_send, message), robust=True)


def _send(message: EmailMultiAlternatives) -> None:
    try:
        message.send()
    except OSError as error:  # smtplib's exceptions are OSErrors too
        log.warning("a mail about an approval was not sent (%s)", error)
