"""The routines of a deployment."""

from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.permissions import Permission
from access.require import NotAllowed, can, demand, require
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, TeamRole
from onboarding.deployments.models.calendar import working_calendar
from onboarding.deployments.web.frame import frame
from onboarding.logbook.actions.grow import FAR_AHEAD
from onboarding.logbook.models import Routine
from onboarding.logbook.models.routine import USUAL, RoutineRefused
from onboarding.logbook.web.forms import RoutineForm
from web.render import page, redirect_or_refresh, toast

SHOWN = 3


@require(Permission.COMMENT_INTERNAL)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """What comes round, when next; POST begins another."""
    found = _deployment(request, deployment)
    form = RoutineForm(request.POST if request.method == "POST" else None, deployment=found)
    status = 200
    if request.method == "POST":
        demand(request, Permission.DEPLOYMENT_PLAN)
        if form.is_valid():
            try:
                routine = Routine.begin(found, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
            except RoutineRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                toast(request, f"“{routine.title}” comes round from now on")
                return redirect_or_refresh(request, _place(org, deployment))
        status = 422
    context = {**frame(request, found, "Routines"), "form": form, "routines": _rows(found), "usual": USUAL}
    context["plans"] = can(request, Permission.DEPLOYMENT_PLAN)
    return page(request, "logbook/routines.html", context, status=status)


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def usual(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Begin the usual routines whose team role the deployment has."""
    found = _deployment(request, deployment)
    roles = set(TeamRole.objects.filter(deployment=found).values_list("code", flat=True))
    with transaction.atomic():
        for title, owner, during, after in USUAL:
            if owner in roles:
                Routine.begin(found, title=title, owner=owner, during=during, after=after, by=request.actor)  # type: ignore[attr-defined]
    toast(request, "The usual routines come round from now on")
    return redirect_or_refresh(request, _place(org, deployment))


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def end(request: HttpRequest, org: str, deployment: UUID, routine: UUID) -> HttpResponse:
    """Let a routine come round no more."""
    _deployment(request, deployment)
    found = Routine.objects.filter(pk=routine, deployment_id=deployment).first()
    if found is None:
        raise Http404
    found.end(by=request.actor)  # type: ignore[attr-defined]
    toast(request, f"“{found.title}” has ended; its items stay")
    return redirect_or_refresh(request, _place(org, deployment))


def _rows(deployment: Deployment) -> list[dict[str, object]]:
    titles = dict(TeamRole.objects.filter(deployment=deployment).values_list("code", "title"))
    today, calendar = timezone.localdate(), working_calendar(deployment.site)
    live = timezone.localdate(deployment.went_live_at) if deployment.went_live_at else deployment.go_live_on
    until = max(today, live) + 4 * FAR_AHEAD
    return [
        {
            "routine": one,
            "owner": titles.get(one.owner, one.owner),
            "next": [day for day in one.occurrences(live, until, calendar) if day >= today][:SHOWN],
        }
        for one in Routine.objects.filter(deployment=deployment, ended_at=None).order_by("title")
    ]


def _deployment(request: HttpRequest, pk: UUID) -> Deployment:
    found = Lens.of(request).deployment(pk)
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.COMMENT_INTERNAL)
    return found


def _place(org: str, deployment: UUID) -> str:
    return reverse("org:logbook:routines", kwargs={"org": org, "deployment": deployment})
