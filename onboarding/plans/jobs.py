"""What plans do every night."""

from notices.jobs import job
from onboarding.deployments.models import Deployment
from onboarding.plans.actions.compute_forecast import ON_ITS_WAY, compute_forecast
from tenancy.models import Organization


@job("forecasts", "Forecasts of go-live: another day has passed", hour=2)
def forecasts(organization: Organization) -> dict[str, int]:
    """Compute every forecast for the new day."""
    going = list(Deployment.objects.filter(state__in=ON_ITS_WAY).order_by("pk").values_list("pk", flat=True))
    for deployment_id in going:
        compute_forecast(deployment_id)
    return {"forecasts": len(going)}
