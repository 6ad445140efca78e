"""Installed under `config.settings.faults` only."""

import os
from pathlib import Path
from typing import Any

from celery import current_app
from celery.signals import worker_init, worker_process_init
from django.apps import AppConfig
from django.conf import settings


class FaultsConfig(AppConfig):
    """Declares what the reminders of a fault run are about, and gives its workers their clock and their haste."""

    name = "testing.faults"
    label = "testing_faults"

    def ready(self) -> None:
        """Take up what the run's environment asks for."""
        if "CAUSEWAY_FAULTS_HASTE" in os.environ:
            from testing.faults.haste import hurry

            hurry()
        if "CAUSEWAY_FAULTS_BEAT" in os.environ:
            current_app.conf.beat_schedule = {"plan-jobs": {"task": "notices.tasks.plan_jobs", "schedule": 1.0}}
        worker_init.connect(self.keep_time)
        worker_process_init.connect(self.keep_time)

    def keep_time(self, **kwargs: Any) -> None:
        """Follow the run's clock."""
        from testing.faults.clock import follow

        follow(Path(settings.FAULT_POINTS).with_name("clock"))
