"""Decisions at gates, and what they stand on."""

from onboarding.golive.models.condition import Condition
from onboarding.golive.models.gate_pass import GatePass
from onboarding.golive.models.gate_watch import GateWatch
from onboarding.golive.models.pack import EvidencePack
from onboarding.golive.models.review import GateReview
from onboarding.golive.models.signature import Signature
from onboarding.golive.models.vote import Vote
from onboarding.golive.models.waiver import Waiver

__all__ = ["Condition", "EvidencePack", "GatePass", "GateReview", "GateWatch", "Signature", "Vote", "Waiver"]
