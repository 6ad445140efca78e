"""The log: risks, issues and decisions of a deployment, a program, or the whole organization."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import NotAllowed, can, demand, require
from audit.timeline import timeline
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, Program
from onboarding.deployments.web.frame import frame
from onboarding.logbook.models import LogEntry
from onboarding.logbook.models.entry import LogEntryQuerySet, LogRefused
from onboarding.logbook.web.forms import EntryForm
from web.render import page, redirect_or_refresh, toast
from web.tables import Column, table_file

TABLE: list[Column] = [
    ("Number", "code"), ("Kind", "get_kind_display"), ("Title", "title"), ("Detail", "detail"), ("About", "get_cause_display"),
    ("Program", "program.title"), ("Site", "deployment.site.name"), ("Owner", "owner"), ("Likelihood", "likelihood"), ("Impact", "impact"),
    ("Score", lambda one: one.score), ("Severity", "severity"), ("What is done about it", "response"), ("Looked at again", "due_on"),
    ("Standing", "get_state_display"), ("How it ended", "outcome"), ("Written", "created_at"), ("Closed", "closed_at"),
]  # fmt: skip
RELATED = ("program", "deployment__site", "deployment__tool_version__tool", "owner")
PAGE = 200


@require(Permission.COMMENT_INTERNAL)
@require_safe
def index(request: HttpRequest, org: str) -> HttpResponseBase:
    """Everything of the organization, the worst first."""
    found = _chosen(request, LogEntry.objects.all())
    return _file(request, found) or page(request, "logbook/index.html", _listed(request, found))


@require(Permission.COMMENT_INTERNAL)
@require_safe
def of_program(request: HttpRequest, org: str, program: UUID) -> HttpResponseBase:
    """A program's log, with that of its sites."""
    its = _program(request, program)
    found = _chosen(request, LogEntry.objects.filter(program=its))
    return _file(request, found) or page(request, "logbook/program.html", {**_listed(request, found), "program": its})


@require(Permission.COMMENT_INTERNAL)
@require_safe
def of_deployment(request: HttpRequest, org: str, deployment: UUID) -> HttpResponseBase:
    """A deployment's log, with what its program wrote for all sites."""
    its = _deployment(request, deployment)
    found = _chosen(request, LogEntry.objects.of_deployment(its))
    return _file(request, found) or page(
        request, "logbook/deployment.html", {**frame(request, its, "Log"), **_listed(request, found)}
    )


