"""Legal holds."""

import django.db.models.deletion
import django.utils.timezone
import tenancy.ids
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("audit", "0007_filters_of_the_log"), ("tenancy", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="LegalHold",
            fields=[
                ("id", models.UUIDField(default=tenancy.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("matter", models.CharField(help_text="What the lawyers call it", max_length=120)),
                ("reason", models.CharField(max_length=500)),
                ("placed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("placed_by", models.UUIDField()),
                ("released_at", models.DateTimeField(null=True)),
                ("released_by", models.UUIDField(null=True)),
                ("release_reason", models.CharField(blank=True, max_length=500)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenancy.organization",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(released_at=None), fields=("organization", "matter"), name="legal_hold_once"
                    ),
                    models.CheckConstraint(
                        condition=Q(released_at=None, released_by=None, release_reason="")
                        | (Q(released_at__isnull=False, released_by__isnull=False) & ~Q(release_reason="")),
                        name="legal_hold_released_with_a_reason",
                    ),
                ],
            },
        ),
    ]
