"""The decommission of a deployment, its steps and its certificates."""

from onboarding.decommission.models.certificate import Certificate
from onboarding.decommission.models.decommission import Decommission, DecommissionRefused, DecommissionStep

__all__ = ["Certificate", "Decommission", "DecommissionRefused", "DecommissionStep"]
