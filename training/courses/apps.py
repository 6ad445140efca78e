"""Courses: what is taught, in published versions."""

from django.apps import AppConfig


class CoursesConfig(AppConfig):
    """The course library of an organization."""

    name = "training.courses"
    verbose_name = "Courses"

    def ready(self) -> None:
        """Declare the vocabulary and the nightly job."""
        from training.courses import audit, jobs  # noqa: F401
