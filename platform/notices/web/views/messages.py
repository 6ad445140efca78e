"""What was said to oneself in this organization: also what could not be mailed."""

from typing import cast

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from access.request import OrganizationRequest
from accounts.models import User
from notices import kinds
from notices.described import named, step_in_words
from notices.models import Reminder, Suppression
from notices.web.views.deliveries import LOOKS, SHOWN_STATES
from notices.web.views.mine import at_home
from web.render import page

SHOWN = 50


@require_safe
@at_home
def mine(request: OrganizationRequest, org: str) -> HttpResponse:
    """List one's own messages, newest first. Everybody in the organization may: it shows what is theirs."""
    person = cast("User", request.user)
    rows = list(
        Reminder.objects.filter(
            recipient=person, state__in=[state for state in SHOWN_STATES if state not in ("due", "cancelled")]
        )
        .order_by("-due_at", "-pk")
        .select_related("recipient")[:SHOWN]
    )
    titles = {each.name: each.title for each in kinds.every()}
    context = {
        "lines": [{"row": row, "about": about, "title": title} for row, about, title in named(rows)],
        "kinds": titles,
        "looks": LOOKS,
        "states": SHOWN_STATES,
        "step_in_words": step_in_words,
        "suppressed": Suppression.standing_for([person.pk]).get(person.pk, []),
    }
    return page(request, "notices/my_messages.html", context)
