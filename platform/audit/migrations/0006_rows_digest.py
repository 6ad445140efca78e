"""A second digest in each batch, over the rows as they are stored: what makes a verification fast."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0005_canonical")]
    operations = [
        migrations.AddField(
            model_name="batch",
            name="rows_digest",
            field=models.BinaryField(
                default=b"", help_text="Of its events and leaves as stored; none in the oldest batches", max_length=32
            ),
        ),
    ]
