"""The engine's numbers, written by workers and read by everybody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notices", "0004_webhook_endpoint")]
    operations = [
        migrations.CreateModel(
            name="Reading",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("value", models.FloatField()),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
