"""What the pages of the vault show, read in a fixed number of statements."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.http import Http404, HttpRequest
from django.utils import timezone

from access.permissions import Permission
from access.require import NotAllowed
from onboarding.deployments.models import Evidence
from onboarding.vault import controls
from onboarding.vault.models import Paper
from onboarding.vault.models.paper import PaperQuerySet
from web.formats import plural
from web.statuses import Status, status

PAGE = 50
SOON = timedelta(days=90)
TABS = [
    ("", "In use and under review"),
    ("review", "To review"),
    ("expiring", "Expire within 90 days"),
    ("open", "Lapsed or flagged"),
    ("revoked", "Revoked"),
]
LOOKS = {
    Paper.State.NOT_READY: "to_do",
    Paper.State.READY: "in_review",
    Paper.State.APPROVED: "accepted",
    Paper.State.FLAGGED: "refused",
    Paper.State.REVOKED: "refused",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A paper in the list."""

    paper: Paper
    look: Status
    note: str
    uses: int
    shows: str


def at_home(request: HttpRequest) -> None:
    """Raise NotAllowed for a partner: the vault is the organization's own."""
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.EVIDENCE_READ)


def find(pk: UUID) -> Paper:
    """Return a paper of the organization in scope; raise Http404."""
    found: Paper | None = Paper.objects.with_newest().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def narrowed(request: HttpRequest) -> PaperQuerySet:
    """Return the papers that the address asks for."""
    asked, today = request.GET, timezone.localdate()
    papers: PaperQuerySet = Paper.objects.filter(_tab(asked.get("show", ""), today))
    if words := asked.get("q", "").strip()[:80]:
        papers = papers.filter(Q(title__icontains=words) | Q(owner__name__icontains=words))
    if chosen := next((one for one in controls.sets() if one.key == asked.get("set")), None):
        papers = papers.filter(controls__overlap=[control.key for control in chosen.controls])
    return papers


def figures() -> dict[str, int]:
    """Return how many papers each tab holds, and how many are in force; one statement."""
    today = timezone.localdate()
    in_force = Q(approved_version__isnull=False) & ~Q(valid_until__lt=today)
    counts = {name or "active": Count("id", filter=_tab(name, today)) for name, _ in TABS}
    return dict(Paper.objects.aggregate(**counts, in_force=Count("id", filter=in_force)))


def lines(papers: Iterable[Paper]) -> list[Line]:
    """Return the rows of the list; one statement for the uses of all."""
    found, today = list(papers), timezone.localdate()
    uses = dict(
        Evidence.objects.filter(paper__in=found).order_by().values_list("paper_id").annotate(items=Count("item_id"))
    )
    known = controls.every()
    return [
        Line(
            paper,
            look(paper, today),
            note(paper),
            uses.get(paper.pk, 0),
            ", ".join(known[key].title for key in paper.controls if key in known),
        )
        for paper in found
    ]


def look(paper: Paper, today: date) -> Status:
    """Return the one status of a paper: what is in force counts, not what waits beside it."""
    if paper.approved_version is None or paper.state == Paper.State.REVOKED:
        return status(LOOKS[Paper.State(paper.state)], paper.get_state_display())
    if paper.valid_until is None:
        return status("accepted", "Approved")
    days = (paper.valid_until - today).days
    if days < 0:
        return status("expired", "Lapsed")
    if days <= SOON.days:
        return status("at_risk", "Expires today" if days == 0 else f"Expires in {plural(days, 'day')}")
    return status("accepted", "Approved")


def note(paper: Paper) -> str:
    """Say what waits beside the version in force."""
    if paper.approved_version and paper.approved_version < paper.versions_count:
        return f"Version {paper.versions_count}: {paper.get_state_display().lower()}"
    return ""


def where_used(paper: Paper) -> list[Evidence]:
    """Return the items on which it stands, by site."""
    return list(
        Evidence.objects.filter(paper=paper)
        .select_related("item", "deployment__site", "deployment__tool_version__tool")
        .order_by("deployment__site__name", "item__number", "pk")
    )


def after(request: HttpRequest, papers: PaperQuerySet) -> list[Paper]:
    """Return one page by title, and one row more where there is another page."""
    ordered = papers.with_newest().order_by("title", "id")
    try:
        last = Paper.objects.filter(pk=UUID(request.GET.get("after", ""))).values_list("title", "pk").first()
    except ValueError:
        last = None
    if last:
        ordered = ordered.filter(Q(title__gt=last[0]) | Q(title=last[0], pk__gt=last[1]))
    return list(ordered[: PAGE + 1])


def _tab(name: str, today: date) -> Q:
    in_force: Any = Q(approved_version__isnull=False) & ~Q(valid_until__lt=today)
    tabs: dict[str, Q] = {
        "review": Q(state=Paper.State.READY),
        "expiring": in_force & Q(valid_until__lte=today + SOON),
        "open": Q(state=Paper.State.FLAGGED) | Q(approved_version__isnull=False, valid_until__lt=today),
        "revoked": Q(state=Paper.State.REVOKED),
    }
    return tabs.get(name, ~Q(state=Paper.State.REVOKED))
