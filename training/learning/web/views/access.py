"""Access without training: each deployment's access list against valid completions."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from access.permissions import Permission
from access.require import can, demand, require
from accounts.models import User
from training.courses.models import Course
from training.learning.actions.import_access import import_access
from training.learning.coverage import Person, access_without_training, coverage_of
from training.learning.models import AccessList, Rollout
from training.learning.reading import ListProblems
from web.forms import Form
from web.render import page, toast


class AccessForm(Form):
    """One deployment's list."""

    deployment: Any = forms.ModelChoiceField(
        label="Deployment", queryset=Rollout.objects.none(), empty_label="Choose a deployment"
    )
    file = forms.FileField(
        label="Access list (CSV)",
        help_text="One column headed “email”: everybody who can sign in to production. It takes the place of the last list.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the running deployments."""
        super().__init__(*args, **kwargs)
        field = self.fields["deployment"]
        field.queryset = Rollout.objects.running().for_page()  # type: ignore[attr-defined]
        field.label_from_instance = lambda rollout: rollout.label  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.TRAINING_NAMES)
def access(request: HttpRequest, org: str) -> HttpResponse:
    """Show who has access without training, and take a new list."""
    form, problems = AccessForm(), list[str]()
    if request.method == "POST":
        demand(request, Permission.TRAINING_MANAGE)
        form = AccessForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            try:
                import_access(
                    form.cleaned_data["deployment"],
                    file.read(),
                    source=file.name,
                    by=request.actor,  # type: ignore[attr-defined]
                )
                toast(request, "Access list taken")
                return HttpResponseRedirect(reverse("org:training:access", kwargs={"org": org}))
            except ListProblems as found:
                problems = found.problems
    context = {
        "form": form,
        "problems": problems,
        "lists": _lists(),
        "manage": can(request, Permission.TRAINING_MANAGE),
    }
    return page(request, "training/access.html", context, status=422 if problems or form.errors else 200)


def _lists() -> list[dict[str, Any]]:
    rollouts = list(Rollout.objects.running().for_page())
    coverage = coverage_of([rollout.pk for rollout in rollouts])
    titles = dict(Course.objects.values_list("pk", "title"))
    found = []
    for rollout in rollouts:
        without = access_without_training(rollout, coverage[rollout.pk])
        known = {person.user_id: person for person in coverage[rollout.pk].people}
        names = User.objects.in_bulk([entry.user_id for entry in without or [] if entry.user_id])
        found.append(
            {
                "rollout": rollout,
                "list": AccessList.objects.newest_of(rollout),
                "without": None
                if without is None
                else [
                    {
                        "email": entry.email,
                        "name": str(names[entry.user_id]) if entry.user_id in names else "",
                        "why": _why(entry.user_id, known, titles),
                    }
                    for entry in without
                ],
            }
        )
    return found


def _why(user_id: UUID | None, known: Mapping[UUID, Person], titles: Mapping[UUID, str]) -> str:
    if user_id is None:
        return "Not a member here"
    if user_id not in known:
        return "Nothing assigned"
    return ", ".join(sorted(titles[course] for course in known[user_id].lacking))
