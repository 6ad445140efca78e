"""Certificates of a decommission: signed here, downloaded by the host, checked by anybody."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import NotAllowed, require
from onboarding.decommission.certificate import certificate_pdf
from onboarding.decommission.models import Certificate, DecommissionRefused
from onboarding.decommission.web.forms import CertifyForm
from onboarding.decommission.web.views.decommission import context_of, done, host_deployment, newest, step_of
from onboarding.golive.web.proof import proof_of, signed
from tenancy.models import Organization
from tenancy.scope import scope
from web.render import page


@require(Permission.GATE_SIGN)
@require_POST
def sign(request: HttpRequest, org: str, deployment: UUID, key: str) -> HttpResponse:
    """Sign the certificate of a step; the signer must have proved who they are within five minutes."""
    found = host_deployment(request, deployment)
    made = newest(found)
    if made is None:
        raise Http404
    step, form, proof = step_of(made, key), CertifyForm(request.POST, prefix=key), proof_of(request)  # type: ignore[arg-type]
    if proof.lacks:
        form.add_error(None, proof.lacks)
    elif form.is_valid():
        try:
            Certificate.sign(step, by=request.actor, proof=proof, **form.cleaned_data)  # type: ignore[attr-defined]
        except DecommissionRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            signed(request)
            return done(request, found, f"Certificate “{step.title}” signed")
    return page(request, "decommission/show.html", context_of(request, found, certify=(key, form)), status=422)


@require(Permission.EVIDENCE_READ)
@require_safe
def download(request: HttpRequest, org: str, certificate: UUID) -> HttpResponse:
    """Give the PDF."""
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.EVIDENCE_READ)
    found = Certificate.objects.filter(pk=certificate).select_related("step").first()
    if found is None:
        raise Http404
    found.opened(by=request.actor)  # type: ignore[attr-defined]
    return HttpResponse(
        certificate_pdf(request.organization, found),  # type: ignore[attr-defined]
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{found.step.key}.pdf"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


@require_safe
def verify(request: HttpRequest, org: str, code: str) -> HttpResponse:
    """Say whether the certificate is whole: what it certifies, who signed, when, its hash; not where, nor how."""
    organization = Organization.objects.filter(slug=org).first()
    if organization is None:
        raise Http404
    with scope(organization.pk):
        found = Certificate.objects.filter(code=code).first()
        if found is None:
            raise Http404
        context = {"certificate": found, "issuer": organization.name, "stands": found.stands}
        return page(request, "decommission/verify.html", context)
