"""How allauth's flows fit ours."""

import logging
from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.http import HttpRequest
from django.utils.translation import override

from accounts import letters
from accounts.languages import known
from web.letters import dressed

log = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by themselves: people come by invitation (`accounts.web.views.accept`)."""

    def is_open_for_signup(self, request: HttpRequest) -> NoReturn:
        """Refuse, with words for the page."""
        raise PermissionDenied("Accounts are made by invitation. Ask an administrator of your organization for one.")

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """Return the text that allauth renders, and the same words in the product's look."""
        with override(_language(context)):
            return self._in_words(template_prefix, email, context, headers)

    def _in_words(
        self, template_prefix: str, email: str | list[str], context: dict[str, Any], headers: dict[str, str] | None
    ) -> EmailMessage:
        message: EmailMultiAlternatives = super().render_mail(template_prefix, email, context, headers)
        message.attach_alternative(dressed(str(message.subject), str(message.body)), "text/html")
        if holder := letters.holder_of(message.to[0]):
            letters.returnable(message, letters.Kind.PERSON, holder)
        return message

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send, and say so on the page where the mail server does not answer: the request itself goes on."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:  # smtplib's exceptions are OSErrors too
            log.warning("The mail %s was not sent (%s)", template_prefix, error)
            request = allauth_context.request
            if request is not None:
                messages.error(request, "The mail could not be sent. Try again in a minute.")


def _language(context: dict[str, Any]) -> str:
    """The language of whoever the mail is to; English for a stranger."""
    return known(getattr(context.get("user"), "language", ""))
