"""Reviews after go-live, and what they found."""

from onboarding.reviews.models.review import Finding, Review, ReviewRefused

__all__ = ["Finding", "Review", "ReviewRefused"]
