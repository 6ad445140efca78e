"""A run keeps what it was asked; a rhythm counts from the day that was asked for. Rows from before have neither."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assurance', '0002_audit_packs'),
    ]

    operations = [
        migrations.AddField(
            model_name='definition',
            name='counts_from',
            field=models.DateField(help_text='The day that was asked for: its rhythm counts from there, not from the working day it moved to', null=True),
        ),
        migrations.AddField(
            model_name='run',
            name='rule',
            field=models.JSONField(help_text='What was asked when it began: criteria, sites, and the words for them', null=True),
        ),
    ]
