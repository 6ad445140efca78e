"""Reviews after go-live: planned by it, held and decided here."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import NotAllowed, can, demand, require
from audit.timeline import names, timeline
from onboarding.decommission.models import Decommission
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, Item
from onboarding.deployments.web.frame import frame
from onboarding.golive.models.signature import SignatureRefused
from onboarding.golive.web.proof import proof_of, signed, steps
from onboarding.reviews.figures import filled_in
from onboarding.reviews.models import Finding, Review, ReviewRefused
from onboarding.reviews.models.review import ITEMS
from onboarding.reviews.web.forms import DecideForm, HoldForm
from web.render import page, toast
from web.tables import Column, table_file

LOOKS = {"planned": "to_do", "missed": "overdue", "held": "done"}
RELATED = ("deployment__site", "deployment__tool_version__tool", "held_by", "decided_by")
TABLE: list[Column] = [
    ("Review", str), ("Deployment", lambda one: str(one.deployment)), ("Due", "due_on"),
    ("State", lambda one: one.get_state_display()), ("Missed on", "missed_on"), ("Held", "held_at"),
    ("Decision", lambda one: one.get_decision_display()), ("Why", "decision_reason"), ("What was seen", "summary"),
]  # fmt: skip
PAGE = 200


@require(Permission.COMMENT_INTERNAL)
@require_safe
def calendar(request: HttpRequest, org: str) -> HttpResponseBase:
    """All reviews of live deployments, the next first."""
    _host_only(request)
    everything = request.GET.get("show") == "all"
    found = Review.objects.select_related(*RELATED).order_by("due_on", "deployment_id")
    found = found if everything else found.waiting()
    if file := table_file(request, "reviews", TABLE, found):
        return file
    rows = list(found[:PAGE])
    context = {"reviews": rows, "looks": LOOKS, "everything": everything, "longest": PAGE}
    return page(request, "reviews/calendar.html", context)


@require(Permission.COMMENT_INTERNAL)
@require_safe
def index(request: HttpRequest, org: str, deployment: UUID) -> HttpResponseBase:
    """The five reviews of a deployment."""
    _host_only(request)
    found = Lens.of(request).deployment(deployment)
    reviews = Review.objects.filter(deployment=found).select_related(*RELATED).order_by("days")
    if file := table_file(request, "reviews", TABLE, reviews):
        return file
    ending = Decommission.objects.filter(deployment=found).exclude(state="withdrawn").first()
    context = {**frame(request, found, "Reviews"), "reviews": list(reviews), "looks": LOOKS, "ending": ending}
    return page(request, "reviews/index.html", context)


@require(Permission.COMMENT_INTERNAL)
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: OrganizationRequest, org: str, review: UUID) -> HttpResponse:
    """One review: its figures filled in; hold it."""
    found, deployment = _find(request, review)
    if request.method != "POST":
        return page(request, "reviews/show.html", _context(request, found, deployment))
    demand(request, Permission.ITEM_REVIEW)
    form = HoldForm(deployment, request.POST)
    if form.is_valid():
        said = {"attendees": form.people, "summary": form.cleaned_data["summary"], "findings": form.findings}
        try:
            found.hold(by=request.actor, **said)
        except ReviewRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            toast(request, f"{found} held")
            return redirect("org:reviews:show", org=org, review=review)
    return page(request, "reviews/show.html", _context(request, found, deployment, hold_form=form), status=422)


@require(Permission.GATE_SIGN)
@require_POST
def decide(request: OrganizationRequest, org: str, review: UUID) -> HttpResponse:
    """Scale, fix or stop, signed by somebody who proved who they are within five minutes."""
    found, deployment = _find(request, review)
    form, proof = DecideForm(request.POST, prefix="decision"), proof_of(request)
    if proof.lacks:
        form.add_error(None, proof.lacks)
    elif form.is_valid():
        try:
            found.decide(**form.cleaned_data, by=request.actor, proof=proof)
        except (ReviewRefused, SignatureRefused) as refusal:
            form.add_error(None, str(refusal))
        else:
            signed(request)
            toast(request, f"Decided and signed: {form.cleaned_data['decision']}")
            return redirect("org:reviews:show", org=org, review=review)
    return page(request, "reviews/show.html", _context(request, found, deployment, decide_form=form), status=422)


def _context(
    request: OrganizationRequest,
    review: Review,
    deployment: Deployment,
    *,
    hold_form: HoldForm | None = None,
    decide_form: DecideForm | None = None,
) -> dict[str, Any]:
    held = review.state == Review.State.HELD
    findings = Finding.objects.filter(review=review).select_related("item").order_by("number")
    may_hold = not held and can(request, Permission.ITEM_REVIEW) and deployment.state == Deployment.State.LIVE
    known = names(review.attendees)
    here = {"org": request.organization.slug, "review": review.pk}
    may_decide = held and not review.decision and can(request, Permission.GATE_SIGN)
    proof = proof_of(request) if may_decide else None
    may_read_money = can(request, Permission.BILLING_READ)
    return {
        **frame(request, deployment, "Reviews"),
        "review": review,
        "look": LOOKS[review.state],
        "figures": [
            {**row, "at": datetime.fromisoformat(row["at"]) if row["at"] else None}
            for row in (review.figures if held else filled_in(deployment))
            if may_read_money or not row.get("private")
        ],
        "attendees": sorted(known.get(one, "Somebody who has left") for one in review.attendees),
        "findings": list(findings),
        "item": Item.objects.filter(deployment=deployment, key=ITEMS.get(review.days, "")).first(),
        "may_hold": may_hold,
        "hold_form": hold_form or (HoldForm(deployment) if may_hold else None),
        "may_decide": may_decide,
        "proof": proof,
        "proof_steps": steps(request, proof, reverse("org:reviews:show", kwargs=here)) if proof else [],
        "signature": review.signatures.select_related("review").first(),
        "decide_form": decide_form or DecideForm(prefix="decision"),
        "held_it": request.user.pk == review.held_by_id,
        "today": timezone.localdate(),
        "history": timeline(review.pk),
    }


def _find(request: HttpRequest, pk: UUID) -> tuple[Review, Deployment]:
    _host_only(request)
    found = Review.objects.select_related(*RELATED).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found, Lens.of(request).deployment(found.deployment_id)


def _host_only(request: HttpRequest) -> None:
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.COMMENT_INTERNAL)
