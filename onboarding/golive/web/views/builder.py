"""The gate builder: the criteria of a draft's gate, composed by fields and tried on a deployment that is on its way."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import require
from facts.criteria import MalformedCriterion, Outcome, check, evaluate
from onboarding.deployments.models import Deployment
from onboarding.golive.readings import DeploymentReadings
from onboarding.golive.web.criteria_form import DEEPEST, JOINS, Node, TooLarge, act, comparisons, facts
from onboarding.golive.web.explain import Explanation
from onboarding.playbooks.models import PlaybookDraft
from onboarding.playbooks.models.draft import DraftRefused
from onboarding.playbooks.web.views.drafts import find
from web.render import htmx_or_page, redirect_or_refresh, toast

EMPTY: dict[str, Any] = {"all": []}
MOST_CHOICES = 200


@require(Permission.PLAYBOOK_AUTHOR)
@require_http_methods(["GET", "HEAD", "POST"])
def build(request: OrganizationRequest, org: str, draft: UUID, gate: str) -> HttpResponse:
    """Compose the criteria; each button but "save" only changes what the form shows."""
    found = find(draft)
    gates = list(found.head.get("gates") or [])
    standing = next((one for one in gates if one.get("key") == gate), None)
    if standing is None:
        raise Http404
    do, refused, status = request.POST.get("do", ""), "", 200
    try:
        root = Node.read(request.POST) if request.method == "POST" else Node.of(standing.get("criteria") or EMPTY)
        if do not in ("", "save", "show"):
            root = act(root, do)
    except TooLarge:
        root, refused, status = Node.of(standing.get("criteria") or EMPTY), "That is more than a gate can have.", 422
    if do == "save" and not refused:
        written = [{**one, "criteria": root.plain()} if one is standing else one for one in gates]
        if root.mistakes():
            status = 422
        else:
            refused = _save(request, found, written)
            if not refused:
                toast(request, f"Criteria of {gate} saved")
                return redirect_or_refresh(request, request.path)
            status = 409
    context = _context(request, found, standing, root) | {"refused": refused}
    return htmx_or_page(request, "golive/builder.html", "builder", context, status=status)


def _save(request: OrganizationRequest, draft: PlaybookDraft, gates: list[Any]) -> str:
    seen = request.POST.get("revision", "")
    try:
        draft.write_part({"gates": gates}, seen=int(seen) if seen.isdecimal() else None, by=request.actor)
    except DraftRefused as refusal:
        return str(refusal)
    return ""


def _context(request: OrganizationRequest, draft: PlaybookDraft, gate: dict[str, Any], root: Node) -> dict[str, Any]:
    chosen, tried = _tried(request, root)
    revision = request.POST.get("revision", "")
    return {
        "draft": draft,
        "gate": gate,
        "revision": revision if revision.isdecimal() else draft.revision,
        "root": root,
        "mistakes": [(place, node.mistake) for place, node in root.walk() if node.mistake],
        "joins": JOINS,
        "deepest": DEEPEST,
        "facts": facts(),
        "comparisons": comparisons,
        "stages": [(str(one["number"]), one.get("title", "")) for one in draft.head.get("stages") or []],
        "roles": [(one.get("code", ""), one.get("title", "")) for one in draft.head.get("roles") or []],
        "deployments": _choices(),
        "chosen": chosen,
        "tried": tried,
    }


def _choices() -> list[tuple[str, str]]:
    running = Deployment.objects.running().select_related("site", "tool_version__tool").order_by("-planned_at")
    return [("", "Choose a deployment"), *((str(one.pk), str(one)) for one in running[:MOST_CHOICES])]


def _tried(request: OrganizationRequest, root: Node) -> tuple[str, dict[str, Any] | None]:
    """Evaluate what the form holds on the deployment that is chosen, as it stands now."""
    wanted = request.POST.get("deployment", request.GET.get("deployment", ""))
    try:
        deployment = Deployment.objects.for_page().filter(pk=UUID(wanted)).first() if wanted else None
    except ValueError:
        deployment = None
    if deployment is None:
        return "", None
    plain = root.plain()
    try:
        check(plain)
        if root.mistakes():
            raise MalformedCriterion
    except MalformedCriterion:
        return wanted, {"deployment": deployment, "outcome": None, "lines": ()}
    readings = DeploymentReadings(deployment.pk)
    outcome: Outcome = evaluate(plain, readings, timezone.now())
    lines = Explanation(request, deployment).lines(outcome, readings)
    return wanted, {"deployment": deployment, "outcome": outcome, "lines": lines}
