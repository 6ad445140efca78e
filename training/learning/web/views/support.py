"""Help at the elbow: superusers log it on a phone, managers see where it went."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.db.models import Count, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from access.permissions import Permission
from access.require import can, require
from training.learning.calendar import organization_today
from training.learning.coverage import coverage_of
from training.learning.models import LearnerProfile, Rollout, SupportContact
from training.learning.models.support import MOST_MINUTES, TOPICS, NotLogged
from training.learning.roles import CHOICES
from training.learning.shifts import dose
from web.forms import Form
from web.language import speaks
from web.render import page, toast
from web.tables import Column, table_file
from web.whole_tables import shown_rows

SHOWN = 20
TABLE: list[Column] = [
    ("Day", "on"), ("Tool", "rollout.title"), ("Site", "rollout.site.name"), ("Helper", "helper_name"),
    ("Helped", lambda one: one.get_job_role_display()), ("Topic", lambda one: one.get_topic_display()), ("Minutes", "minutes"),
    ("Note", "note"),
]  # fmt: skip


class ContactForm(Form):
    """One contact."""

    rollout: Any = forms.ModelChoiceField(
        label=gettext_lazy("Where"), queryset=Rollout.objects.none(), empty_label=None
    )
    job_role = forms.ChoiceField(label=gettext_lazy("Whom did you help?"), choices=CHOICES)
    topic = forms.ChoiceField(label=gettext_lazy("With what?"), choices=list(TOPICS.items()))
    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=1, max_value=MOST_MINUTES, initial=5)
    note = forms.CharField(
        label=gettext_lazy("What helped?"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("For the next superuser. No patient data and no names."),
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, rollouts: "QuerySet[Rollout]", *args: Any, **kwargs: Any) -> None:
        """Offer the deployments at which this person helps."""
        super().__init__(*args, **kwargs)
        self.fields["rollout"].queryset = rollouts  # type: ignore[attr-defined]
        self.fields["rollout"].label_from_instance = lambda rollout: rollout.label  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.TRAINING_LEARN)
@speaks
def mine(request: HttpRequest, org: str) -> HttpResponse:
    """Log a contact, and show one's own of late."""
    form = ContactForm(_reach(request), request.POST or None, initial={"token": uuid4()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            SupportContact.log(data.pop("rollout"), **data, on=organization_today(), by=request.actor)  # type: ignore[attr-defined]
            toast(request, _("Logged"))
            return HttpResponseRedirect(reverse("org:learning:support", kwargs={"org": org}))
        except NotLogged as refused:
            form.add_error(None, str(refused))
    own = SupportContact.objects.newest_first().filter(helper_id=_me(request)).select_related("rollout__site")
    today = own.filter(on=organization_today()).aggregate(minutes=Sum("minutes"), count=Count("id"))
    context = {
        "form": form,
        "contacts": shown_rows(request.GET, own, SHOWN),
        "today": today,
        "places": _reach(request).exists(),
    }
    return page(request, "learning/support.html", context, status=422 if form.errors else 200)


@require_safe
@require(Permission.TRAINING_NAMES)
def support(request: HttpRequest, org: str) -> HttpResponseBase:
    """Show where the minutes went: by deployment, by topic, and for each user."""
    rows = SupportContact.objects.newest_first().select_related("rollout__site")
    if file := table_file(request, "support", TABLE, rows):
        return file
    rollouts = list(Rollout.objects.running().for_page())
    coverage = coverage_of([rollout.pk for rollout in rollouts])
    sums = {
        row["rollout_id"]: row
        for row in SupportContact.objects.values("rollout_id")
        .order_by()
        .annotate(minutes=Sum("minutes"), count=Count("id"))
    }
    topics = (
        SupportContact.objects.values("topic").order_by("-minutes").annotate(minutes=Sum("minutes"), count=Count("id"))
    )
    places = []
    for rollout in rollouts:
        users, sum_ = coverage[rollout.pk].total.required, sums.get(rollout.pk, {"minutes": 0, "count": 0})
        places.append({"rollout": rollout, "users": users, **sum_, "dose": dose(sum_["minutes"], users)})
    context = {
        "places": places,
        "topics": [{**row, "title": TOPICS[row["topic"]]} for row in topics],
        "contacts": list(rows[:100]),
        "total": sum(row["minutes"] for row in sums.values()),
    }
    return page(request, "training/support.html", context)


def _reach(request: HttpRequest) -> "QuerySet[Rollout]":
    rows: QuerySet[Rollout] = Rollout.objects.running().for_page()
    if can(request, Permission.TRAINING_MANAGE):
        return rows
    mine = LearnerProfile.objects.active_on(organization_today()).filter(user_id=_me(request), job_role="superuser")
    return rows.filter(site_id__in=mine.values("site_id"))


def _me(request: HttpRequest) -> UUID:
    assert request.user.pk is not None
    return request.user.pk
