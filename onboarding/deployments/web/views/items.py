"""What is done to one item: each verb an address, each POST answered by the item as it then is."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from access.permissions import Permission
from access.require import NotAllowed, require
from audit.actor import Actor
from onboarding.deployments.actions.hold_back import hold_back
from onboarding.deployments.actions.say import say
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Evidence, Item, TeamRole
from onboarding.deployments.models.item import ItemRefused
from onboarding.deployments.web.forms import (
    BlockForm,
    CommentForm,
    EvidenceForm,
    ReasonForm,
    UsePaperForm,
    chosen_person,
)
from onboarding.deployments.web.views.checklist import answer
from onboarding.vault.files import store
from web.uploads.scanning import Quarantined

Work = Callable[[HttpRequest, Lens, Item], str]


def verb(permission: Permission, *, host_only: bool = False) -> Callable[[Work], Callable[..., HttpResponse]]:
    """Make a view of a function that does one thing to an item and says what it did.

    The item must be one that the person may work on; a refusal is shown in the panel with 422 and changes nothing.
    """

    def make(work: Work) -> Callable[..., HttpResponse]:
        @require(permission)
        @require_POST
        def view(request: HttpRequest, org: str, deployment: UUID, item: str) -> HttpResponse:
            lens = Lens.of(request)
            found = lens.item(deployment, item)
            if host_only and not lens.of_host:
                raise NotAllowed(permission)
            sides = dict(TeamRole.objects.filter(deployment_id=deployment).values_list("code", "side"))
            if not (lens.may_work_on(found, sides) or lens.of_host):
                raise NotAllowed(Permission.ITEM_WORK)
            try:
                said = work(request, lens, found)
            except (ItemRefused, ValueError) as refusal:
                return answer(request, deployment, str(found.number), refused=str(refusal), status=422)
            return answer(request, deployment, str(found.number), said=said)

        view.__name__ = view.__qualname__ = work.__name__
        view.__doc__ = work.__doc__
        return view

    return make


def _by(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined, no-any-return]


@verb(Permission.ITEM_WORK)
def start(request: HttpRequest, lens: Lens, item: Item) -> str:
    """Begin the work."""
    item.start(by=_by(request))
    return f"#{item.number} in progress"


@verb(Permission.ITEM_WORK)
def complete(request: HttpRequest, lens: Lens, item: Item) -> str:
    """Send to review, or accept where the person may."""
    accepts = lens.of_host and lens.can(Permission.ITEM_REVIEW)
    item.complete(by=_by(request), may_accept=accepts)
    return f"#{item.number} {'accepted' if accepts else 'in review'}"


@verb(Permission.ITEM_REVIEW, host_only=True)
def accept(request: HttpRequest, lens: Lens, item: Item) -> str:
    """Accept the work."""
    item.complete(by=_by(request), may_accept=True)
    return f"#{item.number} accepted"


@verb(Permission.ITEM_REVIEW, host_only=True)
def give_back(request: HttpRequest, lens: Lens, item: Item) -> str:
    """Return the work, saying what is missing."""
    item.return_to_work(by=_by(request), reason=ReasonForm.reason(request.POST))
    return f"#{item.number} returned"


@verb(Permission.ITEM_REVIEW, host_only=True)
def reopen(request: HttpRequest, lens: Lens, item: Item) -> str:
    """Take up again what was done."""
    item.reopen(by=_by(request), reason=ReasonForm.reason(request.POST))
    return f"#{item.number} open again"


@verb(Permission.ITEM_REVIEW, host_only=True)
def not_applicable(request: HttpRequest, lens: Lens, item: Item) -> str:
    """Take the item out of the count."""
    item.mark_not_applicable(by=_by(request), reason=ReasonForm.reason(request.POST))
    return f"#{item.number} not needed"


@verb(Permission.ITEM_WORK, host_only=True)
def assign(request: HttpRequest, lens: Lens, item: Item) -> str:
    """Give the item to a person of the organization or the team, or to nobody."""
    person = chosen_person(request.POST.get("person", ""), item.deployment_id)
    item.assign(person, by=_by(request))
    return f"#{item.number} {'assigned to ' + str(person) if person else 'with its team role'}"


@verb(Permission.ITEM_WORK)
def block(request: HttpRequest, lens: Lens, item: Item) -> str:
    """Name what stops the work, and who is waited for."""
    form = BlockForm.read(request.POST, item.deployment_id)
    item.block(by=_by(request), reason=form["reason"], waits_for=form["waits_for"])
    return f"#{item.number} blocked"


@verb(Permission.ITEM_WORK)
def unblock(request: HttpRequest, lens: Lens, item: Item) -> str:
    """Go on."""
    item.unblock(by=_by(request))
    return f"#{item.number} in progress"


@verb(Permission.ITEM_READ)
def comment(request: HttpRequest, lens: Lens, item: Item) -> str:
    """Say something on the item; who is named must be able to see the deployment."""
    form = CommentForm.read(request.POST)
    say(lens, item, form["body"], by=_by(request), internal=form["internal"])
    return "Comment added"


@verb(Permission.EVIDENCE_ADD)
def add_evidence(request: HttpRequest, lens: Lens, item: Item) -> str:
    """Add a file, checked by its content, as a new paper or a new version."""
    form = EvidenceForm.read(request.POST, request.FILES, item)
    file = form["file"]
    try:
        stored = store(item.organization_id, file.name, file.chunks())
    except Quarantined as held:
        hold_back(item, held, by=_by(request))
        raise
    given = Evidence.give(
        item,
        stored,
        by=_by(request),
        wanted_key=form["wanted_key"],
        valid_until=form["valid_until"],
        for_partners=form["for_partners"] and lens.of_host and lens.can(Permission.DEPLOYMENT_SHARE),
    )
    if form["keep"] and lens.of_host:
        given.keep(by=_by(request))
        return f"{stored.name} added and kept in the vault, {stored.scan}"
    return f"{stored.name} added, {stored.scan}"


@verb(Permission.EVIDENCE_ADD, host_only=True)
def use_paper(request: HttpRequest, lens: Lens, item: Item) -> str:
    """Let a paper of the vault stand on the item."""
    paper, wanted_key = UsePaperForm.read(request.POST, item)
    used = Evidence.use(item, paper, by=_by(request), wanted_key=wanted_key)
    return f"{paper.title} used from the vault, {used.get_state_display().lower()}"
