"""How a decommission's pages are looked at."""

from onboarding.deployments.models import Deployment
from testing.pictures.registry import LIGHT, SMALL, SPONSOR, picture, unpictured

picture(
    "decommission", SPONSOR, "decommission:show",
    {"deployment": lambda demo: Deployment.objects.get(site__city="Wenatchee")}, looks=(LIGHT, SMALL),
)  # fmt: skip
unpictured("decommission:certificate", "a PDF of a deployment that has ended; no demo site has")
unpictured("verify_decommission", "the public page of such a certificate; no demo site has one", within=False)
