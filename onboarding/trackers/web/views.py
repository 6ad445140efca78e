"""Bring a tracker over: upload or paste, say what columns and rows mean, look at every change, import."""

import re
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import NotAllowed, can, demand, require
from audit.timeline import timeline
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.web.frame import frame
from onboarding.rosters.reading import UnreadableRosterError
from onboarding.trackers.actions.apply import apply, digest
from onboarding.trackers.actions.map_tracker import choose_rows, map_columns
from onboarding.trackers.actions.upload import choose_sheet, upload
from onboarding.trackers.fields import FIELDS, SURE
from onboarding.trackers.models import TrackerImport
from onboarding.trackers.models.tracker import LOCAL, SKIP, TrackerRefused
from onboarding.trackers.planning import Row, plan
from onboarding.trackers.sheets import LIMITS
from web.formats import day
from web.render import page, redirect_or_refresh, toast
from web.whole_tables import shown_rows

SHOWN = 20

KEEP, LEAVE = "Keep as an item of its own", "Leave out"


@require(Permission.IMPORT_RUN)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """The imports of a deployment; POST takes a file, or rows pasted from a spreadsheet."""
    found = _deployment(request, deployment)
    refused = ""
    if request.method == "POST":
        file, pasted = request.FILES.get("file"), request.POST.get("pasted", "")
        try:
            if file is not None and file.size and file.size > LIMITS.size:
                raise UnreadableRosterError(f"{file.name} is too large: at most {LIMITS.size // 1024 // 1024} MB.")
            if file is None and not pasted.strip():
                raise UnreadableRosterError("Choose a file, or paste rows from a spreadsheet.")
            content, name = (file.read(), str(file.name)) if file is not None else (pasted.encode(), "Pasted rows")
            tracker = upload(found, content, name, by=request.actor, sheet=request.POST.get("sheet", ""))  # type: ignore[attr-defined]
        except UnreadableRosterError as error:
            refused = str(error)
        else:
            return redirect_or_refresh(request, _place(org, tracker))
    earlier = TrackerImport.objects.filter(deployment=found).defer("rows", "others", "choices")
    context = {
        **frame(request, found, "Checklist"),
        "imports": shown_rows(request.GET, earlier.newest(), SHOWN),
        "refused": refused,
    }
    return page(request, "trackers/index.html", context, status=422 if refused else 200)


@require(Permission.IMPORT_RUN)
@require_safe
def show(request: HttpRequest, org: str, tracker: UUID) -> HttpResponse:
    """The preview, or the report once it is imported."""
    return _show(request, _tracker(request, tracker))


@require(Permission.IMPORT_RUN)
@require_POST
def columns(request: HttpRequest, org: str, tracker: UUID) -> HttpResponse:
    """Say what the columns mean."""
    found = _tracker(request, tracker)
    try:
        mapping = {field.key: request.POST.get(f"column-{field.key}", "") for field in FIELDS}
        map_columns(found, mapping, by=request.actor)  # type: ignore[attr-defined]
    except TrackerRefused as refusal:
        return _show(request, found, str(refusal))
    return redirect_or_refresh(request, _place(org, found))


@require(Permission.IMPORT_RUN)
@require_POST
def sheet(request: HttpRequest, org: str, tracker: UUID) -> HttpResponse:
    """Look at another sheet of the workbook."""
    found = _tracker(request, tracker)
    try:
        choose_sheet(found, request.POST.get("sheet", ""), by=request.actor)  # type: ignore[attr-defined]
    except TrackerRefused as refusal:
        return _show(request, found, str(refusal))
    return redirect_or_refresh(request, _place(org, found))


@require(Permission.IMPORT_RUN)
@require_POST
def rows(request: HttpRequest, org: str, tracker: UUID) -> HttpResponse:
    """Say what single rows are."""
    found = _tracker(request, tracker)
    items = list(Item.objects.of_deployment(found.deployment_id))
    by_number = {item.number: str(item.pk) for item in items}
    known = plan(found, items, may_accept=can(request, Permission.ITEM_REVIEW))
    choices: dict[str, str] = {}
    try:
        for row in known.rows:
            said = request.POST.get(f"row-{row.number}")
            if said is not None and said.strip() != _is(row):
                choices[str(row.number)] = _choice(said, by_number, row)
        choose_rows(found, choices, by=request.actor)  # type: ignore[attr-defined]
    except TrackerRefused as refusal:
        return _show(request, found, str(refusal))
    return redirect_or_refresh(request, _place(org, found))


