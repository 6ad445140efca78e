"""How continuity's page is looked at."""

from onboarding.deployments.models import Deployment
from testing.pictures.registry import EVERY, OWNER, picture

picture(
    "continuity", OWNER, "continuity:show",
    {"deployment": lambda demo: Deployment.objects.get(site__city="Wenatchee")}, looks=EVERY,
)  # fmt: skip
