"""How long hypercare lasts: extended by two people, ended by the signed exit; and what support was agreed on."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from access.permissions import Permission
from access.require import NotAllowed, require
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment
from onboarding.deployments.web.frame import frame
from onboarding.golive.models.signature import SignatureRefused
from onboarding.golive.web.forms import SignForm
from onboarding.golive.web.proof import proof_of, signed
from onboarding.hypercare.models import Extension, Hypercare, SupportTerms
from onboarding.hypercare.models.period import HypercareRefused
from onboarding.hypercare.models.terms import TermsRefused, desk_is_elsewhere, targets_of
from onboarding.hypercare.web.forms import ExtensionForm, TermsForm
from onboarding.hypercare.web.views.overview import context_of
from web.render import page, redirect_or_refresh, toast


@require(Permission.DEPLOYMENT_PLAN)
@require_POST
def ask_extension(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Ask for more weeks."""
    found, period = _running(request, deployment)
    form = ExtensionForm(request.POST, prefix="extension")
    if form.is_valid():
        try:
            Extension.ask(period, **form.cleaned_data, by=request.actor)  # type: ignore[attr-defined]
        except HypercareRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, found, "Extension asked for: a second person approves it")
    return page(request, "hypercare/overview.html", context_of(request, found, extension_form=form), status=422)


@require(Permission.GATE_CONVENE)
@require_POST
def end(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """End hypercare, where its exit was signed."""
    found, period = _running(request, deployment)
    try:
        period.end(by=request.actor)  # type: ignore[attr-defined]
    except HypercareRefused as refusal:
        return page(request, "hypercare/overview.html", context_of(request, found, refused=str(refusal)), status=422)
    return _done(request, found, "Hypercare ended")


@require(Permission.GATE_SIGN)
@require_POST
def approve(request: HttpRequest, org: str, extension: UUID) -> HttpResponse:
    """Approve more weeks with a signature, as a second person who proved who they are within five minutes."""
    asked, found = _extension(request, extension)
    form, proof = SignForm(request.POST, prefix="approve"), proof_of(request)  # type: ignore[arg-type]
    if proof.lacks:
        form.add_error(None, proof.lacks)
    elif form.is_valid():
        try:
            asked.approve(printed_name=form.cleaned_data["printed_name"], by=request.actor, proof=proof)  # type: ignore[attr-defined]
        except (HypercareRefused, SignatureRefused) as refusal:
            form.add_error(None, str(refusal))
        else:
            signed(request)
            return _done(request, found, "Hypercare extended")
    return page(request, "hypercare/overview.html", context_of(request, found, sign_form=form), status=422)


@require(Permission.GATE_SIGN)
@require_POST
def refuse(request: HttpRequest, org: str, extension: UUID) -> HttpResponse:
    """Refuse them, with a reason."""
    asked, found = _extension(request, extension)
    reason = request.POST.get("reason", "").replace("\0", "")[:500]
    try:
        asked.refuse(by=request.actor, reason=reason)  # type: ignore[attr-defined]
    except HypercareRefused as refusal:
        return page(request, "hypercare/overview.html", context_of(request, found, refused=str(refusal)), status=422)
    return _done(request, found, "Extension refused")


@require(Permission.DEPLOYMENT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: HttpRequest, org: str, deployment: UUID) -> HttpResponse:
    """Agree on target times, and say where the service desk keeps its tickets."""
    found = _host_deployment(request, deployment)
    first = {"desk_elsewhere": desk_is_elsewhere(found.pk)}
    form = TermsForm(targets_of(found.pk), request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        try:
            SupportTerms.agree(
                found,
                targets=form.targets,
                desk_elsewhere=form.cleaned_data["desk_elsewhere"],
                by=request.actor,  # type: ignore[attr-defined]
            )
        except TermsRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return _done(request, found, "Terms of support agreed")
    context = {**frame(request, found, "Hypercare"), "form": form}
    return page(request, "hypercare/terms.html", context, status=422 if form.errors else 200)


def _extension(request: HttpRequest, pk: UUID) -> tuple[Extension, Deployment]:
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.GATE_SIGN)
    asked = Extension.objects.filter(pk=pk).first()
    if asked is None:
        raise Http404
    return asked, Lens.of(request).deployment(asked.deployment_id)


def _running(request: HttpRequest, deployment: UUID) -> tuple[Deployment, Hypercare]:
    found = _host_deployment(request, deployment)
    period = Hypercare.objects.running().filter(deployment=found).first()
    if period is None:
        raise Http404
    return found, period


def _host_deployment(request: HttpRequest, pk: UUID) -> Deployment:
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.DEPLOYMENT_PLAN)
    return Lens.of(request).deployment(pk)


def _done(request: HttpRequest, deployment: Deployment, said: str) -> HttpResponse:
    toast(request, said)
    org = request.organization.slug  # type: ignore[attr-defined]
    return redirect_or_refresh(
        request, reverse("org:hypercare:overview", kwargs={"org": org, "deployment": deployment.pk})
    )
