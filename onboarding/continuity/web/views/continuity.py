"""One page of what keeps a tool going at a site: its champion, and its money."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import NotAllowed, can, require
from accounts.models import User
from onboarding.continuity.models import ChampionHandOver, FundingSource, MonthlyCost
from onboarding.continuity.models.funding import FundingRefused
from onboarding.continuity.models.hand_over import CHAMPION, STEPS, HandOverRefused
from onboarding.continuity.runway import ALARM, LONGEST, WATCH
from onboarding.continuity.standing import cost_of, days_vacant, runway_of, state_runway
from onboarding.continuity.web.forms import CostForm, LeavingForm, SourceForm, SuccessorForm
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, TeamRole
from onboarding.deployments.web.frame import frame
from web.render import page, redirect_or_refresh, toast
from web.tables import Column, table_file

TABLE: list[Column] = [
    ("Source", "title"), ("Kind", lambda one: one.get_kind_display()), ("Left", "left"), ("As of", "as_of"),
    ("Pays from", "begins_on"), ("Pays until", "ends_on"),
]  # fmt: skip
VACANT_ALARM = 14
"""Days without a champion from which it is an alarm (domain.md 9)."""


@require(Permission.COMMENT_INTERNAL)
@require_safe
def show(request: HttpRequest, org: str, deployment: UUID) -> HttpResponseBase:
    """Show champion, deputy, hand-over and money."""
    found = _deployment(request, deployment)
    if can(request, Permission.BILLING_READ):
        sources = FundingSource.objects.filter(program_id=found.program_id).order_by("ends_on", "title")
        if file := table_file(request, "funding", TABLE, sources):
            return file
    return page(request, "continuity/show.html", _context(request, found))


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def begin(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """The champion leaves."""
    found, form = _deployment(request, deployment), LeavingForm(request.POST)
    return _save(
        request, found, form, "leaving_form", "Hand-over begun",
        lambda said: ChampionHandOver.begin(found, by=request.actor, **said),  # type: ignore[attr-defined]
    )  # fmt: skip


@require(Permission.ITEM_WORK)
@require_POST
def tick(request: HttpRequest, org: str, deployment: UUID, step: str) -> HttpResponse:
    """A step of the hand-over is done."""
    found = _deployment(request, deployment)
    return _verb(request, found, "Step done", lambda made: made.tick(step, by=request.actor))  # type: ignore[attr-defined]


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def finish(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """The successor takes the role."""
    found = _deployment(request, deployment)
    form = SuccessorForm(found, request.POST)
    if not form.is_valid():
        return page(request, "continuity/show.html", _context(request, found, successor_form=form), status=422)
    person = User.objects.get(pk=form.cleaned_data["successor"])
    return _verb(request, found, "Role handed over", lambda made: made.finish(person, by=request.actor))  # type: ignore[attr-defined]


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def withdraw(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """The champion stays."""
    found = _deployment(request, deployment)
    return _verb(request, found, "Hand-over withdrawn", lambda made: made.withdraw(by=request.actor))  # type: ignore[attr-defined]


@require(Permission.BILLING_MANAGE)
@require_POST
def note_source(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Note a funding source, or what is left of one."""
    found, form = _deployment(request, deployment), SourceForm(request.POST)

    def note(said: dict[str, Any]) -> None:
        FundingSource.note(found.program, by=request.actor, **said)  # type: ignore[attr-defined]
        state_runway(found.program)

    return _save(request, found, form, "source_form", "Funding noted", note)


@require(Permission.BILLING_MANAGE)
@require_POST
def note_cost(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Note what a month costs."""
    found, form = _deployment(request, deployment), CostForm(request.POST)

    def note(said: dict[str, Any]) -> None:
        MonthlyCost.note(found.program, by=request.actor, **said)  # type: ignore[attr-defined]
        state_runway(found.program)

    return _save(request, found, form, "cost_form", "Monthly cost noted", note)


def _context(request: HttpRequest, deployment: Deployment, refused: str = "", **forms: Any) -> dict[str, Any]:
    today = timezone.localdate()
    role = TeamRole.objects.filter(deployment=deployment, code=CHAMPION).select_related("person", "deputy").first()
    running = ChampionHandOver.objects.running().filter(deployment=deployment).select_related("leaving").first()
    money = can(request, Permission.BILLING_READ)
    months = runway_of(deployment.program) if money else None
    vacant = days_vacant(role, today) if role else 0
    return {
        **frame(request, deployment, "Continuity"),
        "role": role,
        "vacant": vacant,
        "vacant_alarm": vacant > VACANT_ALARM,
        "hand_over": running,
        "steps": [(key, title, _day(running.done.get(key))) for key, title in STEPS.items()] if running else [],
        "past": ChampionHandOver.objects.filter(deployment=deployment, state="done")
        .select_related("leaving", "successor")
        .order_by("-ended_at")[:5],
        "plans": can(request, Permission.DEPLOYMENT_PLAN),
        "works": can(request, Permission.ITEM_WORK),
        "money": money,
        "manages_money": can(request, Permission.BILLING_MANAGE),
        "sources": list(FundingSource.objects.filter(program_id=deployment.program_id).order_by("ends_on", "title"))
        if money
        else [],
        "cost": cost_of(deployment.program) if money else None,
        "months": months,
        "longest": LONGEST,
        "runway_look": ""
        if months is None
        else "blocked"
        if months < ALARM
        else "at_risk"
        if months < WATCH
        else "met",
        "leaving_form": LeavingForm(),
        "successor_form": SuccessorForm(deployment),
        "source_form": SourceForm(initial={"begins_on": today}),
        "cost_form": CostForm(),
        "refused": refused,
        **forms,
    }


def _verb(
    request: HttpRequest, deployment: Deployment, said: str, verb: Callable[[ChampionHandOver], None]
) -> HttpResponse:
    running = ChampionHandOver.objects.running().filter(deployment=deployment).first()
    if running is None:
        raise Http404
    try:
        verb(running)
    except HandOverRefused as refusal:
        return page(request, "continuity/show.html", _context(request, deployment, refused=str(refusal)), status=422)
    return _done(request, deployment, said)


def _save(
    request: HttpRequest,
    deployment: Deployment,
    form: Any,
    name: str,
    said: str,
    verb: Callable[[dict[str, Any]], Any],
) -> HttpResponse:
    if form.is_valid():
        try:
            verb(form.cleaned_data)
        except (FundingRefused, HandOverRefused) as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, deployment, said)
    return page(request, "continuity/show.html", _context(request, deployment, **{name: form}), status=422)


def _done(request: HttpRequest, deployment: Deployment, said: str) -> HttpResponse:
    toast(request, said)
    org = request.organization.slug  # type: ignore[attr-defined]
    return redirect_or_refresh(
        request, reverse("org:continuity:show", kwargs={"org": org, "deployment": deployment.pk})
    )


def _deployment(request: HttpRequest, pk: UUID) -> Deployment:
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.COMMENT_INTERNAL)
    return Lens.of(request).deployment(pk)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
