"""Pages of imports: upload, columns, preview, progress, result."""

import csv
import io
from datetime import timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import require
from onboarding.rosters.actions.advance import BATCH, advance_once
from onboarding.rosters.actions.undo_import import UndoRefusedError, undo_import
from onboarding.rosters.actions.upload_roster import upload_roster
from onboarding.rosters.mapping import UnusableMappingError
from onboarding.rosters.models import RosterImport, RosterRow
from onboarding.rosters.models.roster_import import State, WrongMomentError, ring
from onboarding.rosters.reading import UnreadableRosterError
from onboarding.rosters.web import pages
from onboarding.rosters.web.forms import ColumnsForm, UploadForm
from web.render import htmx_or_page, not_modified, page, redirect_or_refresh, toast
from web.whole_tables import shown_rows

STALLED = timedelta(seconds=15)
SHOWN = 50


def _find(roster: UUID) -> RosterImport:
    found = RosterImport.objects.filter(pk=roster).first()
    if found is None:
        raise Http404
    return found


def _address(org: str, name: str, roster: RosterImport) -> str:
    return reverse(f"org:imports:{name}", kwargs={"org": org, "roster": roster.pk})


@require(Permission.IMPORT_RUN)
@require_safe
def index(request: HttpRequest, org: str) -> HttpResponse:
    """All imports, and the form for the next."""
    form = UploadForm(initial={"country": request.organization.country})  # type: ignore[attr-defined]
    return page(
        request,
        "rosters/imports.html",
        {"form": form, "imports": shown_rows(request.GET, RosterImport.objects.newest(), SHOWN)},
    )


@require(Permission.IMPORT_RUN)
@require_POST
def upload(request: HttpRequest, org: str) -> HttpResponse:
    """Take a file in."""
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        file, sheet, country = (form.cleaned_data[name] for name in ("file", "sheet", "country"))
        try:
            roster = upload_roster(file.read(), file.name, by=request.actor, sheet=sheet, country=country)  # type: ignore[attr-defined]
        except UnreadableRosterError as error:
            form.add_error("file", str(error))
        else:
            return redirect(_address(org, "columns", roster))
    context = {"form": form, "imports": shown_rows(request.GET, RosterImport.objects.newest(), SHOWN)}
    return page(request, "rosters/imports.html", context, status=422)


@require(Permission.IMPORT_RUN)
@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, org: str, roster: UUID) -> HttpResponse:
    """Say which column fills which field."""
    found = _find(roster)
    if request.method != "POST":
        form = ColumnsForm(found.columns, initial=found.mapping)
        return page(request, "rosters/columns.html", pages.columns(found, form))
    form = ColumnsForm(found.columns, request.POST)
    if form.is_valid():
        try:
            found.map_columns(form.mapping, by=request.actor)  # type: ignore[attr-defined]
            found.preview(by=request.actor)  # type: ignore[attr-defined]
        except UnusableMappingError as error:
            for problem in error.problems:
                form.add_error(None, problem)
        except WrongMomentError as error:
            form.add_error(None, str(error))
        else:
            return _begin(org, found)
    return page(request, "rosters/columns.html", pages.columns(found, form), status=422)


@require(Permission.IMPORT_RUN)
@require_safe
def show(request: HttpRequest, org: str, roster: UUID) -> HttpResponse:
    """An import where it stands: its columns, its progress, or its rows."""
    found = _find(roster)
    if found.running:
        return _progress(request, found)
    if request.htmx and "progress" in request.GET:  # type: ignore[attr-defined]
        return HttpResponse(headers={"HX-Refresh": "true"})
    if found.state in (State.UPLOADED, State.MAPPED):
        return redirect(_address(org, "columns", found))
    return page(request, "rosters/rows.html", pages.rows(found, request.GET))


def _progress(request: HttpRequest, roster: RosterImport) -> HttpResponse:
    if timezone.now() - roster.moved_at > STALLED:
        ring(roster)  # the bell may have been lost with its broker; the rows remember
    version = (roster.pk, roster.state, roster.done_rows)
    return not_modified(request, version) or htmx_or_page(
        request, "rosters/progress.html", "progress", pages.progress(roster, version)
    )


@require(Permission.IMPORT_RUN)
@require_POST
def kinds(request: HttpRequest, org: str, roster: UUID) -> HttpResponse:
    """Say what the file's words for kinds of site mean, and check again."""
    found = _find(roster)
    told = {
        word: kind
        for word, kind in zip(request.POST.getlist("word"), request.POST.getlist("kind"), strict=False)
        if kind
    }
    try:
        found.map_columns(found.mapping, kinds=told, by=request.actor)  # type: ignore[attr-defined]
        found.preview(by=request.actor)  # type: ignore[attr-defined]
    except (UnusableMappingError, WrongMomentError) as error:
        return page(request, "rosters/rows.html", pages.rows(found, request.GET, problem=str(error)), status=409)
    return _begin(org, found)


@require(Permission.IMPORT_RUN)
@require_POST
def start(request: HttpRequest, org: str, roster: UUID) -> HttpResponse:
    """Begin the import, or go on with one that stopped."""
    found = _find(roster)
    try:
        found.start(by=request.actor)  # type: ignore[attr-defined]
    except WrongMomentError as error:
        return page(request, "rosters/rows.html", pages.rows(found, request.GET, problem=str(error)), status=409)
    return _begin(org, found)


def _begin(org: str, roster: RosterImport) -> HttpResponse:
    """A small roster is done at once; a large one is left to the workers."""
    if roster.row_count <= BATCH:
        advance_once(roster)
    return redirect(_address(org, "show", roster))


@require(Permission.IMPORT_RUN)
@require_POST
def undo(request: HttpRequest, org: str, roster: UUID) -> HttpResponse:
    """Take the import back, or say what stands in the way."""
    found = _find(roster)
    try:
        undo_import(found, by=request.actor)  # type: ignore[attr-defined]
    except (UndoRefusedError, WrongMomentError) as error:
        holds = getattr(error, "holds", [])
        context = pages.rows(found, request.GET, problem=str(error), holds=holds)
        return page(request, "rosters/rows.html", context, status=409)
    toast(request, f"{found.file_name} undone")
    return redirect_or_refresh(request, _address(org, "show", found))


@require(Permission.IMPORT_RUN)
@require_safe
def rows_csv(request: HttpRequest, org: str, roster: UUID) -> HttpResponse:
    """Every word on every row, as a table."""
    found = _find(roster)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["row", "outcome", "level", "field", "before", "after", "reason"])
    for row in (
        RosterRow.objects.in_roster(found).shown_as(pages.tab(request.GET)).only("number", "outcome", "messages")
    ):
        said = row.messages or [{"level": "", "field": "", "before": "", "after": "", "reason": ""}]
        for message in said:
            cells = [message[name] for name in ("level", "field", "before", "after", "reason")]
            writer.writerow([row.number, row.outcome, *(_harmless(cell) for cell in cells)])
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="import-{found.pk}.csv"'
    return answer


def _harmless(cell: object) -> str:
    """A spreadsheet would run a cell that begins like a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text[:1] in "=+-@\t\r" and text[:1] else text
