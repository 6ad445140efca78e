"""The command center's log, for the host's own people."""

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from access.permissions import Permission
from access.require import NotAllowed, can, demand, require
from onboarding.deployments.lens import Lens
from onboarding.deployments.web.frame import frame
from onboarding.hypercare.models import CommandEntry
from onboarding.hypercare.models.command import EntryRefused
from onboarding.hypercare.web.forms import CommandForm
from web.render import page, toast
from web.tables import Column, table_file

NEWEST = 100
TABLE: list[Column] = [
    ("At", "at"), ("Kind", lambda one: one.get_kind_display()), ("Entry", "text"), ("By", lambda one: str(one.author)),
    ("Handed to", lambda one: str(one.handed_to or "")),
]  # fmt: skip


@require(Permission.COMMENT_INTERNAL)
@require_http_methods(["GET", "HEAD", "POST"])
def log(request: HttpRequest, org: str, deployment: UUID) -> HttpResponseBase:
    """Show the newest entries, and write one."""
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.COMMENT_INTERNAL)
    found = Lens.of(request).deployment(deployment)
    entries = CommandEntry.objects.filter(deployment=found).select_related("author", "handed_to").order_by("-at", "-id")
    if file := table_file(request, "command-center", TABLE, entries):
        return file
    form = CommandForm(found, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        demand(request, Permission.ITEM_WORK)
        if form.is_valid():
            return _write(request, org, deployment, form) or _page(request, entries, form)
    return _page(request, entries, form)


def _write(request: HttpRequest, org: str, deployment: UUID, form: CommandForm) -> HttpResponse | None:
    said = form.cleaned_data
    to = UUID(said["handed_to"]) if said["handed_to"] else None
    try:
        CommandEntry.write(
            form.deployment,
            kind=said["kind"],
            text=said["text"],
            handed_to_id=to,
            by=request.actor,  # type: ignore[attr-defined]
        )
    except EntryRefused as refusal:
        form.add_error(None, str(refusal))
        return None
    toast(request, "Written into the log")
    return redirect("org:hypercare:command", org=org, deployment=deployment)


def _page(request: HttpRequest, entries: QuerySet[CommandEntry], form: CommandForm) -> HttpResponse:
    context = {
        **frame(request, form.deployment, "Hypercare"),
        "entries": list(entries[:NEWEST]),
        "form": form,
        "writes": can(request, Permission.ITEM_WORK),
    }
    return page(request, "hypercare/command.html", context, status=422 if form.errors else 200)
