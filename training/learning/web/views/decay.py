"""Coverage after go-live: as it was then, as it is now, and the way between."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from access.permissions import Permission
from access.require import require
from training.learning.calendar import organization_today
from training.learning.decay import Decay, decays
from training.learning.models import Rollout
from web.render import page
from web.tables import Column, table_file


def _percent(figure_of: str) -> Callable[[Decay], int | None]:
    def read(one: Decay) -> int | None:
        figure = getattr(one, figure_of)
        return figure.passed * 100 // figure.required if figure.required else None

    return read


TABLE: list[Column] = [
    ("Tool", "title"), ("Site", "detail"), ("Live since", "live_on"), ("Percent at go-live", _percent("at_go_live")),
    ("Percent now", _percent("now")), ("Change", "change"), ("Lowest", "lowest"), ("Trained", "now.passed"), ("Required", "now.required"),
]  # fmt: skip


@require_safe
@require(Permission.TRAINING_READ)
def decay(request: HttpRequest, org: str) -> HttpResponseBase:
    """Show what was stated since go-live, by tool and by site; partners see it of what is shared with them."""
    tools, sites = decays(list(Rollout.objects.running().for_page()), organization_today())
    if file := table_file(request, "after-go-live", TABLE, sites):
        return file
    return page(request, "training/decay.html", {"tools": tools, "sites": sites})
