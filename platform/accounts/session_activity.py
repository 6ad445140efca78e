"""Where a person is signed in, when they were last seen there, and that nothing of them stays behind in the browser."""

import time

from allauth.usersessions.middleware import UserSessionsMiddleware
from django.http import HttpRequest, HttpResponseBase

SEEN = "seen"
EVERY = 300
"""Seconds. Open pages ask for news every two: each of these must not write a row and read three."""


class SessionActivityMiddleware(UserSessionsMiddleware):  # type: ignore[misc]
    """Writes a session's activity down when it is new, and every five minutes; takes pages away from who signs out.

    A browser keeps whole pages to go back to without asking anybody, also without a network: on a shared phone or
    workstation the next person would see them (the page with the button itself: `js/left.js`). What waits to be sent (`queue.js`) is no page and stays.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Go on; track first where it is time."""
        key = request.session.session_key
        if not key or not request.user.is_authenticated:
            return self._tracked(request)
        known, at = request.session.get(SEEN, ("", 0))
        now = int(time.time())
        if known == key and now - at < EVERY:
            response: HttpResponseBase = self.get_response(request)
        else:
            request.session[SEEN] = (key, now)
            response = self._tracked(request)
        if not request.user.is_authenticated:
            response.headers["Clear-Site-Data"] = '"cache"'
        return response

    def _tracked(self, request: HttpRequest) -> HttpResponseBase:
        tracked: HttpResponseBase = super().__call__(request)
        return tracked
