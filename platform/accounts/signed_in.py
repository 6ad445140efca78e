"""Who is signed in: the session and the person, which every request asks for, by statements written once a process."""

from typing import Any
from uuid import UUID

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from tenancy.prepared import prepared


class SessionStore(db.SessionStore):
    """Django's sessions in the database."""

    def _get_session_from_db(self) -> Session | None:
        found: Session | None = next(iter(_session(self.session_key)), None) if self.session_key else None
        if found is None or found.expire_date <= timezone.now():
            self._session_key = None
            return None
        return found


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's way to sign in, by e-mail address."""

    def get_user(self, user_id: UUID) -> Any:
        """Return the person, or None for one who was deleted or may not sign in any more."""
        found = next(iter(_person(user_id)), None)
        return found if found is not None and self.user_can_authenticate(found) else None


@prepared
def _session(key: str) -> QuerySet[Session]:
    return Session.objects.filter(session_key=key)


@prepared
def _person(user_id: UUID) -> QuerySet[User]:
    return User.objects.filter(pk=user_id)
