"""Papers that are given once and used at every site, and their way between organizations."""

from onboarding.vault.models.offer import PaperOffer, ReceivedPaper
from onboarding.vault.models.paper import Paper, PaperRefused, PaperVersion

__all__ = ["Paper", "PaperOffer", "PaperRefused", "PaperVersion", "ReceivedPaper"]
