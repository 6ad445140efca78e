"""Decisions at gates, and what they stand on."""

from onboarding.golive.models.gate_pass import GatePass
from onboarding.golive.models.review import Condition, GateReview, Vote
from onboarding.golive.models.signature import Signature
from onboarding.golive.models.waiver import Waiver

__all__ = ["Condition", "GatePass", "GateReview", "Signature", "Vote", "Waiver"]
