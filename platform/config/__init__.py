"""Settings, URLs, entry points, and what happens because something else happened."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
