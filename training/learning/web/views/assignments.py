"""One learner's course as a manager sees it: where it stands, exemptions, certificate."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from audit.timeline import timeline
from training.learning.actions.revoke_completion import revoke_completion
from training.learning.actions.withdraw_assignment import withdraw_assignment
from training.learning.models import (
    Assignment,
    AttemptResult,
    Attestation,
    Completion,
    Exemption,
    ObservedCompetency,
)
from training.learning.models.exemption import ExemptionRefused
from training.learning.standing import standings
from training.learning.web.outline import Outline
from web.forms import DateInput, Form
from web.render import page, toast


class ExemptionForm(Form):
    """What is asked for, why, until when."""

    kind = forms.ChoiceField(label="Kind", choices=Exemption.Kind.choices)
    reason = forms.CharField(
        label="Reason", max_length=500, widget=forms.Textarea(attrs={"rows": 3}), help_text="The approver reads it."
    )
    until = forms.DateField(label="Last day of a waiver", required=False, widget=DateInput())


@require_safe
@require(Permission.TRAINING_NAMES)
def assignment(request: HttpRequest, org: str, assignment: UUID) -> HttpResponse:
    """Show where it stands and what can be done."""
    return _page(request, org, _found(assignment), ExemptionForm())


@require_POST
@require(Permission.TRAINING_MANAGE)
def ask(request: HttpRequest, org: str, assignment: UUID) -> HttpResponse:
    """Ask for a waiver or an equivalence; somebody else decides."""
    found, form = _found(assignment), ExemptionForm(request.POST)
    if form.is_valid():
        try:
            Exemption.ask(found, **form.cleaned_data, by=request.actor)  # type: ignore[attr-defined]
            toast(request, "Asked. A second person decides")
            return _back(org, found.pk)
        except ExemptionRefused as refused:
            form.add_error(None, str(refused))
    return _page(request, org, found, form, status=422)


@require_POST
@require(Permission.TRAINING_MANAGE)
def withdraw(request: HttpRequest, org: str, assignment: UUID) -> HttpResponse:
    """Take the course back."""
    found = _found(assignment)
    withdraw_assignment(found, by=request.actor)  # type: ignore[attr-defined]
    toast(request, f"{found.course.title} withdrawn")
    return HttpResponseRedirect(reverse("org:training:people", kwargs={"org": org}))


@require_POST
@require(Permission.TRAINING_MANAGE)
def revoke(request: HttpRequest, org: str, completion: UUID) -> HttpResponse:
    """Take a completion back with a reason."""
    found = Completion.objects.filter(pk=completion).select_related("assignment").first()
    if found is None:
        raise Http404
    try:
        revoke_completion(found, request.POST.get("because", ""), by=request.actor)  # type: ignore[attr-defined]
    except ValueError as refused:
        toast(request, str(refused))
    return _back(org, found.assignment_id)


def _page(request: HttpRequest, org: str, found: Assignment, form: ExemptionForm, status: int = 200) -> HttpResponse:
    [standing] = standings([found])
    results = AttemptResult.objects.filter(attempt__progress__assignment=found).select_related("attempt__progress")
    context: dict[str, Any] = {
        "assignment": found,
        "standing": standing,
        "outline": Outline(found, org),
        "results": list(results.order_by("-finished_at")),
        "completions": list(found.completions.order_by("-passed_at").select_related("version")),
        "attestations": list(Attestation.objects.filter(assignment=found).order_by("-signed_at")),
        "observations": list(ObservedCompetency.objects.filter(assignment=found).order_by("-observed_at")),
        "exemptions": list(found.exemptions.order_by("-asked_at")),
        "form": form,
        "history": timeline(found.pk),
        "manage": can(request, Permission.TRAINING_MANAGE),
    }
    return page(request, "training/assignment.html", context, status=status)


def _found(pk: UUID) -> Assignment:
    rows = Assignment.objects.select_related("version", "course", "site", "learner", "user")
    found = rows.filter(pk=pk, withdrawn_at=None).first()
    if found is None:
        raise Http404
    return found


def _back(org: str, pk: UUID) -> HttpResponse:
    return HttpResponseRedirect(reverse("org:training:assignment", kwargs={"org": org, "assignment": pk}))
