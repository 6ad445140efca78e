"""Live sessions as the training lead sees them: planned, moved, cancelled, and how full they are."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import can, demand, require
from accounts.models import Membership, User
from audit.timeline import timeline
from tenancy.models import Site
from training.courses.kinds import live_parts
from training.courses.models import CourseVersion
from training.learning.actions.live_sessions import cancel_session, change_session, plan_series
from training.learning.calendar import zone_at
from training.learning.models import LiveSession, SessionSeat
from training.learning.models.live_session import MOST_MINUTES, MOST_SEATS, MOST_TIMES, NotHeld
from web.formats import plural
from web.forms import DateInput, Form
from web.render import page, toast
from web.tables import Column, table_file

TABLE: list[Column] = [
    ("Session", "title"), ("Course", "course.title"), ("Begins", "starts_at"), ("Minutes", "minutes"), ("Place", "place"),
    ("Seats", "capacity"), ("Taken", "taken"), ("Waiting", "waiting"), ("Were there", "attended"),
    ("Cancelled", lambda one: bool(one.cancelled_at)),
]  # fmt: skip


class ChangeForm(Form):
    """When, where and how many."""

    on = forms.DateField(label="Day", widget=DateInput())
    at = forms.TimeField(label="Begins at", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    minutes = forms.IntegerField(label="Minutes", min_value=5, max_value=MOST_MINUTES, initial=60)
    place = forms.CharField(label="Place", max_length=200, help_text="A room, or the address of the call.")
    capacity = forms.IntegerField(label="Seats", min_value=1, max_value=MOST_SEATS, initial=12)


class MoveForm(ChangeForm):
    """The same for a session there is, and whether those that follow it in its series go with it."""

    later = forms.BooleanField(
        required=False, help_text="By as many days and hours, and in what else you change; the rest of each stays."
    )

    def __init__(self, later: int, *args: Any, **kwargs: Any) -> None:
        """Ask only where there are later ones."""
        super().__init__(*args, **kwargs)
        if later:
            self.fields["later"].label = f"{plural(later, 'later session')} of the series too"
        else:
            del self.fields["later"]


class SessionForm(ChangeForm):
    """What it is about and for whom, besides."""

    part = forms.ChoiceField(
        label="Counts for", help_text="Parts of your courses that their course.yaml lets a live session count for."
    )
    site: Any = forms.ModelChoiceField(
        label="For people of", queryset=Site.objects.none(), required=False, empty_label="Every site"
    )
    trainer = forms.ChoiceField(label="Held by", help_text="They note who was there.")
    times = forms.IntegerField(
        label="How many sessions", required=False, min_value=1, max_value=MOST_TIMES, initial=1,
        help_text="More than one: each is at the same time of day, and people sign up for the one that suits them.",
    )  # fmt: skip
    weeks = forms.ChoiceField(
        label="Every", required=False, choices=[("1", "week"), ("2", "2 weeks"), ("4", "4 weeks")]
    )

    def __init__(
        self, parts: list[tuple[str, str]], trainers: list[tuple[str, str]], *args: Any, **kwargs: Any
    ) -> None:
        """Offer the parts, the sites and the people there are."""
        super().__init__(*args, **kwargs)
        self.fields["part"].choices = parts  # type: ignore[attr-defined]
        self.fields["trainer"].choices = trainers  # type: ignore[attr-defined]
        self.fields["site"].queryset = Site.objects.open().order_by("name")  # type: ignore[attr-defined]
        self.order_fields(["part", "site", "on", "at", "minutes", "place", "capacity", "trainer", "times", "weeks"])


@require_safe
@require(Permission.TRAINING_NAMES)
def sessions(request: HttpRequest, org: str) -> HttpResponseBase:
    """List them, those to come first."""
    states = SessionSeat.State
    rows = LiveSession.objects.for_page().annotate(
        taken=Count("seats", filter=Q(seats__state__in=[states.SEATED, states.ATTENDED, states.MISSED])),
        waiting=Count("seats", filter=Q(seats__state=states.WAITING)),
        attended=Count("seats", filter=Q(seats__state=states.ATTENDED)),
    )
    if file := table_file(request, "live-sessions", TABLE, list(rows)):
        return file
    now = timezone.now()
    every = list(rows)
    context = {
        "to_come": [row for row in every if row.ends_at > now and not row.cancelled_at],
        "over": [row for row in reversed(every) if row.ends_at <= now or row.cancelled_at][:100],
        "manage": can(request, Permission.TRAINING_MANAGE),
    }
    return page(request, "training/sessions.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.TRAINING_MANAGE)
def new(request: HttpRequest, org: str) -> HttpResponse:
    """Plan one."""
    courses = {str(row.pk): row for row in CourseVersion.objects.current().select_related("course")}
    parts = [
        (f"{key}/{part}", f"{row.title}: {title}")
        for key, row in sorted(courses.items(), key=lambda one: one[1].title)
        for part, title in live_parts(row.content).items()
    ]
    people = {
        str(row.user_id): row.user for row in Membership.objects.active().select_related("user").order_by("user__name")
    }
    trainers = [(key, str(user)) for key, user in people.items()]
    form = SessionForm(parts, trainers, request.POST or None, initial={"trainer": str(request.user.pk)})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        version, part = data["part"].split("/")
        trainer: User = people[data["trainer"]]
        try:
            made = plan_series(
                courses[version].course, counts_for=part, site=data["site"], trainer=trainer,
                starts_at=_moment(data, data["site"]), minutes=data["minutes"], place=data["place"],
                capacity=data["capacity"], times=data["times"] or 1, weeks=int(data["weeks"] or 1),
                by=request.actor,  # type: ignore[attr-defined]
            )  # fmt: skip
            toast(request, f"{made[0].title} planned" + (f", {len(made)} times" if len(made) > 1 else ""))
            if len(made) > 1:
                return HttpResponseRedirect(reverse("org:training:sessions", kwargs={"org": org}))
            return HttpResponseRedirect(reverse("org:training:session", kwargs={"org": org, "session": made[0].pk}))
        except NotHeld as refused:
            form.add_error(None, str(refused))
    context = {"form": form, "parts": parts}
    return page(request, "training/new_session.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.TRAINING_NAMES)
def session(request: HttpRequest, org: str, session: UUID) -> HttpResponse:
    """Show who signed up and who was there, and move it."""
    found = _found(session)
    local = found.local
    initial = {"on": local.date(), "at": local.time(), "minutes": found.minutes, "place": found.place, "capacity": found.capacity}  # fmt: skip
    later = LiveSession.objects.after(found).count()
    form = MoveForm(later, request.POST or None, initial=initial)
    if request.method == "POST":
        demand(request, Permission.TRAINING_MANAGE)
        if form.is_valid():
            data = form.cleaned_data
            try:
                changed = change_session(
                    found, starts_at=_moment(data, found.site), minutes=data["minutes"], place=data["place"],
                    capacity=data["capacity"], later=data.get("later", False), by=request.actor,  # type: ignore[attr-defined]
                )  # fmt: skip
                toast(request, _said(changed))
                return HttpResponseRedirect(request.path)
            except NotHeld as refused:
                form.add_error(None, str(refused))
    seats = SessionSeat.objects.filter(session=found).standing().select_related("user", "assignment__site")
    context = {
        "session": found,
        "form": form,
        "places": list(seats.order_by("asked_at", "id")),
        "manage": can(request, Permission.TRAINING_MANAGE),
        "history": timeline(found.pk),
        "series": list(LiveSession.objects.filter(series=found.series).for_page()) if found.series else [],
        "later": later,
    }
    return page(request, "training/session.html", context, status=422 if form.errors else 200)


@require_POST
@require(Permission.TRAINING_MANAGE)
def cancel(request: HttpRequest, org: str, session: UUID) -> HttpResponse:
    """Cancel it; whoever signed up hears why."""
    found = _found(session)
    try:
        cancel_session(
            found,
            request.POST.get("because", ""),
            later="later" in request.POST,
            by=request.actor,  # type: ignore[attr-defined]
        )
    except NotHeld as refused:
        toast(request, str(refused))
    return HttpResponseRedirect(reverse("org:training:session", kwargs={"org": org, "session": found.pk}))


def _said(changed: int) -> str:
    if changed > 1:
        return f"{changed} sessions changed. Whoever signed up hears of a new time or place"
    return "Changed. Whoever signed up hears of a new time or place" if changed else "Nothing was different"


def _moment(data: dict[str, Any], site: Site | None) -> datetime:
    """The moment by the clock on the wall of the site, or of the organization."""
    return datetime.combine(data["on"], data["at"], zone_at(site))


def _found(pk: UUID) -> LiveSession:
    found: LiveSession | None = LiveSession.objects.for_page().select_related("trainer").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
