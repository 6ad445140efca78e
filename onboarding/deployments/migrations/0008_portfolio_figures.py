"""An index that holds everything the portfolio counts."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("deployments", "0007_approvals")]
    operations = [
        AddIndexConcurrently(
            model_name="portfoliorow",
            index=models.Index(
                fields=["organization", "state", "go_live_on"],
                include=["blocked", "next_due_on"],
                name="portfolio_figures",
            ),
        ),
    ]
