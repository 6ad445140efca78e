"""Courses, their versions, drafts and translations, and what a site puts into their text."""

from training.courses.models.course import Course, CourseVersion
from training.courses.models.draft import CourseDraft
from training.courses.models.site_value import SiteValue
from training.courses.models.translation import CourseTranslation

__all__ = ["Course", "CourseDraft", "CourseTranslation", "CourseVersion", "SiteValue"]
