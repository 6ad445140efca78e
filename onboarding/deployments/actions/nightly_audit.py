"""What time alone changes on deployments, looked at every night."""

from datetime import timedelta

from django.utils import timezone

from audit.actor import Actor
from notices.ladder import plan_many
from onboarding.deployments import notices, portfolio
from onboarding.deployments.actions.follow_paper import reopen_unproven
from onboarding.deployments.models import Evidence, Item
from onboarding.deployments.models.progress import progressed


def nightly_audit(*, by: Actor) -> dict[str, int]:
    """Reopen what lapsed evidence no longer shows, let ended waivers count, plan reminders, and mend the portfolios.

    Running it again on the same day changes nothing more.
    """
    counts = {
        "reopened": _reopen_lapsed(by),
        "waivers_ended": _count_ended_waivers(by),
        "reminded": _plan(by),
        "champions_missing": _ask_for_champions(by),
    }
    wrong = list(portfolio.differences())
    if wrong:
        portfolio.rebuild()
    return {**counts, "portfolio_rows_mended": len(wrong)}


def _reopen_lapsed(by: Actor) -> int:
    today = timezone.localdate()
    lapsed = Evidence.objects.filter(valid_until__lt=today, item__state=Item.State.ACCEPTED).exclude(wanted_key="")
    return sum(
        reopen_unproven(paper.item_id, by=by, reason=f"{paper.title} was valid until {paper.valid_until:%-d %b %Y}.")
        for paper in lapsed.order_by("item_id", "pk")
    )


def _count_ended_waivers(by: Actor) -> int:
    """A waiver that ended yesterday opens its gate again: gates look when a deployment progresses."""
    yesterday = timezone.localdate() - timedelta(days=1)
    ended = Item.objects.filter(state=Item.State.WAIVED, waived_until=yesterday).values_list("deployment_id", flat=True)
    deployments = sorted(set(ended))
    for deployment_id in deployments:
        progressed(deployment_id, by)
    return len(deployments)


def _plan(by: Actor) -> int:
    plans = list(notices.items_due())
    plan_many(plans, by=by)
    return len(plans)


def _ask_for_champions(by: Actor) -> int:
    plans = list(notices.champions_missing())
    plan_many(plans, by=by)
    return len(plans)
