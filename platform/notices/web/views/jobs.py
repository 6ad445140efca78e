"""The scheduled jobs of the organization: when each ran last, what it counted, and running it again."""

from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import require
from audit.models import Reaction
from notices import jobs as registry
from notices.models import JobRun
from web.render import page, redirect_or_refresh, toast
from web.whole_tables import shown_rows

LOOKS = {"due": "later", "running": "in_progress", "done": "done", "failed": "failed"}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HISTORY = 30


@require_safe
@require(Permission.AUDIT_RUN)
def jobs(request: HttpRequest, org: str) -> HttpResponse:
    """List every job with its last run, and the latest runs."""
    latest = {run.job: run for run in JobRun.objects.newest_of_each()}
    declared = [{"job": job, "schedule": _schedule(job), "run": latest.get(job.name)} for job in registry.all_jobs()]
    context = {
        "jobs": declared,
        "runs": shown_rows(request.GET, JobRun.objects.order_by("-on", "-id"), HISTORY),
        "titles": {job.name: job.title for job in registry.all_jobs()},
        "looks": LOOKS,
        "troubled": Reaction.objects.troubled().count(),
    }
    return page(request, "notices/jobs.html", context)


@require_POST
@require(Permission.AUDIT_RUN)
def rerun(request: HttpRequest, org: str, pk: UUID) -> HttpResponse:
    """Run it again."""
    run = JobRun.objects.filter(pk=pk).first()
    if run is None:
        raise Http404
    run.rerun(by=request.actor)  # type: ignore[attr-defined]
    organization_id = run.organization_id
    transaction.on_commit(lambda: registry.ring(organization_id, pk), robust=True)
    toast(request, "The job runs within a minute")
    return redirect_or_refresh(request, reverse("org:notices:jobs", kwargs={"org": org}))


def _schedule(job: registry.Job) -> str:
    hour = timezone.now().replace(hour=job.hour, minute=0)
    days = ", ".join(WEEKDAYS[day] for day in sorted(job.weekdays)) or "Every day"
    return f"{days} at {hour:%H:%M} UTC"
