"""How allauth's flows fit ours."""

from typing import NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by themselves: people come by invitation (`accounts.web.views.accept`)."""

    def is_open_for_signup(self, request: HttpRequest) -> NoReturn:
        """Refuse, with words for the page."""
        raise PermissionDenied("Accounts are made by invitation. Ask an administrator of your organization for one.")
