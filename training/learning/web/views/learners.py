"""One learner: what they must pass as what, and the day on which they move or leave."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from audit.timeline import timeline
from tenancy.models import Site
from training.learning.actions.enroll import leave
from training.learning.actions.move_learner import move_learner
from training.learning.calendar import organization_today
from training.learning.models import Assignment, Completion, LearnerProfile
from training.learning.roles import CHOICES
from training.learning.standing import standings
from web.formats import day
from web.forms import DateInput, Form
from web.render import page, toast


class MoveForm(Form):
    """Another job role or site, from a day on."""

    job_role = forms.ChoiceField(label="New job role", choices=CHOICES)
    site: Any = forms.ModelChoiceField(label="New site", queryset=Site.objects.none(), empty_label=None)
    on = forms.DateField(label="From", widget=DateInput(), help_text="The old role counts until the day before.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the organization's open sites."""
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = Site.objects.open().order_by("name")  # type: ignore[attr-defined]


class LeaveForm(Form):
    """The day on which somebody leaves."""

    on = forms.DateField(
        label="Leaves on", widget=DateInput(), help_text="From that day on they no longer count as required."
    )


@require_safe
@require(Permission.TRAINING_NAMES)
def learner(request: HttpRequest, org: str, learner: UUID) -> HttpResponse:
    """Show somebody's profiles, courses and completions."""
    return _page(request, _found(learner))


@require_POST
@require(Permission.TRAINING_MANAGE)
def move(request: HttpRequest, org: str, learner: UUID) -> HttpResponse:
    """Move somebody to another job role or site on a day."""
    found, form = _found(learner), MoveForm(request.POST)
    if form.is_valid():
        try:
            moved = move_learner(found, **form.cleaned_data, by=request.actor)  # type: ignore[attr-defined]
        except ValueError as refused:
            form.add_error(None, str(refused))
        else:
            toast(request, f"{found.user} is {moved.role_title} at {moved.site.name} from {day(moved.started_on)}")
            return _to(org, moved.pk)
    return _page(request, found, move=form, status=422)


@require_POST
@require(Permission.TRAINING_MANAGE)
def leave_on(request: HttpRequest, org: str, learner: UUID) -> HttpResponse:
    """Record the day on which a learner leaves."""
    found, form = _found(learner), LeaveForm(request.POST)
    if form.is_valid():
        try:
            leave(found, form.cleaned_data["on"], by=request.actor)  # type: ignore[attr-defined]
        except ValueError as refused:
            form.add_error("on", str(refused))
        else:
            toast(request, f"{found.user} leaves as {found.role_title} on {day(form.cleaned_data['on'])}")
            return _to(org, found.pk)
    return _page(request, found, leaving=form, status=422)


def _page(
    request: HttpRequest,
    found: LearnerProfile,
    *,
    move: MoveForm | None = None,
    leaving: LeaveForm | None = None,
    status: int = 200,
) -> HttpResponse:
    today = organization_today()
    rows = Assignment.objects.filter(user_id=found.user_id, withdrawn_at=None).select_related(
        "course", "site", "learner", "user"
    )
    passed = Completion.objects.filter(user_id=found.user_id).newest_first()
    context = {
        "learner": found,
        "here": found.left_on is None or found.left_on > today,
        "profiles": list(LearnerProfile.objects.filter(user_id=found.user_id).for_page().order_by("-started_on")),
        "standings": standings(rows.order_by("due_on", "id"), today),
        "completions": list(passed.select_related("course", "version")),
        "move": move or MoveForm(initial={"job_role": found.job_role, "site": found.site_id, "on": today}),
        "leaving": leaving or LeaveForm(initial={"on": today}),
        "manage": can(request, Permission.TRAINING_MANAGE),
        "history": timeline(found.pk),
        "day": today,
    }
    return page(request, "training/learner.html", context, status=status)


def _found(pk: UUID) -> LearnerProfile:
    found: LearnerProfile | None = LearnerProfile.objects.for_page().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _to(org: str, pk: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("org:training:learner", kwargs={"org": org, "learner": pk}))
