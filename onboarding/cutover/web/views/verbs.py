"""What is done in a run: each verb an address, each POST answered by the run as it then is."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import NotAllowed, require
from onboarding.cutover.actions.alarms import decide as decide_on
from onboarding.cutover.actions.report_figures import report_figures
from onboarding.cutover.clock import zone_of
from onboarding.cutover.models import Alarm, Run, RunRefused, StepConflict
from onboarding.cutover.web.forms import DecideForm, DoneForm, EntryForm, TriggerForm
from onboarding.cutover.web.reading import may_close, room, runs_page
from onboarding.cutover.web.views.overview import address_of
from web.forms import ReasonForm
from web.render import page, redirect_or_refresh, render_fragment

Work = Callable[..., str]


def verb(permission: Permission) -> Callable[[Work], Callable[..., HttpResponse]]:
    """Make a view of a function that does one thing to a run and says what it did.

    A refusal is shown in the run with 422, another's closing of the same step with 409; both change nothing.
    """

    def make(work: Work) -> Callable[..., HttpResponse]:
        @require(permission)
        @require_POST
        def view(request: OrganizationRequest, org: str, run: UUID, **place: Any) -> HttpResponse:
            found = get_object_or_404(Run.objects.select_related("deployment__site"), pk=run)
            try:
                said = work(request, found, **place)
            except RunRefused as refusal:
                return _answer(request, found, refused=refusal)
            return _answer(request, found, said=said)

        view.__name__ = view.__qualname__ = work.__name__
        view.__doc__ = work.__doc__
        return view

    return make


@verb(Permission.GO_LIVE)
def start(request: OrganizationRequest, run: Run) -> str:
    """Begin with the first step."""
    run.start(by=request.actor)
    return f"{run} started"


@verb(Permission.ITEM_WORK)
def done(request: OrganizationRequest, run: Run, number: int) -> str:
    """Close the running step."""
    if not may_close(request, run, number):
        raise NotAllowed(Permission.GO_LIVE)
    form = DoneForm(request.POST)
    if not form.is_valid():
        raise RunRefused("The time or the note of this step cannot be read.")
    run.finish_step(number, by=request.actor, note=form.cleaned_data["note"], at=form.cleaned_data["at"])
    return f"Step {number} done"


@verb(Permission.GO_LIVE)
def skip(request: OrganizationRequest, run: Run, number: int) -> str:
    """Leave the running step out."""
    run.skip_step(number, by=request.actor, reason=_reason(request))
    return f"Step {number} skipped"


@verb(Permission.GO_LIVE)
def hold(request: OrganizationRequest, run: Run) -> str:
    """Stop the clockwork."""
    run.hold(by=request.actor, reason=_reason(request))
    return f"{run} is held"


@verb(Permission.GO_LIVE)
def resume(request: OrganizationRequest, run: Run) -> str:
    """Go on."""
    run.resume(by=request.actor)
    return f"{run} goes on"


@verb(Permission.GO_LIVE)
def roll_back(request: OrganizationRequest, run: Run) -> str:
    """Turn round."""
    run.roll_back(by=request.actor, reason=_reason(request))
    return "The rollback began"


@verb(Permission.GO_LIVE)
def abandon(request: OrganizationRequest, run: Run) -> str:
    """Give the run up."""
    run.abandon(by=request.actor, reason=_reason(request))
    return f"{run} given up"


@verb(Permission.ITEM_WORK)
def say(request: OrganizationRequest, run: Run) -> str:
    """Write into the command log."""
    form = EntryForm(request.POST)
    run.say(form.cleaned_data["text"] if form.is_valid() else "", by=request.actor)
    return "Entry added"


@verb(Permission.GO_LIVE)
def figures(request: OrganizationRequest, run: Run) -> str:
    """Report what the triggers read."""
    form = TriggerForm(request.POST)
    if not form.is_valid():
        raise RunRefused("; ".join(f"{form.fields[name].label}: {words[0]}" for name, words in form.errors.items()))
    report_figures(run, form.figures(), by=request.actor)
    return "Figures reported"


@verb(Permission.ITEM_WORK)
def decide(request: OrganizationRequest, run: Run, alarm: UUID) -> str:
    """Go on or roll back, after a trigger fired; the verb knows whose decision it is."""
    if request.part is not None:
        raise NotAllowed(Permission.GO_LIVE)
    found = get_object_or_404(Alarm, pk=alarm, run=run)
    form = DecideForm(request.POST, prefix=f"alarm-{alarm}")
    if not form.is_valid():
        raise RunRefused("Choose: go on, or roll back; and say why.")
    decide_on(found, form.cleaned_data["decision"], reason=form.cleaned_data["reason"], by=request.actor)
    return "Decided"


def _typed(request: OrganizationRequest) -> dict[str, Any]:
    """Return what was typed into the form that was refused, and its address: it stays open with it."""
    again = {"address": request.path, **{name: request.POST.get(name, "") for name in ("reason", "text")}}
    shown = TriggerForm(request.POST) if request.path.endswith("/figures/") else None
    return {"again": again, **({"figures_form": shown} if shown else {})}


def _reason(request: OrganizationRequest) -> str:
    """Return the reason as far as there is one: the verb refuses an empty one in its own words."""
    form = ReasonForm(request.POST)
    return form.cleaned_data["reason"] if form.is_valid() else ""


def _answer(
    request: OrganizationRequest, run: Run, *, said: str = "", refused: RunRefused | None = None
) -> HttpResponse:
    status = 200 if refused is None else 409 if isinstance(refused, StepConflict) else 422
    if refused is None and not request.htmx:  # type: ignore[attr-defined]
        return redirect_or_refresh(request, address_of(request.organization.slug, run))
    found = Run.objects.get(pk=run.pk)
    words = {"said": said, "refused": str(refused) if refused else "", "conflict": status == 409}
    if status == 422:
        words |= _typed(request)
    with timezone.override(zone_of(found.deployment)):
        if request.htmx:  # type: ignore[attr-defined]
            return render_fragment(request, "cutover/overview.html", "run", {**room(request, found), **words}, status)
        whole = {**runs_page(request, found.deployment, found), **words}
        return page(request, "cutover/overview.html", whole, status=status)
