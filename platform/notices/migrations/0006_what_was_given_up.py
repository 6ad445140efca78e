"""Indexes over the few rows that were given up: counted every few seconds over all organizations."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notices", "0005_readings")]
    operations = [
        AddIndexConcurrently(
            "reminder",
            models.Index(
                fields=["organization", "due_at"], name="queue_reminder_failed", condition=Q(state="failed")
            ),
        ),
        AddIndexConcurrently(
            "jobrun",
            models.Index(fields=["organization", "on"], name="queue_job_run_failed", condition=Q(state="failed")),
        ),
    ]
