"""How often a person may make Causeway call an address of theirs: the caller waits for it, and with it a process of ours."""

from allauth.core import ratelimit
from django.http import HttpRequest

LIMITED_AS = "manage_email"
"""Whose rate limit (ten a minute for each person) holds: both make Causeway write to where a person says."""
TOO_MANY = "It was not asked: you made many calls within a minute. Wait a minute, then try the next."


def may_call(request: HttpRequest) -> bool:
    """Count a call; return whether this one is allowed."""
    return bool(ratelimit.consume(request, action=LIMITED_AS, user=request.user))
