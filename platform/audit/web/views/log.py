"""The event log as a page, its export, and the proof of one event."""

from collections.abc import Iterator
from itertools import accumulate, islice
from pathlib import Path
from uuid import UUID

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils import timezone

import audit
from access.permissions import Permission
from access.require import require
from audit import proofs, timeline, vocabulary
from audit.models import Batch, Event, Leaf, RowImage
from audit.models.event import EventQuerySet
from audit.verification import verify, verify_shown
from audit.web.formats import FORMATS
from audit.web.forms import LogFilters
from tenancy import ids
from web.render import htmx_or_page, page
from web.tables import Column, table_file
from web.whole_tables import shown_rows

PAGE = 50
VERIFIER = Path(audit.__file__).parent / "outside" / "verify_log.py"
TABLE: list[Column] = [
    ("When", "at"), ("Who", "who"), ("What", "text"), ("Action", "event.action"), ("Object", "thing"),
    ("Object id", "event.subject_id"), ("Deployment id", "event.deployment_id"), ("Event id", "event.pk"),
]  # fmt: skip
CHECKED, CHECKED_EVENTS = 5, 2000
"""How many of the newest batches are recomputed each time the page is opened: fewer where they are large, one at least."""


@require(Permission.AUDIT_READ)
def event_log(request: HttpRequest, org: str) -> HttpResponseBase:
    """Show the events, newest first, narrowed by what the address asks for."""
    form = LogFilters(request.GET)
    events = form.apply(Event.objects.all())
    if file := table_file(request, "events", TABLE, with_names(events)):
        return file
    found = timeline.entries(form.newest(Event.objects.all(), PAGE + 1))
    numbers = Leaf.objects.filter(event_id__in=[entry.event.pk for entry in found])
    context = {
        "form": form,
        "shown": verify_shown(request.organization.pk, [entry.event.pk for entry in found[:PAGE]]),  # type: ignore[attr-defined]
        "checked_at": timezone.now(),
        "entries": found[:PAGE],
        "earlier": found[PAGE - 1].event.pk if len(found) > PAGE else None,
        "numbers": dict(numbers.values_list("event_id", "number")),
        "actions": [("", "Any action"), *((found.name, found.name) for found in vocabulary.every())],
        "names": timeline.names(filter(None, [form.cleaned_data.get("who")])),
        "report": verify(request.organization.pk, newest=_checked()),  # type: ignore[attr-defined]
    }
    return htmx_or_page(request, "audit/log.html", "rows", context)


def _checked() -> int:
    """Count the newest batches that hold no more events than one page may recompute."""
    sizes = Batch.objects.order_by("-number").values_list("size", flat=True)[:CHECKED]
    within = sum(total <= CHECKED_EVENTS for total in accumulate(sizes))
    return max(1, within)


def with_names(events: EventQuerySet) -> Iterator[timeline.Entry]:
    """Yield events with the names of their actors, 500 at a time."""
    found = events.iterator(chunk_size=500)
    while several := list(islice(found, 500)):
        yield from timeline.entries(several)


@require(Permission.AUDIT_READ)
def event_detail(request: HttpRequest, org: str, event: UUID) -> HttpResponse:
    """Show one event with its place in the sealed log and the rows that its transaction wrote."""
    found = get_object_or_404(Event.objects.all(), pk=event)
    leaf = Leaf.objects.select_related("batch").filter(event_id=found.pk).first()
    near = {"pk__gte": ids.least(found.recorded_at, ids.SLACK), "pk__lt": ids.least(found.recorded_at + ids.SLACK)}
    images = RowImage.objects.filter(xact=found.xact, **near).order_by("id")
    context = {
        "entry": timeline.entries([found])[0],
        "leaf": leaf,
        "images": shown_rows(request.GET, images, PAGE),
        "shown": verify_shown(found.organization_id, [found.pk]),
        "checked_at": timezone.now(),
    }
    return page(request, "audit/event.html", context)


@require(Permission.AUDIT_READ)
def proof(request: HttpRequest, org: str, event: UUID) -> HttpResponse:
    """Answer with the proof that the event is part of the sealed log."""
    try:
        found = proofs.inclusion(event)
    except Leaf.DoesNotExist:
        raise Http404 from None
    return JsonResponse(found, headers={"Content-Disposition": f'attachment; filename="event-{found["number"]}.json"'})


@require(Permission.AUDIT_READ)
def export(request: HttpRequest, org: str, kind: str) -> HttpResponseBase:
    """Stream the sealed log, batch by batch, each in a scope of its own; `?after=` goes on after that batch."""
    if kind not in FORMATS:
        raise Http404
    after = request.GET.get("after", "0")
    if not after.isdecimal() or len(after) > 18:
        return HttpResponseBadRequest("after: give the number of the last batch that you have whole.")
    organization = request.organization  # type: ignore[attr-defined]
    content_type, ending, write = FORMATS[kind]
    return StreamingHttpResponse(
        write(organization.pk, int(after)),
        content_type=content_type,
        headers={"Content-Disposition": f'attachment; filename="{organization.slug}-events.{ending}"'},
    )


@require(Permission.AUDIT_READ)
def verifier(request: HttpRequest, org: str) -> HttpResponse:
    """Hand out the script that checks an export or a proof without this program."""
    headers = {"Content-Disposition": f'attachment; filename="{VERIFIER.name}"'}
    return HttpResponse(VERIFIER.read_text(), content_type="text/x-python; charset=utf-8", headers=headers)
