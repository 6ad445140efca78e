"""The roster of learners: who learns what, add one or many, remind."""

from typing import Any
from uuid import UUID

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from accounts.models import Membership
from tenancy.models import Site
from training.learning.actions.chase import chase
from training.learning.actions.enroll import enroll
from training.learning.actions.import_people import import_people
from training.learning.calendar import organization_today
from training.learning.models import Assignment, LearnerProfile, PlannedEnrollment, Rollout
from training.learning.reading import ListProblems
from training.learning.records import records_csv
from training.learning.roles import CHOICES, TITLES
from training.learning.standing import Standing, standings
from training.learning.web.inviting import inviter
from web.formats import plural
from web.forms import DateInput, Form
from web.render import page, toast
from web.tables import Column, csv_stream, table_file

TABLE: list[Column] = [
    ("Person", "assignment.user"), ("E-mail", "assignment.user.email"), ("Job role", "assignment.learner.role_title"),
    ("Course", "assignment.course.title"), ("Site", "assignment.site.name"), ("Due", "assignment.due_on"),
    ("Passed", lambda one: bool(one.passed)), ("Waived", lambda one: bool(one.waived)), ("Overdue", lambda one: bool(one.overdue)),
]  # fmt: skip
STATES = {"open": "Open", "overdue": "Overdue", "passed": "Passed", "waived": "Waived"}


class LearnerForm(Form):
    """One person."""

    email = forms.EmailField(label="E-mail", help_text="Somebody new is invited, by those who manage people.")
    job_role = forms.ChoiceField(label="Job role", choices=CHOICES)
    site = forms.ModelChoiceField(label="Site", queryset=Site.objects.none(), empty_label="Choose a site")
    started_on = forms.DateField(label="Started on", widget=DateInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the organization's open sites."""
        super().__init__(*args, **kwargs)
        self.fields["site"].queryset = Site.objects.open().order_by("name")  # type: ignore[attr-defined]
        self.order_fields(["email", "job_role", "site", "started_on"])


class PeopleFileForm(Form):
    """A list of people."""

    file = forms.FileField(
        label="List of people (CSV)",
        help_text="Columns: email, name, job role, site, and started on if it is not today. At most 2 MB.",
    )


@require_safe
@require(Permission.TRAINING_NAMES)
def people(request: HttpRequest, org: str) -> HttpResponseBase:
    """List assignments by person, narrowed by the address."""
    today = organization_today()
    rows = Assignment.objects.active(today).select_related("user", "site", "course")
    wanted = _uuid(request.GET.get("deployment"))
    rollout = Rollout.objects.filter(pk=wanted).select_related("site").first() if wanted else None
    role, state = request.GET.get("role", ""), request.GET.get("state", "")
    if rollout:
        rows = rows.filter(deployment_id=rollout.pk)
    if role in TITLES:
        rows = rows.filter(learner__job_role=role)
    found = standings(rows.order_by("user__name", "user__email", "due_on", "id"), today)
    shown = [standing for standing in found if state not in STATES or _is(standing, state)]
    if file := table_file(request, "learners", TABLE, shown):
        return file
    none = LearnerProfile.objects.active_on(today).filter(assignments__isnull=True)
    return page(
        request,
        "training/people.html",
        {
            "standings": shown[:500],
            "count": len(shown),
            "rollout": rollout,
            "role": (role, TITLES[role]) if role in TITLES else None,
            "state": (state, STATES[state]) if state in STATES else None,
            "roles": CHOICES,
            "states": list(STATES.items()),
            "rollouts": list(Rollout.objects.running().for_page()),
            "manage": can(request, Permission.TRAINING_MANAGE),
            "invited": list(PlannedEnrollment.objects.waiting()) if not (rollout or role or state) else [],
            "unassigned": list(none.for_page()) if not (rollout or role or state) else [],
        },
    )


@require_safe
@require(Permission.TRAINING_NAMES)
def records(request: HttpRequest, org: str) -> HttpResponseBase:
    """Give every training record there is, whoever has left among them, as one file."""
    return csv_stream(request, "training-records", records_csv(organization_today()))


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.TRAINING_MANAGE)
def new(request: HttpRequest, org: str) -> HttpResponse:
    """Enroll one member."""
    form = LearnerForm(request.POST or None, initial={"started_on": organization_today()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        member = Membership.objects.active().filter(user__email__iexact=data["email"]).select_related("user").first()
        invite = inviter(request)
        if member is None and invite is None:
            form.add_error("email", f"{data['email']} is not a member here yet: who manages people can invite them.")
        elif member is None and invite is not None:
            with transaction.atomic():
                invite(data.pop("email").lower())
                PlannedEnrollment.plan(request.POST["email"], **data, by=request.actor)  # type: ignore[attr-defined]
            toast(request, "Invited. The course is theirs as soon as they join")
            return HttpResponseRedirect(reverse("org:training:people", kwargs={"org": org}))
        elif member is not None:
            enroll(
                member.user,
                job_role=data["job_role"],
                site=data["site"],
                started_on=data["started_on"],
                by=request.actor,  # type: ignore[attr-defined]
            )
            toast(request, f"{member.user} enrolled")
            return HttpResponseRedirect(reverse("org:training:people", kwargs={"org": org}))
    return page(request, "training/new_learner.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.TRAINING_MANAGE)
def from_file(request: HttpRequest, org: str) -> HttpResponse:
    """Enroll everybody of a list, or nobody."""
    form = PeopleFileForm(request.POST or None, request.FILES or None)
    problems: list[str] = []
    if request.method == "POST" and form.is_valid():
        try:
            file = form.cleaned_data["file"].read()
            count = import_people(file, by=request.actor, invite=inviter(request))  # type: ignore[attr-defined]
            toast(request, f"{plural(count, 'learner')} enrolled or invited")
            return HttpResponseRedirect(reverse("org:training:people", kwargs={"org": org}))
        except ListProblems as found:
            problems = found.problems
    context = {"form": form, "problems": problems}
    return page(request, "training/import_people.html", context, status=422 if form.errors or problems else 200)


@require_POST
@require(Permission.TRAINING_MANAGE)
def remind(request: HttpRequest, org: str) -> HttpResponse:
    """Remind the picked learners of what is open, once a day."""
    picked = [key for text in request.POST.getlist("picked") if (key := _uuid(text))]
    count = chase(picked, by=request.actor)  # type: ignore[attr-defined]
    toast(
        request, f"{plural(count, 'reminder')} on the way" if count else "Nobody to remind: passed, or reminded today"
    )
    return HttpResponseRedirect(reverse("org:training:people", kwargs={"org": org}))


def _is(standing: Standing, state: str) -> bool:
    return {
        "open": standing.open,
        "overdue": standing.overdue,
        "passed": standing.passed,
        "waived": standing.waived and not standing.passed,
    }[state]


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
