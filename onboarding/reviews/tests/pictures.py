"""How the reviews' pages are looked at."""

from typing import Any

from onboarding.reviews.models import Review
from testing.pictures.registry import EVERY, LIGHT, MANAGER, SMALL, picture


def decided(demo: Any) -> Review:
    """A review at which it was decided to fix."""
    return Review.objects.get(deployment__site__city="Wenatchee", days=30)


picture("reviews", MANAGER, "reviews:calendar", looks=(LIGHT, SMALL))
picture("reviews-of-a-site", MANAGER, "reviews:index", {"deployment": lambda demo: decided(demo).deployment_id})
picture("review", MANAGER, "reviews:show", {"review": decided}, looks=EVERY)
