"""What a site does differently."""

from onboarding.adaptations.models.adaptation import Adaptation

__all__ = ["Adaptation"]