@require(Permission.IMPORT_RUN)
@require_POST
def apply_(request: HttpRequest, org: str, tracker: UUID) -> HttpResponse:
    """Do what the preview showed."""
    demand(request, Permission.DEPLOYMENT_PLAN)
    found = _tracker(request, tracker)
    try:
        done = apply(
            found,
            by=request.actor,  # type: ignore[attr-defined]
            may_accept=can(request, Permission.ITEM_REVIEW),
            expected=request.POST.get("seen", ""),
        )
    except TrackerRefused as refusal:
        return _show(request, _tracker(request, tracker), str(refusal), status=409)
    undo = (
        reverse("org:deployments:change_undo", kwargs={"org": org, "change": done.change_id})
        if done.change_id
        else None
    )
    toast(request, f"{done.file_name} imported", undo)
    return redirect_or_refresh(request, _place(org, done))


def _show(request: HttpRequest, tracker: TrackerImport, refused: str = "", status: int = 422) -> HttpResponse:
    deployment = tracker.deployment
    context = {
        **frame(request, deployment, "Checklist"),
        "tracker": tracker,
        "refused": refused,
        "fields": [(field, tracker.mapping.get(field.key, ""), _suggested(tracker, field.key)) for field in FIELDS],
        "column_choices": [("", "Not in the file"), *((label, label) for label in tracker.columns)],
    }
    if tracker.report:
        return page(request, "trackers/report.html", context, status=status if refused else 200)
    items = list(Item.objects.of_deployment(deployment.pk).select_related("assignee"))
    found = plan(tracker, items, may_accept=can(request, Permission.ITEM_REVIEW))
    only = request.GET.get("only", "")
    context |= {
        "items": [item for item in items if item.state != Item.State.RETIRED],
        "rows": [_shown(row) for row in found.rows if _wanted(row, only)],
        "counts": found.counts,
        "unsure": sum(_unsure(row) for row in found.rows),
        "total": len(found.rows),
        "only": only,
        "seen": digest(found),
        "keep": KEEP,
        "leave": LEAVE,
        "history": timeline(tracker.pk),
    }
    return page(request, "trackers/show.html", context, status=status if refused else 200)


def _suggested(tracker: TrackerImport, key: str) -> str:
    found = next((one for one in tracker.suggestions if one["field"] == key), None)
    if found is None or found["column"] != tracker.mapping.get(key):
        return ""
    word = "Sure" if found["confidence"] >= SURE else "Likely" if found["confidence"] >= 0.7 else "Possible"
    return f"{word}, {found['reason']}"


def _wanted(row: Row, only: str) -> bool:
    return {"unsure": _unsure(row), "own": row.kind == LOCAL, "remarks": bool(row.remarks)}.get(only, True)


def _unsure(row: Row) -> bool:
    return row.match is not None and row.match.word == "possible" and not row.chosen


def _is(row: Row) -> str:
    """Return what a row is, as its field says it."""
    if row.item is not None:
        return f"#{row.item.number} {row.item.title}"
    return LEAVE if row.kind == SKIP else KEEP


def _choice(said: str, by_number: dict[int, str], row: Row) -> str:
    text = " ".join(said.split())
    if text.casefold().startswith(LEAVE.casefold()):
        return SKIP
    if text.casefold().startswith(KEEP.casefold()):
        return LOCAL
    number = re.match(r"#?(\d{1,4})\b", text)
    if number and int(number[1]) in by_number:
        return by_number[int(number[1])]
    raise TrackerRefused(f"Row {row.number}: “{text[:60]}” is no item. Choose one of the list, such as #12.")


def _shown(row: Row) -> dict[str, Any]:
    """Say what becomes of a row."""
    item, after = row.item, row.after
    said = []
    if "state" in after:
        said.append(
            f"{item.get_state_display()} → {Item.State(after['state']).label}"
            if item
            else str(Item.State(after["state"]).label)
        )
    if "due_on" in after:
        said.append(f"due {day(item.due_on)} → {day(after['due_on'])}" if item else f"due {day(after['due_on'])}")
    if "assignee_id" in after:
        said.append(f"assigned to {row.says.get('owner', '')}")
    confidence = ""
    if row.chosen:
        confidence = "Chosen by you"
    elif row.match:
        confidence = f"{row.match.word.capitalize()}, {round(row.match.confidence * 100)} %, {row.match.reason}"
    return {
        "number": row.number,
        "title": row.title,
        "kind": row.kind,
        "is": _is(row),
        "confidence": confidence,
        "unsure": _unsure(row),
        "becomes": ", ".join(said) or ("Nothing changes" if row.kind in ("same", "change") else ""),
        "remarks": row.remarks,
    }


def _tracker(request: HttpRequest, pk: UUID) -> TrackerImport:
    _host_only(request)
    found = TrackerImport.objects.select_related("change", "created_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    found.deployment = Lens.of(request).deployment(found.deployment_id)
    return found


def _deployment(request: HttpRequest, pk: UUID) -> Deployment:
    _host_only(request)
    return Lens.of(request).deployment(pk)


def _host_only(request: HttpRequest) -> None:
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.IMPORT_RUN)


def _place(org: str, tracker: TrackerImport) -> str:
    return reverse("org:trackers:show", kwargs={"org": org, "tracker": tracker.pk})
