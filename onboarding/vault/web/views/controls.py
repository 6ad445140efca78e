"""The control sets, and which of the organization's papers answers which control."""

from collections import defaultdict

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from access.permissions import Permission
from access.require import require
from onboarding.vault import controls
from onboarding.vault.models import Paper
from onboarding.vault.web import reading
from web.render import page


@require(Permission.EVIDENCE_READ)
@require_safe
def overview(request: HttpRequest, org: str) -> HttpResponse:
    """Every set with its controls; one statement for the papers of all."""
    reading.at_home(request)
    today = timezone.localdate()
    by_control: dict[str, list[Paper]] = defaultdict(list)
    for paper in Paper.objects.exclude(state=Paper.State.REVOKED).exclude(controls=[]).order_by("title", "id"):
        for key in paper.controls:
            by_control[key].append(paper)
    sets = [
        {
            "set": one,
            "answered": sum(any(paper.is_in_force for paper in by_control[each.key]) for each in one.controls),
            "rows": [
                {
                    "control": each,
                    "papers": [(paper, reading.look(paper, today)) for paper in by_control[each.key]],
                    "answered": any(paper.is_in_force for paper in by_control[each.key]),
                }
                for each in one.controls
            ],
        }
        for one in controls.sets()
    ]
    return page(request, "vault/controls.html", {"sets": sets})
