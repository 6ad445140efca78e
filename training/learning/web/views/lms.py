"""Completions of a hospital's own learning system: upload, map, dry run, take."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from access.permissions import Permission
from access.require import require
from training.courses.models import Course
from training.learning.actions.import_completions import FIELDS, NEEDED, Judged, guess, judge, lines_of, take
from training.learning.models import LmsImport
from training.learning.models.lms_import import WrongMoment
from training.learning.reading import LARGEST, ListProblems, rows_of
from web.formats import plural
from web.forms import Form
from web.render import page, toast
from web.tables import Column, table_file
from web.whole_tables import shown_rows

SHOWN = 50
TITLES = {
    "email": "E-mail",
    "course": "Course",
    "completed": "Completed on",
    "expires": "Expires on",
    "id": "Record id",
}
TABLE: list[Column] = [
    ("Row", "line.number"), ("E-mail", "line.email"), ("Course", "line.course"), ("Completed", "line.completed"),
    ("Valid until", "expires_on"), ("What happens", "says"),
]  # fmt: skip


class LmsForm(Form):
    """A file and where it comes from."""

    source = forms.CharField(label="Learning system", max_length=80, help_text="As people call it: HealthStream, say.")
    file = forms.FileField(
        label="Completions (CSV)", help_text="One row for each person and course, headings on top. At most 2 MB."
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.TRAINING_MANAGE)
def imports(request: HttpRequest, org: str) -> HttpResponse:
    """List what was taken, and take a file in for mapping."""
    form = LmsForm(request.POST, request.FILES) if request.method == "POST" else LmsForm()
    problems: list[str] = []
    if form.is_valid():
        file = form.cleaned_data["file"]
        content = file.read(LARGEST + 1)
        try:
            rows = rows_of(content)
            if not rows:
                raise ListProblems(["The file has headings and no rows."])
            text = content.decode("utf-8-sig", errors="replace")
            made = LmsImport.begin(
                text, source=form.cleaned_data["source"], file_name=file.name, columns=guess(rows[0]), by=request.actor  # type: ignore[attr-defined]
            )  # fmt: skip
        except ListProblems as found:
            problems = found.problems
        else:
            return HttpResponseRedirect(reverse("org:training:lms_import", kwargs={"org": org, "taken": made.pk}))
    made_before = shown_rows(request.GET, LmsImport.objects.defer("text").order_by("-made_at"), SHOWN)
    context = {"form": form, "problems": problems, "imports": made_before}
    return page(request, "training/lms_imports.html", context, status=422 if problems or form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require(Permission.TRAINING_MANAGE)
def lms_import(request: HttpRequest, org: str, taken: UUID) -> Any:
    """Map columns and courses, and see what would become of each row."""
    found = _found(taken)
    headings = list(rows_of(found.text.encode())[0])
    if request.method == "POST":
        columns = {name: request.POST.get(f"column-{name}", "") for name in FIELDS}
        theirs, ours = request.POST.getlist("theirs"), request.POST.getlist("ours")
        known = set(Course.objects.values_list("key", flat=True))
        courses = {name: key for name, key in zip(theirs, ours, strict=False) if key in known}
        columns = {name: heading if heading in headings else "" for name, heading in columns.items()}
        try:
            found.map(columns=columns, courses=courses, by=request.actor)  # type: ignore[attr-defined]
        except WrongMoment as refused:
            toast(request, str(refused))
        return HttpResponseRedirect(reverse("org:training:lms_import", kwargs={"org": org, "taken": found.pk}))
    lines = lines_of(found)
    judged = judge(lines, source=found.source, courses=found.courses)
    if file := table_file(request, "completions", TABLE, judged):
        return file
    context = {
        "imported": found,
        "fields": [(name, TITLES[name], name in NEEDED, found.columns.get(name, "")) for name in FIELDS],
        "headings": headings,
        "theirs": [
            (name, found.courses.get(name, "")) for name in sorted({line.course for line in lines if line.course})
        ],
        "courses": list(Course.objects.by_title()),
        "judged": judged,
        "counts": _counts(judged),
        "ready": all(found.columns.get(name) for name in NEEDED),
    }
    return page(request, "training/lms_import.html", context)


@require_POST
@require(Permission.TRAINING_MANAGE)
def take_lms(request: HttpRequest, org: str, taken: UUID) -> HttpResponse:
    """Take what fits, or throw the upload away."""
    found = _found(taken)
    by = request.actor  # type: ignore[attr-defined]
    try:
        if request.POST.get("decision") == "discard":
            found.close(LmsImport.State.DISCARDED, counts={}, by=by)
            toast(request, "Upload thrown away")
        else:
            if found.state != LmsImport.State.DRAFT:
                raise WrongMoment("This import was closed already.")
            done = take(lines_of(found), source=found.source, courses=found.courses, by=by, lms_import=found)
            toast(request, f"{plural(_counts(done)['new'], 'completion')} taken")
    except WrongMoment as refused:
        toast(request, str(refused))
    return HttpResponseRedirect(reverse("org:training:lms_imports", kwargs={"org": org}))


def _counts(judged: list[Judged]) -> dict[str, int]:
    kinds = [one.does for one in judged]
    return {kind: kinds.count(kind) for kind in ("new", "known", "problem")}


def _found(pk: UUID) -> LmsImport:
    found: LmsImport | None = LmsImport.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
