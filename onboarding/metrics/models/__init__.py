"""An organization's own figures, whether they stand among peers, and what was published of all."""

from onboarding.metrics.models.figures import PeerChoice, StageFigure
from onboarding.metrics.models.release import PeerRelease

__all__ = ["PeerChoice", "PeerRelease", "StageFigure"]
