"""Moving a date, seen before it is done; taking a move back; committing to the plan."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.permissions import Permission
from access.require import require
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment
from onboarding.deployments.models.deployment import CannotMove
from onboarding.deployments.web.frame import frame
from onboarding.plans.actions.commit_plan import CannotCommit, commit_plan
from onboarding.plans.actions.move_dates import (
    move_go_live,
    move_item,
    move_kick_off,
    pull_forward,
    undo_move,
)
from onboarding.plans.models import DateMove
from onboarding.plans.models.blackout import blackouts_of
from onboarding.plans.preview import (
    FORWARD,
    CannotMoveDate,
    Preview,
    go_live_preview,
    preview_forward,
    preview_item,
    preview_kick_off,
)
from onboarding.plans.standing import Standing, standing
from onboarding.plans.web.forms import KICK_OFF, MoveForm
from onboarding.plans.web.people import Owners
from web.formats import day, plural
from web.render import htmx_or_page, redirect_or_refresh, toast
from web.whole_tables import shown_rows

SHOWN = 20


@require(Permission.DEPLOYMENT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """A date in the address shows every shift; the form below applies it, with the reason."""
    found = Lens.of(request).deployment(deployment)
    plan, applying = standing(found), request.method == "POST"
    asked = request.POST if applying else request.GET
    form = MoveForm(asked if "to" in asked else None, plan=plan, reason_wanted=applying, initial=request.GET.dict())
    preview = None
    try:
        if applying and form.is_valid():
            return _applied(request, found, plan, form.cleaned_data)
        if form.is_valid() or (applying and set(form.errors) == {"reason"}):
            preview = _preview(plan, form.cleaned_data)
    except (CannotMove, ValueError) as refusal:
        form.add_error(None, str(refusal))
    context = _context(request, found, form, preview)
    status = 422 if form.is_bound and form.errors else 200
    return htmx_or_page(request, "plans/move.html", "preview", context, status=status)


@require(Permission.DEPLOYMENT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def forward(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """What early finishes won: shown first, taken up when somebody confirms it."""
    found = Lens.of(request).deployment(deployment)
    refused = ""
    if request.method == "POST":
        try:
            moved = pull_forward(found, by=request.actor)  # type: ignore[attr-defined]
        except CannotMove as refusal:
            refused = str(refusal)
        else:
            return _done(request, found, moved, "Work pulled forward")
    preview = preview_forward(found, today=timezone.localdate())
    context = {**_shown(preview), **frame(request, found, ""), "refused": refused}
    return htmx_or_page(request, "plans/forward.html", "preview", context, status=422 if refused else 200)


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def undo(request: HttpRequest, org: str, deployment: UUID, move: UUID) -> HttpResponse:
    """Put the dates back as they were before a move."""
    found = Lens.of(request).deployment(deployment)
    standing_move = DateMove.objects.filter(pk=move, deployment_id=found.pk).first()
    if standing_move is None:
        raise Http404
    try:
        undo_move(standing_move, by=request.actor)  # type: ignore[attr-defined]
    except (CannotMove, CannotMoveDate) as refusal:
        toast(request, f"Not undone. {refusal}")
    else:
        toast(request, f"The move is undone, {plural(len(standing_move.shifts), 'due date')} put back")
    return redirect_or_refresh(request, _timeline(request, found))


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def commit(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Make the plan as it stands the baseline."""
    found = Lens.of(request).deployment(deployment)
    try:
        kept = commit_plan(found, by=request.actor, reason=request.POST.get("reason", "")[:500])  # type: ignore[attr-defined]
    except CannotCommit as refusal:
        toast(request, f"Not committed. {refusal}")
    else:
        toast(request, f"The plan for {day(kept.go_live_on)} is the baseline")
    return redirect_or_refresh(request, _timeline(request, found))


def _preview(plan: Standing, asked: dict[str, Any]) -> Preview:
    today = timezone.localdate()
    if asked["item"] == KICK_OFF:
        return preview_kick_off(plan.deployment, asked["to"], today=today)
    if not asked["item"]:
        frozen = blackouts_of([plan.deployment])[plan.deployment.pk]
        return go_live_preview(plan, asked["to"], frozen, today=today)
    return preview_item(plan.deployment, _item(plan, asked["item"]), asked["to"], today=today)


def _applied(request: HttpRequest, found: Deployment, plan: Standing, asked: dict[str, Any]) -> HttpResponse:
    by, reason = request.actor, asked["reason"]  # type: ignore[attr-defined]
    if asked["item"] == KICK_OFF:
        moved = move_kick_off(found, asked["to"], by=by, reason=reason)
        return _done(request, found, moved, f"Kick-off is {day(asked['to'])}")
    if not asked["item"]:
        moved = move_go_live(found, asked["to"], by=by, reason=reason)
        return _done(request, found, moved, f"Go-live is {day(asked['to'])}")
    moved = move_item(found, _item(plan, asked["item"]), asked["to"], by=by, reason=reason)
    return _done(request, found, moved, f"#{asked['item']} is due {day(asked['to'])}")


def _done(request: HttpRequest, found: Deployment, moved: DateMove | None, said: str) -> HttpResponse:
    place = {"org": request.organization.slug, "deployment": found.pk}  # type: ignore[attr-defined]
    if moved is None:
        toast(request, "Nothing moves: the dates stand already")
    else:
        undo_address = reverse("org:plans:undo", kwargs={**place, "move": moved.pk})
        toast(request, f"{said}, {plural(len(moved.shifts), 'due date')} moved", undo_url=undo_address)
    return redirect_or_refresh(request, _timeline(request, found))


def _context(request: HttpRequest, found: Deployment, form: MoveForm, preview: Preview | None) -> dict[str, Any]:
    form.fields["item"].required = True  # go-live is its empty choice: nothing here is optional
    if preview is not None:
        form.fields["reason"].required = True
    moves = DateMove.objects.filter(deployment_id=found.pk).select_related("item").order_by("-at")
    return {
        **_shown(preview),
        **frame(request, found, ""),
        "form": form,
        "moves": shown_rows(request.GET, moves, SHOWN),
        "forward_kind": FORWARD,
        "asked_item": form["item"].value() or "",
        "asked_title": str(preview.item)
        if preview and preview.item
        else "Kick-off"
        if preview and preview.kind == "kick_off"
        else "Go-live",
    }


def _shown(preview: Preview | None) -> dict[str, Any]:
    """Return a preview with the names of those whom each shift concerns."""
    if preview is None:
        return {"preview": None, "shifts": []}
    owners = Owners(shift.item for shift in preview.shifts)
    shifts = [{"shift": shift, "who": owners.name(shift.item)} for shift in preview.shifts]
    return {"preview": preview, "shifts": shifts}


def _item(plan: Standing, number: str) -> UUID:
    return next(row.id for row in plan.rows.values() if str(row.number) == number)


def _timeline(request: HttpRequest, found: Deployment) -> str:
    return reverse(
        "org:plans:timeline",
        kwargs={"org": request.organization.slug, "deployment": found.pk},  # type: ignore[attr-defined]
    )
