"""Training readiness: who is trained, by role and site."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from access.permissions import Permission
from access.require import can, require
from facts.models import Fact
from training.learning.calendar import organization_today
from training.learning.facts import ACCESS_WITHOUT_TRAINING, SHIFTS_SHORT
from training.learning.matrix import WINDOW, Matrix, matrix
from training.learning.models import Completion, Exemption, Rollout
from training.learning.roles import TITLES
from web.render import page
from web.tables import Column, table_file

TABLE: list[Column] = [
    ("Job role", "role"), ("Deployment", "deployment"), ("Trained", "passed"), ("Required", "required"), ("Percent", "percent"),
]  # fmt: skip


def _cells(found: Matrix) -> list[dict[str, Any]]:
    """Return a line for each figure of the matrix, as far as the reader sees it."""
    titles = {rollout.pk: rollout.label for rollout in found.rollouts}
    return [
        {
            "role": TITLES.get(role, role),
            "deployment": titles.get(pk, ""),
            "passed": cell.figure.passed,
            "required": cell.figure.required,
            "percent": cell.percent,
        }
        for (role, pk), cell in sorted(found.cells.items(), key=lambda one: (one[0][0], titles.get(one[0][1], "")))
        if cell.figure.required
    ]


@require_safe
@require(Permission.TRAINING_READ)
def coverage(request: HttpRequest, org: str) -> HttpResponseBase:
    """Show the matrix; partners see figures that were stated, the host's people the rows as they stand."""
    today = organization_today()
    every = list(Rollout.objects.running().for_page())
    tools = sorted({rollout.title for rollout in every})
    tool = request.GET.get("tool", "")
    rollouts = [rollout for rollout in every if tool in ("", rollout.title)]
    keys = [rollout.pk for rollout in rollouts]
    partner = request.part is not None  # type: ignore[attr-defined]
    access = Fact.objects.filter(subject_id__in=keys, kind=ACCESS_WITHOUT_TRAINING.name).current()
    short = Fact.objects.filter(subject_id__in=keys, kind=SHIFTS_SHORT.name).current()
    shown = matrix(rollouts, today, from_facts=partner)
    if file := table_file(request, "training", TABLE, _cells(shown)):
        return file
    return page(
        request,
        "training/coverage.html",
        {
            "matrix": shown,
            "tools": tools,
            "tool": tool,
            "names": can(request, Permission.TRAINING_NAMES) and not partner,
            "manage": can(request, Permission.TRAINING_MANAGE) and not partner,
            "decide": can(request, Permission.WAIVER_GRANT) and not partner,
            "waiting": 0 if partner else Exemption.objects.open().count(),
            "access": {fact.subject_id: fact.value for fact in access if fact.valid_until is None},
            "short": {fact.subject_id: fact.value for fact in short if fact.valid_until is None},
            "expiring": None
            if partner
            else Completion.objects.valid_on(today).filter(expires_on__lte=today + timedelta(days=90)).count(),
            "window": WINDOW.days,
        },
    )
