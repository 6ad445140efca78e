"""People of the organization: who they are, what they may do, and ending it."""

from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import SECOND_FACTOR_ROLES, Permission, Role
from access.require import can, demand, require
from accounts import second_factor
from accounts.as_of import members_at
from accounts.models import Membership, MembershipSite
from accounts.models.membership import LastOwner
from accounts.web.console_forms import MemberForm
from audit.timeline import timeline
from web.forms import MomentForm
from web.render import page, toast
from web.tables import Column, table_file

LATEST = 20
STOOD: list[Column] = [
    ("Name", "user"), ("E-mail", "user.email"), ("Title", "title"), ("Roles", "role_words"), ("Sites", "site_words"),
    ("Joined", "joined_at"),
]  # fmt: skip
TABLE: list[Column] = [
    ("Name", "member.user"), ("E-mail", "member.user.email"), ("Title", "member.title"), ("Roles", "roles"), ("Sites", "sites"),
    ("Second factor", "factor"), ("Joined", "member.joined_at"), ("Last seen", "seen"),
]  # fmt: skip


@require_safe
def console(request: HttpRequest, org: str) -> HttpResponse:
    """The console opens with its people."""
    return redirect("org:console:people", org=org)


@require(Permission.PEOPLE_READ)
@require_safe
def people(request: HttpRequest, org: str) -> HttpResponseBase:
    """List the members."""
    wanted = request.GET.get("role", "")
    members = Membership.objects.active().select_related("user").order_by("user__name", "pk")
    total = members.count()
    if wanted in set(Role):
        members = members.with_role(Role(wanted))
    lines = _lines(list(members))
    if file := table_file(request, "people", TABLE, lines):
        return file
    context = {
        "lines": lines,
        "total": total,
        "role": Role(wanted) if wanted in set(Role) else None,
        "choices": [(role.title, f"?role={role.value}", role.value == wanted) for role in Role],
        "may_manage": can(request, Permission.PEOPLE_MANAGE),
    }
    return page(request, "accounts/console/people.html", context)


@require(Permission.PEOPLE_READ)
@require_safe
def as_of(request: HttpRequest, org: str) -> HttpResponseBase:
    """Who belonged here at the moment of the address, as what and where."""
    form, at = MomentForm.asked(request)
    members = members_at(at) if form.is_valid() else []
    if form.is_valid() and (file := table_file(request, f"people-{at:%Y-%m-%d-%H%M}", STOOD, members)):
        return file
    context = {"form": form, "at": at, "members": members}
    return page(request, "accounts/console/people_as_of.html", context, status=200 if form.is_valid() else 422)


@require(Permission.PEOPLE_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest, org: str, member: UUID) -> HttpResponse:
    """Show a member; change roles and sites."""
    found = _find(member)
    may_manage = can(request, Permission.PEOPLE_MANAGE)
    form = MemberForm(request.POST or None, member=found, actor_roles=request.actor.roles)  # type: ignore[attr-defined]
    if request.method == "POST":
        demand(request, Permission.PEOPLE_MANAGE)
        if form.is_valid():
            try:
                found.set_reach(form.cleaned_data["roles"], list(form.cleaned_data["sites"]), by=request.actor)  # type: ignore[attr-defined]
            except LastOwner as refused:
                form.add_error("roles", str(refused))
            else:
                toast(request, f"{found.user} changed")
                return redirect("org:console:person", org=org, member=found.pk)
    context = {
        "member": found,
        "line": _lines([found])[0],
        "form": form,
        "may_manage": may_manage,
        "history": timeline(found.pk, limit=LATEST),
        "own": found.user_id == request.user.pk,
    }
    return page(request, "accounts/console/person.html", context, status=422 if form.errors else 200)


@require(Permission.PEOPLE_MANAGE)
@require_POST
def remove(request: HttpRequest, org: str, member: UUID) -> HttpResponse:
    """Remove a member; their sessions, links and tokens stop at the next request."""
    found = _find(member)
    try:
        found.end(by=request.actor)  # type: ignore[attr-defined]
    except LastOwner as refused:
        form = MemberForm(None, member=found, actor_roles=request.actor.roles)  # type: ignore[attr-defined]
        context = {
            "member": found,
            "line": _lines([found])[0],
            "form": form,
            "may_manage": True,
            "refused": str(refused),
        }
        context |= {"history": timeline(found.pk, limit=LATEST), "own": found.user_id == request.user.pk}
        return page(request, "accounts/console/person.html", context, status=409)
    toast(request, f"{found.user} removed")
    return redirect("org:console:people", org=org)


def _find(member: UUID) -> Membership:
    found = Membership.objects.active().select_related("user").filter(pk=member).first()
    if found is None:
        raise Http404
    return found


def _lines(members: list[Membership]) -> list[dict[str, Any]]:
    """What the table shows, in four queries whatever the number of people."""
    users = [member.user_id for member in members]
    seen = dict(
        UserSession.objects.filter(user__in=users).values_list("user").annotate(last=Max("last_seen_at")).order_by()
    )
    with_factor = set(
        Authenticator.objects.filter(user__in=users, type__in=second_factor.FACTORS).values_list("user_id", flat=True)
    )
    sites: dict[UUID, list[str]] = {}
    limits = MembershipSite.objects.filter(membership__in=members).values_list("membership_id", "site__name")
    for membership_id, name in limits:
        sites.setdefault(membership_id, []).append(name)
    return [
        {
            "member": member,
            "roles": ", ".join(Role(role).title for role in member.roles),
            "sites": sorted(sites.get(member.pk, [])),
            "seen": max(filter(None, [seen.get(member.user_id), member.user.last_login]), default=None),
            "factor": member.user_id in with_factor,
            "needs_factor": bool(SECOND_FACTOR_ROLES & set(member.roles)),
        }
        for member in members
    ]
