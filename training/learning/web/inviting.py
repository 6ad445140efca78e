"""Inviting a learner who is not a member yet, for those who manage people."""

from collections.abc import Callable

from django.http import HttpRequest

from access.permissions import Permission, Role
from access.require import can
from accounts.models import Invitation
from accounts.web.mail import send_after_commit


def inviter(request: HttpRequest) -> Callable[[str], None] | None:
    """Return what invites an address as a learner and mails the link; None for who may not invite."""
    if not can(request, Permission.PEOPLE_MANAGE):
        return None

    def invite(email: str) -> None:
        if Invitation.objects.standing().filter(email__iexact=email).exists():
            return
        actor = request.actor  # type: ignore[attr-defined]
        invitation, secret = Invitation.make(email=email, roles=[Role.LEARNER], by=actor)
        send_after_commit(invitation, secret, request.organization, str(request.user))  # type: ignore[attr-defined]

    return invite
