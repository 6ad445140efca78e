"""A champion's hand-over, funding sources, and what a program costs a month."""

from onboarding.continuity.models.funding import FundingSource, MonthlyCost
from onboarding.continuity.models.hand_over import ChampionHandOver

__all__ = ["ChampionHandOver", "FundingSource", "MonthlyCost"]
