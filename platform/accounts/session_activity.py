"""Where a person is signed in, and when they were last seen there."""

import time

from allauth.usersessions.middleware import UserSessionsMiddleware
from django.http import HttpRequest, HttpResponseBase

SEEN = "seen"
EVERY = 300
"""Seconds. Open pages ask for news every two: each of these must not write a row and read three."""


class SessionActivityMiddleware(UserSessionsMiddleware):  # type: ignore[misc]
    """Writes a session's activity down when it is new, and every five minutes."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Go on; track first where it is time."""
        key = request.session.session_key
        if key and request.user.is_authenticated:
            known, at = request.session.get(SEEN, ("", 0))
            now = int(time.time())
            if known == key and now - at < EVERY:
                response: HttpResponseBase = self.get_response(request)
                return response
            request.session[SEEN] = (key, now)
        tracked: HttpResponseBase = super().__call__(request)
        return tracked
