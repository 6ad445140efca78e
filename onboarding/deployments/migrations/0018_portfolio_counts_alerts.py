from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("deployments", "0017_portfolio_row_alert"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="portfoliorow", name="portfolio_counts"),
        migrations.AddIndex(
            model_name="portfoliorow",
            index=models.Index(
                fields=["organization", "state", "go_live_on"],
                include=("blocked", "next_due_on", "forecast_p50", "alert", "deployment_id"),
                name="portfolio_counts",
            ),
        ),
    ]
