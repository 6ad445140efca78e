"""Programs that call the API, for the tests."""

import json
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from access.permissions import Permission
from accounts.models import ApiToken, Membership, User
from tenancy.models import Organization
from tenancy.scope import scope
from testing.cast import World

EVERYTHING = frozenset(Permission)


class Caller:
    """A program with a token."""

    def __init__(self, secret: str, organization: str = "host") -> None:
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})
        self.secret = secret
        self.base = f"/o/{organization}/api/v1/"

    def get(self, path: str, **headers: str) -> Any:
        """GET an address below the API's."""
        return self.client.get(path if path.startswith("/") else self.base + path, headers=headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST a JSON body."""
        return self.client.post(
            self.base + path,
            data=json.dumps({} if body is None else body),
            content_type="application/json",
            headers={name.replace("_", "-"): value for name, value in headers.items()},
        )


def token(user: User, organization: Organization, scopes: Any = None) -> tuple[ApiToken, str]:
    """Make a token of this member with these scopes, or all that the member has."""
    with scope(organization.pk):
        member = Membership.objects.active().get(user=user)
        return ApiToken.make(
            name="test",
            scopes=member.permissions if scopes is None else scopes,
            expires_at=timezone.now() + timedelta(days=30),
            by=member.actor,
        )


def caller(world: World, user: User, scopes: Any = None) -> Caller:
    """Return a program of a member of the host."""
    return Caller(token(user, world.host, scopes)[1])


def assert_problem(answer: Any, status: int, kind: str, **members: Any) -> dict[str, Any]:
    """Check a refusal's shape and return it."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    found: dict[str, Any] = json.loads(answer.content)
    assert {"type", "title", "status", "detail"} <= found.keys()
    assert (found["type"], found["status"]) == (f"urn:causeway:problem:{kind}", status)
    assert found["detail"]
    for name, value in members.items():
        assert found[name] == value
    return found
