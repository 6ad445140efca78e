"""Pages that hand out what outlives a session ask once more who is there: an unlocked screen is not enough."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from django.http import HttpRequest, HttpResponse

from web.render import redirect_or_refresh


def proved_again(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let whoever gave a factor again within five minutes in; ask everybody else, and bring them back to the page.

    What was sent meanwhile is not done: allauth would do it outside the organization.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_reauthentication_required(request, app="allauth.account"):
            [way, *_] = get_adapter().get_reauthentication_methods(request.user)
            return redirect_or_refresh(request, f"{way['url']}?{urlencode({'next': request.path})}")
        return view(request, *args, **kwargs)

    return guarded
