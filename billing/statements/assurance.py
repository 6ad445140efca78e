"""What audits look at in billing: that every line rests on a fact of the log and computes to its amount."""

from collections.abc import Collection
from uuid import UUID

from assurance.registry import Extent, Seen, check
from billing.statements.checking import findings
from billing.statements.models import Statement
from web.addresses import reverse


def statements(extent: Extent) -> list[UUID]:
    """Return the statements of the months that are looked at."""
    months = Statement.objects.filter(period__gte=extent.since.date().replace(day=1), period__lte=extent.until.date())
    return list(months.values_list("pk", flat=True))


def look(ids: Collection[UUID], extent: Extent) -> dict[UUID, Seen]:
    """Say of each statement whether its lines hold against their snapshots, the contract and the log."""
    return {one.pk: _seen(one, extent) for one in Statement.objects.for_page().filter(pk__in=ids)}


def _seen(one: Statement, extent: Extent) -> Seen:
    wrong = findings(one)
    lines = one.lines.count()
    return Seen(
        title=f"{one.title}, {one.contract.reference}",
        holds=not wrong,
        says=f"{len(wrong)} lines do not hold. {wrong[0]}"
        if wrong
        else f"All {lines} lines rest on the log and compute.",
        detail=one.get_state_display(),
        path=reverse("org:billing:statement", kwargs={"org": extent.slug, "statement": one.pk}),
    )


BILLING = check(
    "billing_against_facts",
    "Billing against facts",
    must_hold="Each line of a statement rests on an event of the log and computes to its amount.",
    reads=("statements with their snapshots", "contracts", "the event log"),
    subject_type="statements.statement",
    population=statements,
    look=look,
)
