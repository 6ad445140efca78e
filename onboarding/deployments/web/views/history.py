"""What happened in a deployment, newest first; what happened in a program, site by site."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from access.permissions import Permission
from access.require import NotAllowed, require
from audit.models import Event
from audit.timeline import Entry, entries
from audit.web.views.log import with_names
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, Program
from onboarding.deployments.web.frame import frame
from web.render import page
from web.tables import Column, table_file

PAGE = 50
TABLE: list[Column] = [("When", "at"), ("Who", "who"), ("What", "text"), ("Action", "event.action")]
DATES = [
    "deployment.planned",
    "deployment.go_live_moved",
    "deployment.dates_moved",
    "deployment.committed",
    "item.due_moved",
]
KINDS: dict[str, tuple[str, Q]] = {
    "all": ("Everything", Q()),
    "dates": ("Dates", Q(action__in=DATES)),
    "gates": ("Gates", Q(action__startswith="gate") | Q(action__startswith="waiver.")),
    "items": ("Items", Q(action__startswith="item.") | Q(action__startswith="evidence.")),
    "people": ("People", Q(action__startswith="team.") | Q(action__startswith="comment.")),
}
MILESTONES = Q(action__startswith="deployment.") | Q(action__in=["gate.passed", "gate.reopened", "gate_review.decided"])
"""Of a program's deployments: what its page shows."""


@require(Permission.COMMENT_INTERNAL)
@require_safe
def history(request: HttpRequest, org: str, deployment: UUID) -> HttpResponseBase:
    """Every event of a deployment and of what is in it; as a file all of its pages. For the host's own people: it names who did what."""
    lens = Lens.of(request)
    if not lens.of_host:
        raise NotAllowed(Permission.COMMENT_INTERNAL)
    found = lens.deployment(deployment)
    what = request.GET.get("what", "all")
    what = what if what in KINDS else "all"
    events = Event.objects.of_deployment(found.pk).filter(KINDS[what][1])
    if file := table_file(request, "history", TABLE, with_names(events)):
        return file
    before = _uuid(request.GET.get("before", ""))
    shown = events.newest(PAGE + 1, before=before)
    context = {
        **frame(request, found, "History"),
        "history": entries(shown[:PAGE]),
        "kinds": [
            {"title": title, "address": f"?what={key}", "current": key == what} for key, (title, _) in KINDS.items()
        ],
        "older": shown[PAGE - 1].pk if len(shown) > PAGE else None,
        "later": before is not None,
    }
    return page(request, "deployments/history.html", context)


def of_program(program: Program, deployments: Iterable[Deployment]) -> list[Entry]:
    """Return the newest milestones of a program and of its deployments, each with its site; two statements."""
    sites = {one.pk: one.site.name for one in deployments}
    told = Event.objects.since_made(program.pk, *sites)
    events = told.filter(Q(subject_id=program.pk) | Q(deployment_id__in=sites) & MILESTONES).order_by("-id")
    found = entries(events[:PAGE])
    return [replace(one, text=f"{one.text}{_at(one.event, sites)}") for one in found]


def _at(event: Event, sites: dict[Any, str]) -> str:
    site = sites.get(event.deployment_id)
    return f", {site}" if site else ""


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
