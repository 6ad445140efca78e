"""Who calls, as REST framework's views see it, and how often."""

import logging
import time
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

log = logging.getLogger(__name__)
WINDOW = 60


class TokenOrSession(SessionAuthentication):
    """Whom `api.door` let in; a session's writes carry the CSRF token, as the pages' do."""

    def authenticate(self, request: Request) -> Any:
        """Return the person and, for a program, its bearer."""
        bearer = getattr(request._request, "bearer", None)
        return (bearer.user, bearer) if bearer else super().authenticate(request)

    def authenticate_header(self, request: Request) -> str:
        """Answer 401, not 403, to whoever is nobody."""
        return 'Bearer realm="causeway"'


def caller_of(request: Request) -> UUID:
    """Return the token's id, or the person's for a session."""
    bearer: Any = request.auth
    found = bearer.token_id if bearer else request.user.pk
    return UUID(str(found))


class PerCaller(BaseThrottle):
    """So many requests a minute for each token or person, counted in whole minutes."""

    def __init__(self) -> None:
        self.left = 0.0

    def allow_request(self, request: Request, view: Any) -> bool:
        """Count this request; without the cache nobody is held up."""
        now = time.time()
        self.left = WINDOW - now % WINDOW
        key = f"api:calls:{request.organization.pk}:{caller_of(request)}:{int(now // WINDOW)}"  # type: ignore[attr-defined]
        try:
            cache.add(key, 0, 2 * WINDOW)
            return bool(cache.incr(key) <= settings.API_REQUESTS_A_MINUTE)
        except (RedisError, OSError, ValueError):
            log.warning("the API's requests are not counted: the cache does not answer")
            return True

    def wait(self) -> float:
        """Return the seconds until the next minute."""
        return self.left + 1
