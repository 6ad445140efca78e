"""Who saw what: each opening of a sensitive paper, by paper or by person. Nothing here can be erased."""

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from access.permissions import Permission
from access.require import require
from audit import timeline, vocabulary
from audit.models import Event
from audit.web.forms import LogFilters
from audit.web.views.log import with_names
from web.render import page
from web.tables import Column, table_file

PAGE = 100
TABLE: list[Column] = [
    ("When", "at"), ("Who", "who"), ("What", "text"), ("How", lambda one: one.event.data.get("how", "signed in")),
    ("Object", "event.subject_type"), ("Object id", "event.subject_id"), ("SHA-256", lambda one: one.event.data.get("sha256", "")),
    ("Event id", "event.pk"),
]  # fmt: skip


@require(Permission.AUDIT_READ)
@require_safe
def reads(request: HttpRequest, org: str) -> HttpResponseBase:
    """List what was opened, newest first; narrowed to a paper or to a person."""
    form = LogFilters(request.GET)
    readings = Event.objects.filter(action__in=vocabulary.readings())
    found = form.apply(readings)
    if file := table_file(request, "reads", TABLE, with_names(found)):
        return file
    shown = timeline.entries(form.newest(readings, PAGE + 1))
    person = form.cleaned_data.get("who")
    context = {
        "form": form,
        "entries": shown[:PAGE],
        "earlier": shown[PAGE - 1].event.pk if len(shown) > PAGE else None,
        "person": timeline.names([person]).get(person, timeline.GONE) if person else "",
        "paper": form.cleaned_data.get("object"),
    }
    return page(request, "audit/reads.html", context)
