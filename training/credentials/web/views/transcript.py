"""A learner's transcript, and what a credit provider needs to report for them."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from access.permissions import Permission
from access.require import require
from audit.models.event import record
from training.credentials import audit
from training.credentials.models import CreditDetails
from training.credentials.models.credit_details import DAYS
from training.credentials.transcript import hours_of, transcript, transcript_pdf
from training.learning.calendar import organization_zone
from training.learning.models import Completion
from web.forms import Form
from web.language import speaks
from web.render import page, toast
from web.tables import Column, table_file

STATES = "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA PR RI SC SD TN TX UT VT VA WA WV WI WY".split()  # noqa: SIM905
REPORT: list[Column] = [
    ("First name", "details.first_name"), ("Last name", "details.last_name"), ("Birth month", "details.birth_month"),
    ("Birth day", "details.birth_day"), ("Licensing state", "details.licensing_state"), ("License id", "details.license_id"),
    ("Activity", "completion.version.title"), ("Completed", "passed_on"),
    ("Credit", "credit.title"), ("Hours", "credit.hours"),
]  # fmt: skip


class CreditForm(Form):
    """As the reporting systems ask for it; the year of birth is not wanted."""

    first_name = forms.CharField(label=gettext_lazy("First name on the license"), max_length=80)
    last_name = forms.CharField(label=gettext_lazy("Last name on the license"), max_length=80)
    birth_month = forms.TypedChoiceField(
        label=gettext_lazy("Month of birth"),
        coerce=int,
        choices=[("", "–"), *((number, number) for number in range(1, 13))],
    )
    birth_day = forms.IntegerField(label=gettext_lazy("Day of birth"), min_value=1, max_value=max(DAYS))
    licensing_state = forms.ChoiceField(
        label=gettext_lazy("State of the license"), choices=[("", "–"), *((one, one) for one in STATES)]
    )
    license_id = forms.CharField(label=gettext_lazy("License number"), max_length=40)
    may_report = forms.BooleanField(
        label=gettext_lazy("My credits may be reported to my board under these details"), required=False
    )


@require_safe
@require(Permission.TRAINING_LEARN)
@speaks
def mine(request: HttpRequest, org: str) -> HttpResponse:
    """Show everything the learner passed, with its hours."""
    assert request.user.pk is not None
    entries = transcript(request.user.pk)
    details = CreditDetails.objects.filter(user_id=request.user.pk).first()
    context = {"entries": entries, "hours": list(hours_of(entries).items()), "details": details}
    return page(request, "credentials/transcript.html", context)


@require_safe
@require(Permission.TRAINING_LEARN)
@speaks
def pdf(request: HttpRequest, org: str) -> HttpResponse:
    """Give the transcript as a tagged PDF."""
    made = transcript_pdf(request.organization, request.user)  # type: ignore[attr-defined, arg-type]
    headers = {
        "Content-Disposition": 'inline; filename="transcript.pdf"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(made, content_type="application/pdf", headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.TRAINING_LEARN)
@speaks
def credit(request: HttpRequest, org: str) -> HttpResponse:
    """Take what a credit provider needs, from the person themselves."""
    standing = CreditDetails.objects.filter(user_id=request.user.pk).first()
    initial = {name: getattr(standing, name) for name in CreditForm.base_fields} if standing else {}
    form = CreditForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            CreditDetails.save_own(request.user, **form.cleaned_data, by=request.actor)  # type: ignore[attr-defined, arg-type]
            toast(request, _("Saved"))
            return HttpResponseRedirect(reverse("org:credentials:transcript", kwargs={"org": org}))
        except ValueError as refused:
            form.add_error("birth_day", _(str(refused)))
    return page(request, "credentials/credit.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@require(Permission.TRAINING_MANAGE)
def report(request: HttpRequest, org: str) -> HttpResponseBase:
    """List the credits of those who allow it, for the batch upload of a credit provider."""
    allowed = {row.user_id: row for row in CreditDetails.objects.filter(may_report=True)}
    passed = Completion.objects.filter(user_id__in=allowed, kind=Completion.Kind.PASSED, revoked_at=None)
    zone = organization_zone()
    rows: list[dict[str, Any]] = [
        {
            "details": allowed[one.user_id],
            "completion": one,
            "credit": credit,
            "passed_on": timezone.localtime(one.passed_at, zone).date(),
        }
        for one in passed.newest_first().select_related("version")
        for credit in one.version.content.credits
    ]
    if file := table_file(request, "credits", REPORT, rows):
        people = len({row["details"].user_id for row in rows})
        record(audit.CREDIT_REPORTED, by=request.actor, subject=request.organization, people=people)  # type: ignore[attr-defined]
        return file
    return page(request, "credentials/report.html", {"rows": rows})
