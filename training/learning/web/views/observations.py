"""What a superuser signs after watching a colleague."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from access.permissions import Permission
from access.require import can, require
from training.learning.actions.observe import observe as sign
from training.learning.calendar import organization_today
from training.learning.models import Assignment, LearnerProfile, ObservedCompetency
from training.learning.models.observation import NotObserved
from web.language import speaks
from web.render import page, toast


@require_safe
@require(Permission.TRAINING_LEARN)
@speaks
def wanted(request: HttpRequest, org: str) -> HttpResponse:
    """List the colleagues who wait to be watched."""
    rows = [
        row
        for row in _reach(request).order_by("user__name", "id")
        if row.version.content.observation and ObservedCompetency.passing(row) is None
    ]
    return page(request, "learning/observations.html", {"assignments": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.TRAINING_LEARN)
@speaks
def observe(request: HttpRequest, org: str, assignment: UUID) -> HttpResponse:
    """Tick what was seen, and sign."""
    found = _reach(request).filter(pk=assignment).first()
    if found is None or found.version.content.observation is None:
        raise Http404
    refused = ""
    if request.method == "POST":
        try:
            signed = sign(
                found,
                seen=request.POST.getlist("seen"),
                note=request.POST.get("note", "")[:2000],
                by=request.actor,  # type: ignore[attr-defined]
            )
            toast(
                request,
                _("Signed: everything was seen") if signed.passed else _("Kept. What is missing can be seen later"),
            )
            return HttpResponseRedirect(reverse("org:learning:observations", kwargs={"org": org}))
        except NotObserved as reason:
            refused = str(reason)
    context = {
        "assignment": found,
        "observation": found.version.content.observation,
        "passing": ObservedCompetency.passing(found),
        "refused": refused,
    }
    return page(request, "learning/observe.html", context, status=422 if refused else 200)


def _reach(request: HttpRequest) -> "QuerySet[Assignment]":
    """Everybody for those who manage training, colleagues at one's sites for a superuser, never oneself."""
    me, today = request.user.pk, organization_today()
    assert me is not None
    rows: QuerySet[Assignment] = (
        Assignment.objects.active(today)
        .exclude(user_id=me)
        .select_related("version", "course", "site", "learner", "user")
    )
    if can(request, Permission.TRAINING_MANAGE):
        return rows
    mine = LearnerProfile.objects.active_on(today).filter(user_id=me, job_role="superuser")
    return rows.filter(site_id__in=mine.values("site_id"))
