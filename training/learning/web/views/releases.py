"""A tool release at a deployment: whom its delta modules touch is seen before anything is assigned."""

from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from access.permissions import Permission
from access.require import require
from training.learning.actions.take_release import announce_release, preview_release
from training.learning.models import AssignmentRule, Rollout
from web.formats import plural
from web.forms import DateInput, Form
from web.render import page, toast


class ReleaseForm(Form):
    """Which version, and from when."""

    version = forms.CharField(label="Tool version", max_length=40)
    on = forms.DateField(label="Arrives on", widget=DateInput(), help_text="Rules can count from this day.")


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.TRAINING_MANAGE)
def release(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Fill in a release, see whom it touches, then announce it."""
    found: Rollout | None = Rollout.objects.running().for_page().filter(pk=deployment).first()
    if found is None:
        raise Http404
    form, touches = ReleaseForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if request.POST.get("step") == "apply":
            done = announce_release(found, data["version"], data["on"], by=request.actor)  # type: ignore[attr-defined]
            toast(request, f"Release announced: {plural(len(done), 'assignment')} made or moved")
            return HttpResponseRedirect(reverse("org:training:coverage", kwargs={"org": org}))
        touches = preview_release(found, data["version"], data["on"])
    rules = AssignmentRule.objects.in_force().filter(anchor=AssignmentRule.Anchor.RELEASE).select_related("course")
    context = {
        "form": form,
        "touches": touches,
        "rollout": found,
        "rules": [rule for rule in rules if rule.tool in ("", found.title)],
    }
    return page(request, "training/release.html", context, status=422 if form.errors else 200)
