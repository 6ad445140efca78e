from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deployments", "0016_program_log_number"),
    ]

    operations = [
        migrations.AddField(
            model_name="portfoliorow",
            name="alert",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="What cannot wait there, for a partner that sees items; the host asks anew",
                max_length=120,
            ),
        ),
    ]
