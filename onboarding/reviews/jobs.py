"""What time alone changes: reviews that come, and those that were missed."""

from django.utils import timezone

from audit.actor import Actor
from notices.jobs import job
from onboarding.reviews import notices
from onboarding.reviews.models import Review
from tenancy.models import Organization

BY = Actor.system("reviews")


@job("reviews", "Reviews after go-live: reminded, or noted as missed", hour=5)
def reviews(organization: Organization) -> dict[str, int]:
    """Note what was missed, and plan the reminders of what is to come."""
    missed = list(Review.objects.waiting().overdue(timezone.localdate()).order_by("pk"))
    for review in missed:
        review.miss(by=BY)
    waiting = Review.objects.waiting().select_related(*notices.RELATED)
    return {"missed": len(missed), "waiting": notices.plan_reviews(waiting, by=BY)}
