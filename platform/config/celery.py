"""The Celery application. Celery rings the bell; PostgreSQL remembers (docs/adr/0005-reminders.md)."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import celeryd_after_setup, task_prerun, worker_init, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

app = Celery("causeway", task_cls="tenancy.tasks:AfterCommitTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = {"plan-jobs": {"task": "notices.tasks.plan_jobs", "schedule": crontab(minute="0")}}
app.autodiscover_tasks()


@worker_init.connect
def refuse_open_walls(**kwargs: Any) -> None:
    """Do not work on a database whose walls have a gap."""
    from config.servers import ServerTooOld, refuse_old_servers
    from tenancy.catalogue import WallsOpen, refuse_to_serve

    try:
        refuse_old_servers()
        refuse_to_serve()
    except (WallsOpen, ServerTooOld) as gap:
        raise SystemExit(str(gap)) from None  # Celery logs any other exception of a signal and goes on.


@celeryd_after_setup.connect
def settle(**kwargs: Any) -> None:
    """Before the worker processes are forked: none of them imports or collects again what all of them need."""
    from django.urls import get_resolver

    from notices.mail import load_templates
    from web.memory import settle_memory

    get_resolver().url_patterns  # noqa: B018 - reads every view: seconds that each process spent at its first link
    load_templates()
    settle_memory()


@task_prerun.connect
def check_connections(**kwargs: Any) -> None:
    """Keep connections from task to task (CELERY_DB_REUSE_MAX); one that does not answer any more is opened anew."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        if connection.connection is not None and not connection.is_usable():
            connection.close()


@worker_process_init.connect
def start_timer(**kwargs: Any) -> None:
    """Give every worker process its own clock: nothing that must happen waits for beat or for Redis."""
    from audit import timer

    timer.start()
