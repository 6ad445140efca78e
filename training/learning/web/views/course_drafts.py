"""Uploading a course: checked, read as its learners will, then published or thrown away."""

from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.require import require
from training.courses.guessing import lengths
from training.courses.models import CourseDraft, CourseTranslation, CourseVersion
from training.courses.package import LARGEST, unpack_course
from training.courses.problems import CourseProblemsError
from training.learning.actions.publish_draft import publish_draft
from training.learning.web.media import media_of, show_media
from training.learning.web.preview import show_lesson
from web.forms import Form
from web.render import page, toast

MOST_PROBLEMS = 100


class CourseForm(Form):
    """A course as one file."""

    file = forms.FileField(
        label="Course",
        help_text="A .zip of the course's folder, up to 50 MB.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )


@require(Permission.TRAINING_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, org: str) -> HttpResponse:
    """Take a course in and check it; every problem is named by file, key and field."""
    form = CourseForm(request.POST, request.FILES) if request.method == "POST" else CourseForm()
    problems: tuple[str, ...] = ()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            package = unpack_course(file.read(LARGEST + 1))
            course, media = package.course, package.media
            if course.translation_of:
                taken = CourseTranslation.take(course, media=media, by=request.actor)  # type: ignore[attr-defined]
                toast(request, f"{taken.version.title} is there in {taken.language}")
                kwargs = {"org": org, "version": taken.version_id}
                return HttpResponseRedirect(reverse("org:training:course", kwargs=kwargs))
            draft = CourseDraft.upload(course, media=media, file_name=file.name, by=request.actor)  # type: ignore[attr-defined]
        except CourseProblemsError as refused:
            problems = tuple(refused.problems)
        except ValueError as refused:
            problems = (str(refused),)
        else:
            return HttpResponseRedirect(reverse("org:training:draft", kwargs={"org": org, "draft": draft.pk}))
    context = {"form": form, "problems": problems[:MOST_PROBLEMS], "count": len(problems)}
    return page(request, "training/upload.html", context, status=422 if form.is_bound else 200)


@require_safe
@require(Permission.TRAINING_MANAGE)
def draft(request: HttpRequest, org: str, draft: UUID) -> HttpResponse:
    """Show a draft: its lessons to read, what it asks of those who passed, and how to publish it."""
    return _shown(request, _draft(draft))


@require_safe
@require(Permission.TRAINING_MANAGE)
def lesson(request: HttpRequest, org: str, draft: UUID, lesson: str) -> HttpResponse:
    """Read a lesson of a draft as a learner will; nothing is kept."""
    found = _draft(draft)
    back = reverse("org:training:draft", kwargs={"org": org, "draft": found.pk})
    return show_lesson(request, found.content, lesson, back, media_of(found))


@require_safe
@require(Permission.TRAINING_MANAGE)
def media(request: HttpRequest, org: str, draft: UUID, name: str) -> HttpResponseBase:
    """Show a picture, a video or captions of a draft."""
    return show_media(request, name, _draft(draft).content)


@require_POST
@require(Permission.TRAINING_MANAGE)
def publish(request: HttpRequest, org: str, draft: UUID) -> HttpResponse:
    """Make the draft the version that learners take."""
    found = _draft(draft)
    try:
        version = publish_draft(found, by=request.actor)  # type: ignore[attr-defined]
    except ValueError as refused:
        return _shown(request, found, refused=str(refused))
    toast(request, f"{version.title} {version.version} published")
    return HttpResponseRedirect(reverse("org:training:course", kwargs={"org": org, "version": version.pk}))


@require_POST
@require(Permission.TRAINING_MANAGE)
def discard(request: HttpRequest, org: str, draft: UUID) -> HttpResponse:
    """Throw the draft away."""
    found = _draft(draft)
    found.discard(by=request.actor)  # type: ignore[attr-defined]
    toast(request, f"The draft of {found} is gone")
    return HttpResponseRedirect(reverse("org:training:courses", kwargs={"org": org}))


def _shown(request: HttpRequest, found: CourseDraft, *, refused: str = "") -> HttpResponse:
    standing = CourseVersion.objects.filter(course__key=found.content.key).newest_first().first()
    context = {
        "draft": found,
        "content": found.content,
        "standing": standing,
        "refused": refused,
        "tell": lengths(found.content).tell,
    }
    return page(request, "training/draft.html", context, status=409 if refused else 200)


def _draft(pk: UUID) -> CourseDraft:
    found = CourseDraft.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
