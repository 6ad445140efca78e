"""The Celery application. Celery rings the bell; PostgreSQL remembers (docs/adr/0004-reminders.md)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("causeway", task_cls="tenancy.tasks:AfterCommitTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
