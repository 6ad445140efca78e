"""Why did I not get one? For administrators about anybody, and for everybody about themselves."""

from datetime import date
from typing import Any, cast
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import require
from accounts.models import Membership, User
from notices.explain import Group, asked
from notices.ledger import read_day
from notices.models import Reminder
from notices.web.views.mine import at_home
from web.render import page


@require_safe
@require(Permission.LEDGER_READ)
def why(request: OrganizationRequest, org: str) -> HttpResponse:
    """Explain what a person got for a day, about everything or one thing."""
    people = _people()
    chosen = people.get(request.GET.get("who", ""))
    return page(request, "notices/why.html", {**_answered(request, chosen), "people": people, "own": False})


@require_safe
@at_home
def why_mine(request: OrganizationRequest, org: str) -> HttpResponse:
    """Explain the same of oneself. Everybody in the organization may."""
    return page(
        request, "notices/why.html", {**_answered(request, cast("User", request.user)), "people": {}, "own": True}
    )


def _answered(request: OrganizationRequest, person: User | None) -> dict[str, Any]:
    day: date = read_day(request.GET.get("day", "")) or timezone.localdate()
    about = request.GET.get("about", "").strip()[:120]
    groups: list[Group] = asked(person, day, about) if person else []
    return {"person": person, "day": day, "about": about, "groups": groups}


def _people() -> dict[str, User]:
    """Members, and whoever ever had a message here: those who left and people of partners ask too."""
    members = {one.user_id for one in Membership.objects.active()}
    told: set[UUID] = set(Reminder.objects.order_by().values_list("recipient", flat=True).distinct())
    return {str(one.pk): one for one in User.objects.filter(pk__in=members | told).order_by("name", "pk")}
