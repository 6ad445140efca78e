"""The Celery application. Celery rings the bell; PostgreSQL remembers (docs/adr/0005-reminders.md)."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import celeryd_after_setup, worker_init, worker_process_init

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
    """Before the worker processes are forked: none of them collects again what was imported."""
    from web.memory import settle_memory

    settle_memory()


@worker_process_init.connect
def start_timer(**kwargs: Any) -> None:
    """Give every worker process its own clock: nothing that must happen waits for beat or for Redis."""
    from audit import timer

    timer.start()
