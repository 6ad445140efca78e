"""The page of a decommission."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from access.permissions import Permission
from access.require import NotAllowed, can, demand, require
from audit.actor import Actor
from audit.timeline import timeline
from onboarding.decommission.models import Certificate, Decommission, DecommissionRefused, DecommissionStep
from onboarding.decommission.steps import BY_KEY, STEPS
from onboarding.decommission.web.forms import BeginForm, CertifyForm
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, TeamRole
from onboarding.deployments.web.frame import frame
from onboarding.golive.web.proof import proof_of
from onboarding.golive.web.proof import steps as steps_of_proof
from web.render import page, redirect_or_refresh, toast

AHEAD = timedelta(days=60)
"""How far ahead the last day is proposed: patients need the time."""


@require(Permission.COMMENT_INTERNAL)
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Show the decommission, or what one would take; begin it."""
    found = host_deployment(request, deployment)
    if request.method != "POST":
        return page(request, "decommission/show.html", context_of(request, found))
    demand(request, Permission.GATE_SIGN)
    form = BeginForm(request.POST)
    if form.is_valid():
        try:
            Decommission.begin(found, by=request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        except DecommissionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return done(request, found, "Decommission begun")
    return page(request, "decommission/show.html", context_of(request, found, form=form), status=422)


@require(Permission.GATE_SIGN)
@require_POST
def withdraw(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """The tool stays."""
    reason = request.POST.get("reason", "").replace("\0", "")[:500]
    return _verb(request, deployment, "Decommission withdrawn", lambda made, by: made.withdraw(by=by, reason=reason))


@require(Permission.GATE_SIGN)
@require_POST
def complete(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """End the deployment."""
    return _verb(request, deployment, "Deployment ended", lambda made, by: made.complete(by=by))


@require(Permission.ITEM_WORK)
@require_POST
def finish(request: HttpRequest, org: str, deployment: UUID, key: str) -> HttpResponse:
    """Say that a step is done."""
    note = request.POST.get("note", "").replace("\0", "")[:1000]
    return _verb(request, deployment, "Step done", lambda made, by: step_of(made, key).finish(by=by, note=note))


@require(Permission.ITEM_WORK)
@require_POST
def reopen(request: HttpRequest, org: str, deployment: UUID, key: str) -> HttpResponse:
    """Take a step up again."""
    reason = request.POST.get("reason", "").replace("\0", "")[:1000]
    return _verb(
        request, deployment, "Step open again", lambda made, by: step_of(made, key).reopen(by=by, reason=reason)
    )


def host_deployment(request: HttpRequest, pk: UUID) -> Deployment:
    """Return the deployment to the host's own people; raise NotAllowed for partners."""
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.COMMENT_INTERNAL)
    return Lens.of(request).deployment(pk)


def newest(deployment: Deployment) -> Decommission | None:
    """Return the decommission that goes on, was completed, or was withdrawn last."""
    related = ("begun_by", "ended_by")
    return Decommission.objects.filter(deployment=deployment).select_related(*related).order_by("-begun_at").first()


def step_of(made: Decommission, key: str) -> DecommissionStep:
    """Return a step of a decommission; raise Http404."""
    found: DecommissionStep | None = DecommissionStep.objects.filter(decommission=made, key=key).first()
    if found is None:
        raise Http404
    return found


def done(request: HttpRequest, deployment: Deployment, said: str) -> HttpResponse:
    """Go back to the page, saying what was done."""
    toast(request, said)
    org = request.organization.slug  # type: ignore[attr-defined]
    return redirect_or_refresh(
        request, reverse("org:decommission:show", kwargs={"org": org, "deployment": deployment.pk})
    )


def context_of(
    request: HttpRequest,
    deployment: Deployment,
    *,
    form: BeginForm | None = None,
    certify: tuple[str, CertifyForm] | None = None,
    refused: str = "",
) -> dict[str, Any]:
    """Return everything the page names."""
    made = newest(deployment)
    going = made is not None and made.state == Decommission.State.RUNNING
    steps = list(made.steps.select_related("done_by").order_by("position")) if made else []
    certificates = {one.step_id: one for one in Certificate.objects.filter(deployment=deployment)}
    roles = dict(TeamRole.objects.filter(deployment=deployment).values_list("code", "title"))
    here = reverse(
        "org:decommission:show",
        kwargs={"org": request.organization.slug, "deployment": deployment.pk},  # type: ignore[attr-defined]
    )
    signs = can(request, Permission.GATE_SIGN)
    proof = proof_of(request)  # type: ignore[arg-type]
    return {
        **frame(request, deployment, "Reviews"),
        "made": made,
        "going": going,
        "steps": [
            {
                "step": one,
                "plan": BY_KEY[one.key],
                "owner": roles.get(BY_KEY[one.key].owner, BY_KEY[one.key].owner),
                "certificate": certificates.get(one.pk),
                "late": one.done_at is None and going and one.due_on < timezone.localdate(),
                "form": certify[1] if certify and certify[0] == one.key else CertifyForm(prefix=one.key),
            }
            for one in steps
        ],
        "template": STEPS,
        "all_done": bool(steps) and all(one.done_at for one in steps),
        "form": form or BeginForm(initial={"last_day": timezone.localdate() + AHEAD}),
        "may_begin": signs and deployment.state != Deployment.State.DISCONTINUED and not going,
        "signs": signs,
        "works": can(request, Permission.ITEM_WORK),
        "proof": proof,
        "proof_steps": steps_of_proof(request, proof, here),
        "refused": refused,
        "history": timeline(made.pk) if made else [],
    }


def _verb(
    request: HttpRequest, deployment: UUID, said: str, verb: Callable[[Decommission, Actor], None]
) -> HttpResponse:
    found = host_deployment(request, deployment)
    made = newest(found)
    if made is None:
        raise Http404
    try:
        verb(made, request.actor)  # type: ignore[attr-defined]
    except DecommissionRefused as refusal:
        return page(request, "decommission/show.html", context_of(request, found, refused=str(refusal)), status=422)
    return done(request, found, said)
