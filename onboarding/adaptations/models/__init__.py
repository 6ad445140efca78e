"""What a site does differently, and what other organizations propose to change in a playbook."""

from onboarding.adaptations.models.adaptation import Adaptation
from onboarding.adaptations.models.proposal import Proposal, SentChange

__all__ = ["Adaptation", "Proposal", "SentChange"]
