"""Delivery failures: what had to be said was said."""

from collections.abc import Collection
from uuid import UUID

from assurance.registry import Extent, Seen, check
from notices import kinds
from notices.channels import IN_APP, MAIL
from notices.models import Reminder
from web.addresses import reverse
from web.formats import day

SETTLED = ("sent", "failed", "withheld")
ARRIVED = {MAIL: "Taken by the mail server.", IN_APP: "Shown in Causeway."}


def messages(extent: Extent) -> list[UUID]:
    """Return the reminders of the period that were tried, and those that were not because an address takes no mail."""
    found = Reminder.objects.filter(state__in=SETTLED, on__gte=extent.since.date(), on__lte=extent.until.date())
    return list(found.values_list("pk", flat=True))


def look(ids: Collection[UUID], extent: Extent) -> dict[UUID, Seen]:
    """Say of each message whether it was delivered."""
    rows = Reminder.objects.filter(pk__in=ids).select_related("recipient")
    return {one.pk: _seen(one, extent) for one in rows}


def _seen(one: Reminder, extent: Extent) -> Seen:
    try:
        title = kinds.find(one.kind).title
    except kinds.UnknownKind:
        title = one.kind
    says = {
        "sent": ARRIVED.get(one.channel, "Taken by the other side."),
        "withheld": "Not sent: the address takes no mail.",
    }
    return Seen(
        title=f"{title}, {day(one.on)}",
        holds=one.state == "sent",
        says=says.get(one.state, "It could not be delivered, or came back."),
        detail=str(one.recipient),
        path=reverse("org:notices:delivery", kwargs={"org": extent.slug, "pk": one.pk}),
    )


DELIVERIES = check(
    "delivery_failures",
    "Delivery failures",
    must_hold="Each message that was tried was delivered, or its failure was followed up.",
    reads=("the delivery ledger",),
    subject_type="notices.reminder",
    population=messages,
    look=look,
    rhythm="monthly",
    sample=200,
)
