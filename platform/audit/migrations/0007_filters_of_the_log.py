"""An index for each filter of the log. The newest events of an organization are read from the end of its own key."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("audit", "0006_rows_digest")]
    operations = [
        AddIndexConcurrently(
            "event", models.Index(fields=["organization", "actor_id", "-id"], name="event_by_actor")
        ),
        AddIndexConcurrently("event", models.Index(fields=["organization", "-at", "-id"], name="event_by_moment")),
        RemoveIndexConcurrently("event", "event_newest"),
    ]
