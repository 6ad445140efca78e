"""Courses, their versions and drafts, and what a site puts into their text."""

from training.courses.models.course import Course, CourseVersion
from training.courses.models.draft import CourseDraft
from training.courses.models.site_value import SiteValue

__all__ = ["Course", "CourseDraft", "CourseVersion", "SiteValue"]
