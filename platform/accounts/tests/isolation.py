"""What the isolation suite needs to know about people, and about finding anything."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import ApiToken, Invitation, Membership
from testing.isolation.homes import HIDDEN, Home
from testing.isolation.registry import Lane, builds, ids, operation


@builds(order=5)
def people(home: Home, lane: Lane) -> None:
    """A member, an invitation that stands and a token, the same for both lanes."""
    if HIDDEN in home.lanes:
        lane.things |= {
            name: next(iter(home.lanes.values())).things[name] for name in ("member", "invitation", "token")
        }
        return
    by = home.actor("owner")
    invitation, _ = Invitation.make(
        email=f"new@{home.slug}.example", roles=["contributor"], by=by, title=f"Title {home.closed_token}"
    )
    token, _ = ApiToken.make(
        name=f"Token {home.closed_token}", scopes=["site.read"], expires_at=timezone.now() + timedelta(days=30), by=by
    )
    owner = Membership.objects.active().get(user=home.people["owner"])
    expires = timezone.now() + timedelta(days=30)
    _, home.bearer = ApiToken.make(name="Everything", scopes=owner.permissions, expires_at=expires, by=by)
    member = Membership.objects.active().get(user=home.people["learner"])
    lane.things |= {"member": member.pk, "invitation": invitation.pk, "token": token.pk}


operation("org:home")
operation("org:find", query=lambda lane: {"q": "cnry"})
operation("org:console:home")
operation("org:console:people")
operation("org:console:people_as_of", query=lambda lane: {"at": "2100-01-01T00:00"})
operation("org:console:person", ids("member"), body=lambda lane: {"roles": ["learner"]})
operation("org:console:remove", ids("member"), body=lambda lane: {}, get=False)
operation("org:console:roles")
operation("org:console:invitations")
operation("org:console:invite", body=lambda lane: {"email": "another@else.example", "roles": ["learner"]})
operation("org:console:renew", ids("invitation"), body=lambda lane: {}, get=False)
operation("org:console:revoke", ids("invitation"), body=lambda lane: {}, get=False)
operation("org:console:tokens")
operation(
    "org:console:make_token",
    body=lambda lane: {
        "name": "Reader", "scopes": ["site.read"], "expires": (timezone.localdate() + timedelta(days=30)).isoformat(),
    },
)  # fmt: skip
operation("org:console:revoke_token", ids("token"), body=lambda lane: {}, get=False)
operation(
    "org:console:organization", body=lambda lane: {"name": "Renamed", "time_zone": "America/New_York", "country": "US"}
)
operation("org:console:leave", body=lambda lane: {})
