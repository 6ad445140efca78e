"""Who does what on a deployment."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Part, Permission
from access.require import NotAllowed, require
from accounts.models import User
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import TeamRole
from onboarding.deployments.people import Candidate, host_people, partner_people
from onboarding.deployments.web.frame import frame
from web.render import page, redirect_or_refresh, toast

SIDES = {"host": "Host", "vendor": "Vendor", "hub": "Hub"}


@require(Permission.DEPLOYMENT_READ)
@require_safe
def overview(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """The roles of the playbook, each with a person, a deputy, or a vacancy."""
    return page(request, "deployments/team.html", _context(request, deployment))


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def fill(request: HttpRequest, org: str, deployment: UUID, code: str) -> HttpResponse:
    """Put a person and a deputy in a role."""
    role = _role(deployment, code)
    people = {str(one.id): one for one in _candidates(role.side, host_people(deployment), partner_people(deployment))}
    person, deputy = request.POST.get("person", ""), request.POST.get("deputy", "")
    if person not in people or (deputy and deputy not in people):
        return _refuse(request, deployment, f"Choose a person for {role.title} from the list.")
    try:
        role.fill(
            User.objects.get(pk=person),
            deputy=User.objects.get(pk=deputy) if deputy else None,
            by=request.actor,  # type: ignore[attr-defined]
        )
    except ValueError as refusal:
        return _refuse(request, deployment, str(refusal))
    toast(request, f"{people[person].name} is {role.title}")
    return _back(request, org, deployment)


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def vacate(request: HttpRequest, org: str, deployment: UUID, code: str) -> HttpResponse:
    """Take the person out; the deputy steps in."""
    role = _role(deployment, code)
    role.vacate(by=request.actor)  # type: ignore[attr-defined]
    toast(request, f"{role.title} has changed")
    return _back(request, org, deployment)


def _context(request: HttpRequest, deployment_id: Any, refused: str = "") -> dict[str, Any]:
    lens = Lens.of(request)
    if lens.part == Part.FUNDER:
        raise NotAllowed(Permission.ITEM_READ)
    deployment = lens.deployment(deployment_id)
    roles = (
        TeamRole.objects.filter(deployment_id=deployment_id)
        .select_related("person", "deputy")
        .order_by("side", "title")
    )
    plans = lens.of_host and lens.can(Permission.DEPLOYMENT_PLAN)
    ours = host_people(deployment_id) if plans else []
    theirs = partner_people(deployment_id) if plans else []
    choices = (
        {side: [(str(one.id), one.label) for one in _candidates(side, ours, theirs)] for side in SIDES} if plans else {}
    )
    listed = list(roles)
    return {
        **frame(request, deployment, "Team"),
        "roles": listed,
        "sides": SIDES,
        "plans": plans,
        "choices": choices,
        "vacant": sum(role.person_id is None for role in listed),
        "refused": refused,
    }


def _candidates(side: str, ours: list[Candidate], theirs: list[Candidate]) -> list[Candidate]:
    """A role of the vendor's or hub's side is filled from that partner or, where there is none, by the host itself."""
    partners = [one for one in theirs if one.side == side]
    return [*partners, *ours]


def _role(deployment: UUID, code: str) -> TeamRole:
    role = TeamRole.objects.filter(deployment_id=deployment, code=code).first()
    if role is None:
        raise Http404
    return role


def _refuse(request: HttpRequest, deployment: UUID, words: str) -> HttpResponse:
    return page(request, "deployments/team.html", _context(request, deployment, words), status=422)


def _back(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    return redirect_or_refresh(request, reverse("org:deployments:team", kwargs={"org": org, "deployment": deployment}))
