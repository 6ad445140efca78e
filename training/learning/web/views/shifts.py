"""Superusers on every shift: planned, counted, short or not."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from access.permissions import Permission
from access.require import can, demand, require
from accounts.models import User
from training.learning.calendar import organization_today
from training.learning.coverage import coverage_of
from training.learning.facts import state_training
from training.learning.models import LearnerProfile, Rollout, Shift
from training.learning.shifts import USERS_PER_SUPERUSER, certified, shifts_of
from web.forms import Form
from web.render import page, toast


class ShiftForm(Form):
    """A shift, its users and the superusers who stand by."""

    name = forms.CharField(label="Shift", max_length=60, help_text="Weekdays, evening, weekend: as people say it.")
    users = forms.IntegerField(label="Users on it", min_value=1, max_value=5000)
    superusers = forms.MultipleChoiceField(
        label="Superusers on it", required=False, widget=forms.CheckboxSelectMultiple
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.TRAINING_NAMES)
def shifts(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Show the shifts of a deployment, and plan one."""
    found: Rollout | None = Rollout.objects.running().for_page().filter(pk=deployment).first()
    if found is None:
        raise Http404
    profiles = LearnerProfile.objects.active_on(organization_today()).for_page()
    people = {row.user_id: row.user for row in profiles.filter(site_id=found.site_id, job_role="superuser")}
    coverage = coverage_of([found.pk])
    trained = certified(coverage[found.pk])
    form = ShiftForm(request.POST or None)
    form.fields["superusers"].choices = [  # type: ignore[attr-defined]
        (str(key), f"{user}{'' if key in trained else ' (not certified yet)'}") for key, user in people.items()
    ]
    if request.method == "POST":
        demand(request, Permission.TRAINING_MANAGE)
        if form.is_valid():
            data = form.cleaned_data
            keys = [UUID(key) for key in data["superusers"]]
            Shift.plan(found, data["name"], users=data["users"], superusers=keys, by=request.actor)  # type: ignore[attr-defined]
            state_training([found.pk])
            toast(request, f"{data['name']} planned")
            return HttpResponseRedirect(request.path)
    manned = shifts_of([found], coverage)[found.pk]
    names = User.objects.in_bulk({key for one in manned for key in one.shift.superusers})
    context: dict[str, Any] = {
        "rollout": found,
        "form": form,
        "shifts": manned,
        "names": {key: str(user) for key, user in names.items()},
        "trained": trained,
        "per": USERS_PER_SUPERUSER,
        "manage": can(request, Permission.TRAINING_MANAGE),
    }
    return page(request, "training/shifts.html", context, status=422 if form.errors else 200)


@require_POST
@require(Permission.TRAINING_MANAGE)
def drop(request: HttpRequest, org: str, shift: UUID) -> HttpResponse:
    """Take a shift out of the plan."""
    found = Shift.objects.filter(pk=shift).first()
    if found is None:
        raise Http404
    found.drop(by=request.actor)  # type: ignore[attr-defined]
    state_training([found.rollout_id])
    return HttpResponseRedirect(reverse("org:training:shifts", kwargs={"org": org, "deployment": found.rollout_id}))
