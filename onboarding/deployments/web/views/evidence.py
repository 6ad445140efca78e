"""Evidence files: opened by those who may, every opening in the log; accepted or returned by reviewers."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import NotAllowed, require
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Evidence, EvidenceVersion
from onboarding.deployments.models.item import ItemRefused
from onboarding.deployments.web.forms import ReasonForm
from onboarding.deployments.web.views.checklist import answer
from onboarding.vault.web.serving import attachment


@require(Permission.EVIDENCE_READ)
@require_safe
def download(request: HttpRequest, org: str, deployment: UUID, evidence: UUID, number: int) -> HttpResponseBase:
    """One version, always as a download: nothing of it runs in the product's origin."""
    found = _paper(request, deployment, evidence)
    version = EvidenceVersion.objects.filter(evidence=found, number=number).first()
    if version is None:
        raise Http404
    file = attachment(found.organization_id, version.file)
    found.opened(version, by=request.actor)  # type: ignore[attr-defined]
    return file


@require(Permission.ITEM_REVIEW)
@require_POST
def accept(request: HttpRequest, org: str, deployment: UUID, evidence: UUID) -> HttpResponse:
    """Say that the paper shows what was wanted."""
    return _review(request, deployment, evidence, lambda paper: paper.accept(by=request.actor))  # type: ignore[attr-defined]


@require(Permission.ITEM_REVIEW)
@require_POST
def give_back(request: HttpRequest, org: str, deployment: UUID, evidence: UUID) -> HttpResponse:
    """Return the paper, saying what is missing."""
    return _review(
        request,
        deployment,
        evidence,
        lambda paper: paper.send_back(by=request.actor, reason=ReasonForm.reason(request.POST)),  # type: ignore[attr-defined]
    )


@require(Permission.DEPLOYMENT_SHARE)
@require_POST
def mark(request: HttpRequest, org: str, deployment: UUID, evidence: UUID) -> HttpResponse:
    """Open the paper to the partners of this deployment, or close it to them."""
    wanted = request.POST.get("for_partners") == "yes"
    return _review(request, deployment, evidence, lambda paper: paper.mark_for_partners(wanted, by=request.actor))  # type: ignore[attr-defined]


@require(Permission.EVIDENCE_ADD)
@require_POST
def keep(request: HttpRequest, org: str, deployment: UUID, evidence: UUID) -> HttpResponse:
    """Put the paper into the vault, for other sites too."""
    return _review(request, deployment, evidence, lambda paper: paper.keep(by=request.actor))  # type: ignore[attr-defined]


def _review(request: HttpRequest, deployment: UUID, evidence: UUID, work: Any) -> HttpResponse:
    if not Lens.of(request).of_host:
        raise NotAllowed(Permission.ITEM_REVIEW)
    paper = _paper(request, deployment, evidence)
    number = str(paper.item.number)
    try:
        work(paper)
    except (ItemRefused, ValueError) as refusal:
        return answer(request, deployment, number, refused=str(refusal), status=422)
    return answer(request, deployment, number, said=f"{paper.title} updated")


def _paper(request: HttpRequest, deployment: UUID, evidence: UUID) -> Evidence:
    """Return a paper that the person may open; else the 404 of a missing one."""
    found: Evidence | None = Lens.of(request).evidence(deployment).filter(pk=evidence).select_related("item").first()
    if found is None:
        raise Http404
    return found
