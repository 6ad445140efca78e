"""Where the pictures and videos of a course are shown from: to its learner, and to who reads it before."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from tenancy.scope import current
from training.courses.models import CourseDraft, CourseVersion
from training.courses.shape import Course
from training.learning.models import Assignment
from web.ranges import shown_file
from web.uploads.kept import path_of

PLACES: dict[Any, tuple[str, str]] = {
    Assignment: ("org:learning:media", "assignment"),
    CourseVersion: ("org:training:media", "version"),
    CourseDraft: ("org:training:draft_media", "draft"),
}


def media_of(row: Assignment | CourseVersion | CourseDraft) -> Callable[[str], str]:
    """Return how pages address the media of a learner's course, of a published version, or of a draft."""
    url_name, what = PLACES[type(row)]
    return lambda name: reverse(url_name, kwargs={"org": row.organization.slug, what: row.pk, "name": name})


def show_media(request: HttpRequest, name: str, *courses: Course) -> HttpResponseBase:
    """Show a file of the first of these courses that has it; raise Http404 for any other name."""
    file = next((file for course in courses for file in course.media if file.name == name), None)
    if file is None:
        raise Http404
    return shown_file(request, path_of(current().organization_id, file.sha256), file.content_type, file.sha256)
