"""The course library: adopt, read as a learner, fill in what differs by site."""

from dataclasses import replace
from uuid import UUID

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from audit.timeline import timeline
from tenancy.models import Site
from training.courses.document import LANGUAGE, load_course, starter_folders
from training.courses.media_store import stored_media
from training.courses.models import CourseDraft, CourseVersion, SiteValue
from training.courses.models.translation import translations_of
from training.courses.package import pack_course
from training.learning.actions.take_up_version import adopt_course
from training.learning.models import Rollout
from training.learning.web.media import media_of, show_media
from training.learning.web.preview import show_lesson
from web.render import page, toast


@require_safe
@require(Permission.TRAINING_NAMES)
def courses(request: HttpRequest, org: str) -> HttpResponse:
    """List the organization's courses, and the starters it has not adopted."""
    versions = sorted(
        CourseVersion.objects.current().select_related("course"), key=lambda version: version.course.title
    )
    adopted = {version.sha256 for version in versions}
    starters = [course for course in map(load_course, starter_folders()) if course.sha256 not in adopted]
    manage = can(request, Permission.TRAINING_MANAGE)
    drafts = CourseDraft.objects.newest_first() if manage else []
    context = {"versions": versions, "starters": starters, "manage": manage, "drafts": drafts}
    return page(request, "training/courses.html", context)


@require_POST
@require(Permission.TRAINING_MANAGE)
def adopt(request: HttpRequest, org: str) -> HttpResponse:
    """Take an own copy of a starter course."""
    folder = next((path for path in starter_folders() if path.name == request.POST.get("key")), None)
    if folder is None:
        raise Http404
    try:
        version = adopt_course(load_course(folder), by=request.actor, source="library")  # type: ignore[attr-defined]
        toast(request, f"{version.title} adopted")
    except ValueError as refused:
        toast(request, str(refused))
    return HttpResponseRedirect(reverse("org:training:courses", kwargs={"org": org}))


@require_safe
@require(Permission.TRAINING_NAMES)
def course(request: HttpRequest, org: str, version: UUID) -> HttpResponse:
    """Show a version: its lessons, its versions, and what each site fills in."""
    found = _version(version)
    sites = Site.objects.filter(pk__in=Rollout.objects.running().values("site_id")).order_by("name")
    wanted = _uuid(request.GET.get("site"))
    site = sites.filter(pk=wanted).first() if wanted else None
    return page(
        request,
        "training/course.html",
        {
            "version": found,
            "content": found.content,
            "others": list(CourseVersion.objects.filter(course=found.course).newest_first().defer("document")),
            "sites": list(sites),
            "site": site,
            "values": SiteValue.of(found.content, site.pk if site else None),
            "translations": translations_of(found),
            "manage": can(request, Permission.TRAINING_MANAGE),
            "history": timeline(found.pk),
        },
    )


@require_POST
@require(Permission.TRAINING_MANAGE)
def site_values(request: HttpRequest, org: str, version: UUID) -> HttpResponse:
    """Set what stands in the place of each `[[key]]`, for a site or for all."""
    found = _version(version)
    named = request.POST.get("site", "")
    wanted = _uuid(named)
    site = Site.objects.filter(pk=wanted).first() if wanted else None
    if named and site is None:
        raise Http404  # never the whole organization's values in the place of an unknown site's
    wider = SiteValue.of(found.content, None)
    try:
        for value in found.content.site_values:
            given = request.POST.get(value.key, "")
            same = given == (wider[value.key] if site else value.default)
            SiteValue.put(value.key, "" if same else given, site=site, by=request.actor)  # type: ignore[attr-defined]
        toast(request, "Site values saved")
    except ValueError as refused:
        toast(request, str(refused))
    query = f"?site={site.pk}" if site else ""
    return HttpResponseRedirect(reverse("org:training:course", kwargs={"org": org, "version": found.pk}) + query)


@require_safe
@require(Permission.TRAINING_NAMES)
def preview(request: HttpRequest, org: str, version: UUID, lesson: str) -> HttpResponse:
    """Read a lesson as a learner does; nothing is kept."""
    found = _version(version)
    back = reverse("org:training:course", kwargs={"org": org, "version": found.pk})
    return show_lesson(request, found.content, lesson, back, media_of(found))


@require_safe
@require(Permission.TRAINING_NAMES)
def media(request: HttpRequest, org: str, version: UUID, name: str) -> HttpResponseBase:
    """Show a picture, a video or captions of a version."""
    return show_media(request, name, _version(version).content)


@require_safe
@require(Permission.TRAINING_NAMES)
def download(request: HttpRequest, org: str, version: UUID) -> HttpResponse:
    """Give a version as the folder it was written in: to keep, to change, to carry elsewhere, or to translate."""
    content = _version(version).content
    into = request.GET.get("into", "")
    if into and (not LANGUAGE.fullmatch(into) or into == content.language):
        return HttpResponseBadRequest("Name another language by its tag, such as es-US.")
    if into:
        content = replace(content, language=into, translation_of=content.sha256)
    name = f"{content.key}-{content.version}{'-' + into if into else ''}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(pack_course(content, stored_media(content)), content_type="application/zip", headers=headers)


def _version(pk: UUID) -> CourseVersion:
    found = CourseVersion.objects.filter(pk=pk).select_related("course").first()
    if found is None:
        raise Http404
    return found


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
