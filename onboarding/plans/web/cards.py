"""What it means to put a card of the board into another column: the verb that does it, or why it cannot be."""

from typing import Any

from access.permissions import Permission
from audit.actor import Actor
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Item
from onboarding.deployments.models.item import ItemRefused
from onboarding.deployments.web.forms import BlockForm, chosen_person

S = Item.State
ROLE, PERSON = "role:", "person:"


def asks(item: Item, to: str) -> str:
    """Return what has to be said before the card can go there; empty where nothing has."""
    if to == S.BLOCKED and item.state != S.BLOCKED:
        return "What blocks it"
    if to == S.IN_PROGRESS and item.state == S.IN_REVIEW:
        return "What is missing"
    if to == S.IN_PROGRESS and not item.is_open:
        return "Why it is opened again"
    return ""


def put(lens: Lens, item: Item, to: str, *, by: Actor, reason: str = "", waits_for: str = "") -> str:
    """Do to an item what its card's new column means, and say what was done.

    Raises ItemRefused, saying what would change it, where the column cannot be reached from where the card is.
    """
    if to.startswith((ROLE, PERSON)):
        return _give(lens, item, to, by)
    reviews = lens.of_host and lens.can(Permission.ITEM_REVIEW)
    if to == item.state:
        return f"#{item.number} is there already"
    if to == S.IN_PROGRESS:
        _take_up(item, reviews, reason, by)
    elif to == S.BLOCKED:
        BlockForm.check_role(waits_for, item.deployment_id)
        item.block(by=by, reason=reason, waits_for=waits_for)
    elif to == S.IN_REVIEW:
        if not item.is_open:
            raise ItemRefused(f"{item} is {item.get_state_display().lower()}: put it in progress to take it up again.")
        item.complete(by=by, may_accept=False)
    elif to == S.ACCEPTED:
        if not reviews:
            raise ItemRefused(f"{item} is accepted by whoever reviews it: put it in review.")
        item.complete(by=by, may_accept=True)
    else:
        raise ItemRefused(f"{item} was begun: work does not go back to to do. Block it, or give it to somebody else.")
    return f"#{item.number} {S(to).label.lower()}"


def _take_up(item: Item, reviews: bool, reason: str, by: Actor) -> None:
    if item.state == S.BLOCKED:
        item.unblock(by=by)
    elif item.state == S.TODO:
        item.start(by=by)
    elif not reviews:
        raise ItemRefused(f"{item} is {item.get_state_display().lower()}: whoever reviews it gives it back.")
    elif item.state == S.IN_REVIEW:
        item.return_to_work(by=by, reason=reason)
    else:
        item.reopen(by=by, reason=reason)


def _give(lens: Lens, item: Item, to: str, by: Actor) -> str:
    if not lens.of_host:
        raise ItemRefused("Who does what is set by the host's own people.")
    if to.startswith(ROLE):
        if to.removeprefix(ROLE) != item.owner:
            raise ItemRefused(f"{item} is owned by another team role: give it to a person instead.")
        person: Any = None
    else:
        person = chosen_person(to.removeprefix(PERSON) or "nobody", item.deployment_id)
    item.assign(person, by=by)
    return f"#{item.number} {'is with ' + str(person) if person else 'is with its team role'}"
