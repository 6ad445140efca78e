"""Answers by mail have no page: addresses are planted so that a walk through the tables finds them."""

from onboarding.deployments.models import Item
from onboarding.replies.models import ReplyAddress
from testing.isolation.homes import Home
from testing.isolation.registry import Lane, builds


@builds(order=820)
def reply_address(home: Home, lane: Lane) -> None:
    """Give the contributor an address to answer at."""
    item = Item.objects.get(pk=lane.things["item"])
    ReplyAddress.of(item, home.people["contributor"].pk, internal=False)
