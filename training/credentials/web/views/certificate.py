"""A certificate to keep, and the page that says whether it holds."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from access.permissions import Permission
from access.require import can, require
from tenancy.models import Organization
from tenancy.scope import scope
from training.credentials.certificate import certificate_pdf
from training.learning.calendar import organization_today
from training.learning.models import Completion
from web.language import speaks
from web.render import page


@require_safe
@require(Permission.TRAINING_LEARN)
@speaks
def download(request: HttpRequest, org: str, completion: UUID) -> HttpResponse:
    """Give the PDF to its owner, and to whoever may see training by name; anybody else gets the usual 404."""
    found = Completion.objects.filter(pk=completion, kind=Completion.Kind.PASSED).select_related("version").first()
    if found is None or (found.user_id != request.user.pk and not can(request, Permission.TRAINING_NAMES)):
        raise Http404
    made = certificate_pdf(request.organization, found)  # type: ignore[attr-defined]
    name = f"certificate-{found.version.document['key']}.pdf"
    return HttpResponse(
        made,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="{name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


@require_safe
@speaks
def verify(request: HttpRequest, org: str, code: str) -> HttpResponse:
    """Say whether the certificate holds: name as printed, course, dates, and nothing else."""
    organization = Organization.objects.filter(slug=org).first()
    if organization is None:
        raise Http404
    with scope(organization.pk):
        found = Completion.objects.filter(code=code, kind=Completion.Kind.PASSED).select_related("version").first()
        if found is None:
            raise Http404
        expired = found.expires_on < organization_today()
        state = "revoked" if found.revoked_at else "expired" if expired else "valid"
        context = {"completion": found, "state": state, "issuer": organization.name, "course": found.version.title}
        context["passed_on"] = organization_today(found.passed_at)
        return page(request, "credentials/verify.html", context)