@require(Permission.ITEM_WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Write an entry for one deployment."""
    found = _deployment(request, deployment)
    return _write(
        request, found.program, found, reverse("org:logbook:deployment", kwargs={"org": org, "deployment": deployment})
    )


@require(Permission.ITEM_WORK)
@require_http_methods(["GET", "HEAD", "POST"])
def write_for_program(request: HttpRequest, org: str, program: UUID) -> HttpResponse:
    """Write an entry for all sites of a program."""
    place = reverse("org:logbook:program", kwargs={"org": org, "program": program})
    return _write(request, _program(request, program), None, place)


def _write(request: HttpRequest, program: Program, deployment: Deployment | None, place: str) -> HttpResponse:
    kind = request.GET.get("kind", "risk")
    form = EntryForm(request.POST if request.method == "POST" else None, initial={"kind": kind})
    context = {"form": form, "place": place, "program": program, "deployment": deployment, "entry": None}
    if request.method != "POST":
        return page(request, "logbook/write.html", context)
    if form.is_valid():
        try:
            entry = LogEntry.write(program=program, deployment=deployment, by=request.actor, **form.said)  # type: ignore[attr-defined]
        except LogRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"{entry.code} written")
            return redirect_or_refresh(request, place)
    return page(request, "logbook/write.html", context, status=422)


@require(Permission.COMMENT_INTERNAL)
@require_safe
def show(request: HttpRequest, org: str, entry: UUID) -> HttpResponse:
    """One entry with its history."""
    return page(request, "logbook/entry.html", _entry_page(request, _entry(request, entry)))


@require(Permission.ITEM_WORK)
@require_POST
def change(request: HttpRequest, org: str, entry: UUID) -> HttpResponse:
    """Change what an entry says."""
    found = _entry(request, entry)
    form = EntryForm(request.POST)
    if form.is_valid():
        try:
            found.change(by=request.actor, **form.said)  # type: ignore[attr-defined]
        except LogRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, found, f"{found.code} changed")
    return page(request, "logbook/entry.html", _entry_page(request, found, form), status=422)


@require(Permission.ITEM_WORK)
@require_POST
def happened(request: HttpRequest, org: str, entry: UUID) -> HttpResponse:
    """A risk has come true."""
    severity = request.POST.get("severity", "")
    return _verb(request, entry, "is an issue now", "happen", severity=int(severity) if severity.isdecimal() else 0)


@require(Permission.ITEM_WORK)
@require_POST
def close(request: HttpRequest, org: str, entry: UUID) -> HttpResponse:
    """End it, saying how."""
    return _verb(request, entry, "closed", "close", outcome=request.POST.get("outcome", "")[:500])


@require(Permission.ITEM_WORK)
@require_POST
def reopen(request: HttpRequest, org: str, entry: UUID) -> HttpResponse:
    """Take it up again."""
    return _verb(request, entry, "open again", "reopen")


def _verb(request: HttpRequest, entry: UUID, said: str, verb: str, **values: Any) -> HttpResponse:
    found = _entry(request, entry)
    try:
        getattr(found, verb)(by=request.actor, **values)  # type: ignore[attr-defined]
    except LogRefused as refusal:
        return page(request, "logbook/entry.html", _entry_page(request, found, refused=str(refusal)), status=422)
    return _done(request, found, f"{found.code} {said}")


def _done(request: HttpRequest, entry: LogEntry, said: str) -> HttpResponse:
    toast(request, said)
    org = request.organization.slug  # type: ignore[attr-defined]
    return redirect_or_refresh(request, reverse("org:logbook:entry", kwargs={"org": org, "entry": entry.pk}))


def _entry_page(
    request: HttpRequest, entry: LogEntry, form: EntryForm | None = None, refused: str = ""
) -> dict[str, Any]:
    names = ("kind", "cause", "title", "detail", "likelihood", "impact", "severity", "response", "due_on")
    initial = {name: getattr(entry, name) for name in names} | {"owner": str(entry.owner_id or "")}
    return {
        "entry": entry,
        "form": form or EntryForm(initial=initial),
        "works": can(request, Permission.ITEM_WORK),
        "refused": refused,
        "history": timeline(entry.pk),
        "severities": LogEntry.Severity.choices,
    }


def _chosen(request: HttpRequest, entries: LogEntryQuerySet) -> LogEntryQuerySet:
    """Return those that the address asks for, the worst first: open ones, unless it asks for all."""
    _host_only(request)
    found = entries.filter(**{name: value for name, value in _asked(request).items() if value})
    if request.GET.get("show") != "all":
        found = found.open()
    return found.worst_first().select_related(*RELATED)


def _asked(request: HttpRequest) -> dict[str, str]:
    known = {"kind": LogEntry.Kind.values, "cause": LogEntry.Cause.values}
    return {name: value if (value := request.GET.get(name, "")) in known[name] else "" for name in known}


def _file(request: HttpRequest, found: LogEntryQuerySet) -> HttpResponseBase | None:
    return table_file(request, "log", TABLE, found)


def _listed(request: HttpRequest, found: LogEntryQuerySet) -> dict[str, Any]:
    chosen, everything = _asked(request), request.GET.get("show") == "all"
    return {
        "entries": list(found[:PAGE]),
        "filters": _filters(request, chosen, everything),
        "filtered": any(chosen.values()) or not everything,
        "works": can(request, Permission.ITEM_WORK),
        "today": timezone.localdate(),
        "longest": PAGE,
    }


def _filters(request: HttpRequest, chosen: dict[str, str], everything: bool) -> list[dict[str, Any]]:
    def to(name: str, value: str | None) -> str:
        values = request.GET.copy()
        values.pop(name, None)
        if value is not None:
            values[name] = value
        return f"?{values.urlencode()}"

    kinds, causes = dict(LogEntry.Kind.choices), dict(LogEntry.Cause.choices)
    return [
        {
            "name": "Kind",
            "value": kinds.get(chosen["kind"], ""),
            "remove": to("kind", None),
            "choices": [(title, to("kind", key), key == chosen["kind"]) for key, title in kinds.items()],
        },
        {
            "name": "About",
            "value": causes.get(chosen["cause"], ""),
            "remove": to("cause", None),
            "choices": [(title, to("cause", key), key == chosen["cause"]) for key, title in causes.items()],
        },
        {"name": "Closed too", "value": "shown", "remove": to("show", None)}
        if everything
        else {"name": "Closed too", "address": to("show", "all")},
    ]


def _entry(request: HttpRequest, pk: UUID) -> LogEntry:
    _host_only(request)
    found = LogEntry.objects.select_related(*RELATED, "created_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _program(request: HttpRequest, pk: UUID) -> Program:
    _host_only(request)
    found: Program | None = Program.objects.select_related("tool_version__tool").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def _deployment(request: HttpRequest, pk: UUID) -> Deployment:
    found = Lens.of(request).deployment(pk)
    _host_only(request)
    demand(request, Permission.COMMENT_INTERNAL)
    return found


def _host_only(request: HttpRequest) -> None:
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.COMMENT_INTERNAL)
