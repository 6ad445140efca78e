"""What of deployments can be found: the deployments, their items, evidence and comments, as far as the lens shows them."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import ResolverMatch, reverse

from access.permissions import Permission
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, Item, PortfolioRow, Program
from onboarding.deployments.web.frame import tabs
from web.find import AT_MOST, Action, Beginning, Hit, Source, matching, register, register_actions, register_context

READ = AT_MOST + 1
PLACE = ("deployment__site", "deployment__tool_version__tool")
AROUND = 60


def enter() -> None:
    """Register sources, actions, and what belongs to a deployment's pages."""
    register(
        Source("Deployments", "grid", deployments, Permission.DEPLOYMENT_READ, order=10, names=names_of_deployments),
        Source("Checklist items", "list", items, Permission.ITEM_READ, order=20, names=names_of_items),
        Source("Evidence", "clip", evidence, Permission.EVIDENCE_READ, order=30, names=names_of_evidence),
        Source("Comments", "pen", comments, Permission.ITEM_READ, order=40),
        Source("Programs", "list", programs, Permission.PLAYBOOK_READ, order=50),
    )
    register_actions(
        Action("Start a program", "deployments:program_start", Permission.DEPLOYMENT_PLAN, "new deployment tool"),
        Action("Close a day", "plans:closed_days", Permission.DEPLOYMENT_PLAN, "holiday blackout calendar"),
        Action("Undo a bulk change", "deployments:changes", Permission.ITEM_WORK, "ledger revert"),
    )
    register_context("deployment", of_deployment)


def deployments(request: HttpRequest, words: list[str]) -> Iterable[Hit]:
    """Deployments by tool, site, program and wave; at home those that partners shared too."""
    if request.part is None:  # type: ignore[attr-defined]
        rows = PortfolioRow.objects.order_by("-go_live_on", "id")
        for row in matching(rows, words, "title", "site", "host_name", "program", "wave")[:READ]:
            whose = f" · {row.host_name}" if row.part else ""
            yield Hit(
                f"{row.title} at {row.site}",
                f"/o/{row.host_slug}/deployments/{row.deployment_id}/",
                f"{row.program}{whose}",
            )
        return
    found = Deployment.objects.for_page().order_by("-go_live_on", "id")
    for one in matching(found, words, "site__name", "tool_version__tool__title", "program__title")[:READ]:
        yield Hit(str(one), _to(request, "checklist", one.pk), one.program.title)


def items(request: HttpRequest, words: list[str]) -> Iterable[Hit]:
    """Items by title, by number ("#61"), and by the deployment they belong to; open ones first."""
    seen = Lens.of(request).items_everywhere().select_related(*PLACE)
    numbers = [word.lstrip("#") for word in words]
    named = matching(seen, words, "title", also=_in_deployments)
    if len(numbers) == 1 and numbers[0].isdecimal() and len(numbers[0]) < 5:
        named = seen.filter(Q(number=int(numbers[0])))
    ended = Q(state__in=Item.HOLDS)
    for item in named.alias(ended=ended).order_by("ended", "due_on", "id")[:READ]:
        yield Hit(str(item), _item(request, item), f"{item.get_state_display()} · {item.deployment}")


def _in_deployments(part: Beginning) -> Q:
    """Items of the deployments whose site or tool has the word: looked up once, not once for every item."""
    return Q(deployment__in=Deployment.objects.filter(part.of("site__name", "tool_version__tool__title")).values("pk"))


def evidence(request: HttpRequest, words: list[str]) -> Iterable[Hit]:
    """Evidence by its title."""
    found = Lens.of(request).evidence_everywhere().select_related("item", *(f"item__{part}" for part in PLACE))
    for paper in matching(found, words, "title").order_by("-id")[:READ]:
        yield Hit(paper.title, _item(request, paper.item), f"{paper.item} · {paper.item.deployment}")


def comments(request: HttpRequest, words: list[str]) -> Iterable[Hit]:
    """Comments by what they say, newest first; internal ones for the host's own people alone."""
    found = Lens.of(request).comments_everywhere()
    found = found.select_related("author", "item", *(f"item__{part}" for part in PLACE))
    for one in matching(found, words, "body").order_by("-at", "-id")[:READ]:
        yield Hit(_around(one.body, words), _item(request, one.item), f"{one.author} on {one.item}")


def programs(request: HttpRequest, words: list[str]) -> Iterable[Hit]:
    """Programs by name and tool, for the organization's own people."""
    if request.part is not None:  # type: ignore[attr-defined]
        return
    found = Program.objects.select_related("tool_version__tool").order_by("title")
    for program in matching(found, words, "title", "tool_version__tool__title")[:READ]:
        org = request.organization.slug  # type: ignore[attr-defined]
        address = reverse("org:deployments:program", kwargs={"org": org, "program": program.pk})
        yield Hit(program.title, address, str(program.tool_version.tool))


def names_of_deployments(request: HttpRequest, most: int) -> Iterable[str]:
    """Tools and sites."""
    for both in Deployment.objects.values_list("tool_version__tool__title", "site__name").distinct()[:most]:
        yield from both


def names_of_items(request: HttpRequest, most: int) -> Iterable[str]:
    """Titles of items, each once however many sites have it."""
    return _titles(Lens.of(request).items_everywhere(), most)


def names_of_evidence(request: HttpRequest, most: int) -> Iterable[str]:
    """Titles of evidence."""
    return _titles(Lens.of(request).evidence_everywhere(), most)


def _titles(rows: QuerySet[Any], most: int) -> Iterable[str]:
    return rows.order_by("title").values_list("title", flat=True).distinct()[:most]


def of_deployment(request: HttpRequest, match: ResolverMatch) -> Iterable[Hit]:
    """The other pages of the deployment somebody looks at."""
    pk = match.kwargs.get("deployment")
    found = Deployment.objects.for_page().filter(pk=pk).first() if pk else None
    if found is None or Permission.DEPLOYMENT_READ not in request.permissions:  # type: ignore[attr-defined]
        return
    for tab in tabs(request, found, ""):
        yield Hit(tab["title"], tab["address"], str(found))
    if Permission.DEPLOYMENT_PLAN in request.permissions and request.part is None:  # type: ignore[attr-defined]
        place = {"org": request.organization.slug, "deployment": found.pk}  # type: ignore[attr-defined]
        yield Hit("Move go-live", reverse("org:plans:move", kwargs=place), str(found))


def _around(body: str, words: list[str]) -> str:
    """Return the part of a remark around the first word looked for."""
    text = " ".join(body.split())
    at = max(0, min((text.casefold().find(word.casefold()) for word in words), default=0))
    start = max(0, at - AROUND // 2)
    part = text[start : start + 2 * AROUND]
    return f"{'…' if start else ''}{part}{'…' if start + 2 * AROUND < len(text) else ''}"


def _item(request: HttpRequest, item: Item) -> str:
    return _to(request, "item", item.deployment_id, item=str(item.number))


def _to(request: HttpRequest, name: str, deployment: Any, **more: str) -> str:
    org = request.organization.slug  # type: ignore[attr-defined]
    return reverse(f"org:deployments:{name}", kwargs={"org": org, "deployment": deployment, **more})
