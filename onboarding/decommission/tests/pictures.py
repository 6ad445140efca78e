"""How a decommission's pages are looked at."""

from onboarding.deployments.models import Deployment
from testing.pictures.registry import EVERY, LIGHT, NOBODY, SMALL, SPONSOR, picture, unpictured

picture(
    "decommission", SPONSOR, "decommission:show",
    {"deployment": lambda demo: Deployment.objects.get(site__city="Wenatchee")}, looks=(LIGHT, SMALL),
)  # fmt: skip
picture("decommissioned", SPONSOR, "decommission:show", {"deployment": "ended"}, looks=EVERY)
picture(
    "certificate-of-the-end", NOBODY, "verify_decommission", within=False,
    at=lambda demo: f"/d/{demo.org}/{demo.certificate.code}/", looks=(LIGHT, SMALL),
)  # fmt: skip
unpictured("decommission:certificate", "a PDF")
