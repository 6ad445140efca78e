"""Answers by mail."""

from onboarding.replies.models.address import ReplyAddress
from onboarding.replies.models.received import ReceivedReply

__all__ = ["ReceivedReply", "ReplyAddress"]
