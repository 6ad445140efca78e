"""Replies by mail: a message about an item can be answered where it was read."""

from django.apps import AppConfig


class RepliesConfig(AppConfig):
    """Addresses that take an answer, and the process that receives them."""

    name = "onboarding.replies"
    label = "replies"
    verbose_name = "Replies by mail"

    def ready(self) -> None:
        """Give the messages of a conversation an address to answer at."""
        from notices.kinds import answered_at
        from onboarding.replies.models.address import for_comment, for_event

        answered_at("deployments.mention", for_comment)
        answered_at("deployments.answered", for_event)
