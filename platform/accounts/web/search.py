"""People can be found by those who may see them."""

from collections.abc import Iterable

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from access.permissions import Permission
from accounts.models import Membership
from web.find import AT_MOST, Action, Hit, Source, register, register_actions


def enter() -> None:
    """Register people, and what an administrator begins."""
    register(Source("People", "people", people, Permission.PEOPLE_READ, order=70, names=names))
    register_actions(
        Action("Invite people", "console:invite", Permission.PEOPLE_MANAGE, "new member user"),
        Action("Make an API token", "console:make_token", Permission.TOKEN_MANAGE),
    )


def people(request: HttpRequest, words: list[str]) -> Iterable[Hit]:
    """Members of the organization by name, address and title."""
    found = Membership.objects.active().select_related("user").order_by("user__name", "id")
    for word in words:
        found = found.filter(Q(user__name__icontains=word) | Q(user__email__icontains=word) | Q(title__icontains=word))
    for member in found[: AT_MOST + 1]:
        org = request.organization.slug  # type: ignore[attr-defined]
        address = reverse("org:console:person", kwargs={"org": org, "member": member.pk})
        yield Hit(str(member.user), address, member.title or member.user.email)


def names(request: HttpRequest, most: int) -> Iterable[str]:
    """Names of the organization's members."""
    return Membership.objects.active().values_list("user__name", flat=True)[:most]
