"""Reviews after go-live, what they found, and the signature under what was decided."""

from onboarding.reviews.models.decision import ReviewDecision
from onboarding.reviews.models.review import Finding, Review, ReviewRefused

__all__ = ["Finding", "Review", "ReviewDecision", "ReviewRefused"]
