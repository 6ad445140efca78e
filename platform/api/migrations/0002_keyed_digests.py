"""The digest of a request is keyed: its field says so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Words only; what is kept for a day is not found again."""

    dependencies = [("api", "0001_idempotent_requests")]

    operations = [
        migrations.AlterField(
            model_name="idempotentrequest",
            name="digest",
            field=models.CharField(help_text="HMAC-SHA256 of method, address and body", max_length=64),
        ),
    ]
