"""Assignment rules: seen, previewed, applied, ended."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from tenancy.models import Site
from training.courses.models import Course
from training.learning.actions.apply_rules import apply_rule, preview
from training.learning.calendar import organization_today
from training.learning.models import AssignmentRule, Rollout
from training.learning.roles import CHOICES
from web.formats import plural
from web.forms import Form
from web.render import page, toast


class RuleForm(Form):
    """Job role × sites × course, and when it is due."""

    course: Any = forms.ModelChoiceField(label="Course", queryset=Course.objects.none(), empty_label="Choose a course")
    job_role = forms.ChoiceField(label="Job role", choices=CHOICES)
    tool = forms.ChoiceField(label="Tool", required=False)
    tool_version = forms.CharField(
        label="Tool version",
        required=False,
        max_length=40,
        help_text="Empty: any. It may be one that is still to come.",
    )
    sites = forms.ModelMultipleChoiceField(
        label="Sites",
        queryset=Site.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="None ticked: every site with a deployment.",
    )
    anchor = forms.ChoiceField(label="Due date counts from", choices=AssignmentRule.Anchor.choices)
    offset_days = forms.IntegerField(
        label="Days after that day", initial=-7, min_value=-365, max_value=365, help_text="Negative: before it."
    )
    window_days = forms.IntegerField(
        label="Learning opens, days before that day",
        required=False,
        min_value=0,
        max_value=365,
        help_text="Empty: at once. What is learned too early is forgotten: 42 days before go-live is usual.",
    )
    required = forms.BooleanField(label="Counts for coverage and the gates", required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer what the organization has."""
        super().__init__(*args, **kwargs)
        rollouts = list(Rollout.objects.running().for_page())
        self.fields["course"].queryset = Course.objects.by_title()  # type: ignore[attr-defined]
        self.fields["sites"].queryset = Site.objects.filter(  # type: ignore[attr-defined]
            pk__in={rollout.site_id for rollout in rollouts}
        ).order_by("name")
        tools = sorted({rollout.title for rollout in rollouts})
        self.fields["tool"].choices = [("", "Every tool"), *((tool, tool) for tool in tools)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Learning opens before it is due."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        opens, due = data.get("window_days"), data.get("offset_days")
        if opens is not None and due is not None and opens < -due:
            self.add_error("window_days", f"It is due {-due} days before: open it earlier than that.")
        return data


@require_safe
@require(Permission.TRAINING_NAMES)
def rules(request: HttpRequest, org: str) -> HttpResponse:
    """List the rules in force."""
    rows = list(AssignmentRule.objects.in_force().select_related("course").order_by("job_role", "course__title", "id"))
    names = dict(Site.objects.filter(pk__in={key for row in rows for key in row.sites}).values_list("pk", "name"))
    context = {"rules": rows, "names": names, "manage": can(request, Permission.TRAINING_MANAGE)}
    return page(request, "training/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.TRAINING_MANAGE)
def new(request: HttpRequest, org: str) -> HttpResponse:
    """Fill in a rule, see whom it touches, then set and apply it."""
    form = RuleForm(request.POST or None)
    touches = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if request.POST.get("step") == "apply":
            course = data.pop("course")
            rule = AssignmentRule.set(course, **data, by=request.actor)  # type: ignore[attr-defined]
            done = apply_rule(rule, by=request.actor)  # type: ignore[attr-defined]
            toast(request, f"Rule set: {plural(len(done), 'assignment')} made or moved")
            return HttpResponseRedirect(reverse("org:training:rules", kwargs={"org": org}))
        touches = preview(AssignmentRule(**{**data, "sites": [site.pk for site in data["sites"]]}))
    context = {"form": form, "touches": touches}
    return page(request, "training/new_rule.html", context, status=422 if form.errors else 200)


@require_POST
@require(Permission.TRAINING_MANAGE)
def end(request: HttpRequest, org: str, rule: UUID) -> HttpResponse:
    """Stop assigning by a rule."""
    found = AssignmentRule.objects.filter(pk=rule).first()
    if found is None:
        raise Http404
    found.end(organization_today(), by=request.actor)  # type: ignore[attr-defined]
    toast(request, "Rule ended. What is assigned stays")
    return HttpResponseRedirect(reverse("org:training:rules", kwargs={"org": org}))
