"""What the isolation suite needs to know about the vault."""

from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Membership
from audit.actor import Actor
from onboarding.vault.actions.hand_over import offer
from onboarding.vault.models import Paper, ReceivedPaper
from onboarding.vault.tests.shelf import stored
from tenancy.ids import uuid7
from tenancy.models import Share
from tenancy.scope import scope
from testing.isolation.homes import Home
from testing.isolation.registry import Filler, Lane, Values, api, builds, ids, operation


@builds(order=15)
def papers(home: Home, lane: Lane) -> None:
    """A paper in each state that a verb starts from, and offers in both directions."""
    by = home.actor("implementation_manager")
    common = home.shared_things

    def paper(name: str, **details: object) -> Paper:
        return Paper.add(
            stored(text=f"{name} {home.closed_token}"), by=by, title=f"{name} {home.closed_token}", **details
        )

    if "paper" not in common:
        standing = paper("Standing")
        standing.approve(by=by)
        common |= {
            "paper": standing.pk,
            "reviewed_paper": paper("Reviewed").pk,
            "unready_paper": paper("Unready", ready=False).pk,
        }
        common |= _offers(home, by)
    names = ("paper", "reviewed_paper", "unready_paper", "received", "given_offer", "receiver")
    lane.things |= {name: common[name] for name in names}


def _member(home: Home, part: str) -> Actor:
    return Membership.objects.active().get(user=home.people[part]).actor


def _offers(home: Home, by: Actor) -> dict[str, object]:
    """An offer of the vendor, with whom the deployment is shared, and one to the hub, which shares something too."""
    hub = home.partners["hub"]
    with scope(home.partners["vendor"].pk):
        vendor = _member(home, "vendor")
        theirs = Paper.add(stored(text=f"Of the vendor {home.slug}"), by=vendor, title=f"Offered {home.closed_token}")
        theirs.approve(by=vendor)
        made = offer(theirs, home.organization, by=vendor)
    with scope(hub.pk):
        Share(deployment_id=uuid7(), partner=home.organization, part="hub", granted_at=timezone.now()).save()
    given = offer(Paper.objects.get(state=Paper.State.APPROVED), hub, by=by)
    received = ReceivedPaper.objects.get(source_offer_id=made.pk)
    return {"received": received.pk, "given_offer": given.pk, "receiver": hub.pk}


def at(name: str) -> Filler:
    """The path of a paper in a state."""
    return lambda lane: {"paper": lane[name]}


def a_file(lane: Values) -> dict[str, object]:
    """A version to come."""
    until = timezone.localdate() + timedelta(days=200)
    return {
        "title": "Another", "valid_until": until.isoformat(), "owner": str(lane["person"]),
        "file": SimpleUploadedFile("paper.txt", b"Seen and kept.", content_type="text/plain"),
    }  # fmt: skip


operation("org:vault:index", query=lambda lane: {"q": "cnry"})
operation("org:vault:add", body=a_file)
operation("org:vault:controls")
operation("org:vault:offers")
operation("org:vault:offer_withdraw", lambda lane: {"offer": lane["given_offer"]}, get=False, body=lambda lane: {})
operation("org:vault:offer_accept", ids("received"), get=False, body=lambda lane: {})
operation("org:vault:offer_decline", ids("received"), get=False, body=lambda lane: {})
operation("org:vault:paper", ids("paper"))
operation(
    "org:vault:describe", ids("paper"),
    body=lambda lane: {"title": "Renamed", "owner": str(lane["person"]), "mapped": "safe-use/ai"},
)  # fmt: skip
operation("org:vault:renew", ids("paper"), get=False, body=a_file)
operation("org:vault:version", lambda lane: {"paper": lane["paper"], "number": 1})
operation("org:vault:ready", at("unready_paper"), get=False, body=lambda lane: {})
operation("org:vault:unready", at("reviewed_paper"), get=False, body=lambda lane: {})
operation("org:vault:approve", at("reviewed_paper"), get=False, body=lambda lane: {})
operation("org:vault:flag", ids("paper"), get=False, body=lambda lane: {"reason": "Wrong"})
operation("org:vault:revoke", ids("paper"), get=False, body=lambda lane: {"reason": "Wrong"})
operation("org:vault:offer", ids("paper"), get=False, body=lambda lane: {"partner": str(lane["receiver"])})
operation(
    "org:deployments:item_use_paper",
    lambda lane: {"deployment": lane["deployment"], "item": str(lane["spare_item"])},
    get=False,
    body=lambda lane: {"paper": str(lane["paper"]), "wanted_key": ""},
)
operation(
    "org:deployments:evidence_keep",
    lambda lane: {"deployment": lane["deployment"], "evidence": lane["evidence"]},
    get=False,
    body=lambda lane: {},
)


def pk(name: str) -> Filler:
    """The address of a thing that the API calls `pk`."""
    return lambda lane: {"pk": lane[name]}


ANSWER = {"question": "Is it encrypted?", "words": "At rest and under way."}
api("papers", body=lambda lane: {"title": "By token", **ANSWER})
api("papers/<uuid:pk>", pk("paper"))
api("papers/<uuid:pk>/versions", pk("paper"), get=False, body=lambda lane: ANSWER)
api("papers/<uuid:pk>/ready", pk("unready_paper"), get=False, body=lambda lane: {})
api("papers/<uuid:pk>/unready", pk("reviewed_paper"), get=False, body=lambda lane: {})
api("papers/<uuid:pk>/approve", pk("reviewed_paper"), get=False, body=lambda lane: {})
api("papers/<uuid:pk>/flag", pk("paper"), get=False, body=lambda lane: {"reason": "Wrong"})
api("papers/<uuid:pk>/revoke", pk("paper"), get=False, body=lambda lane: {"reason": "Wrong"})
api("received-papers")
api("received-papers/<uuid:pk>/accept", pk("received"), get=False, body=lambda lane: {})
api("received-papers/<uuid:pk>/decline", pk("received"), get=False, body=lambda lane: {})
