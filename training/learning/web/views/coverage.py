"""Training readiness: who is trained, by role and site."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from access.permissions import Permission
from access.require import can, require
from facts.models import Fact
from training.learning.calendar import organization_today
from training.learning.facts import ACCESS_WITHOUT_TRAINING
from training.learning.matrix import WINDOW, matrix
from training.learning.models import Completion, Exemption, Rollout
from web.render import page


@require_safe
@require(Permission.TRAINING_READ)
def coverage(request: HttpRequest, org: str) -> HttpResponse:
    """Show the matrix; partners see figures that were stated, the host's people the rows as they stand."""
    today = organization_today()
    every = list(Rollout.objects.running().for_page())
    tools = sorted({rollout.title for rollout in every})
    tool = request.GET.get("tool", "")
    rollouts = [rollout for rollout in every if tool in ("", rollout.title)]
    keys = [rollout.pk for rollout in rollouts]
    partner = request.part is not None  # type: ignore[attr-defined]
    access = Fact.objects.filter(subject_id__in=keys, kind=ACCESS_WITHOUT_TRAINING.name).current()
    return page(
        request,
        "training/coverage.html",
        {
            "matrix": matrix(rollouts, today, from_facts=partner),
            "tools": tools,
            "tool": tool,
            "names": can(request, Permission.TRAINING_NAMES) and not partner,
            "manage": can(request, Permission.TRAINING_MANAGE) and not partner,
            "decide": can(request, Permission.WAIVER_GRANT) and not partner,
            "waiting": 0 if partner else Exemption.objects.open().count(),
            "access": {fact.subject_id: fact.value for fact in access if fact.valid_until is None},
            "expiring": None
            if partner
            else Completion.objects.valid_on(today).filter(expires_on__lte=today + timedelta(days=90)).count(),
            "window": WINDOW.days,
        },
    )
