"""The index behind the portfolio's counts holds the forecast as well, now that it counts."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("deployments", "0013_approval_codes")]
    operations = [
        AddIndexConcurrently(
            model_name="portfoliorow",
            index=models.Index(
                fields=["organization", "state", "go_live_on"],
                include=["blocked", "next_due_on", "forecast_p50"],
                name="portfolio_counts",
            ),
        ),
        RemoveIndexConcurrently(model_name="portfoliorow", name="portfolio_figures"),
    ]
