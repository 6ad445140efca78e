"""The status pack: a page, a PDF and a workbook of a deployment or a program, and links for those without an account."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import NotAllowed, can, require
from accounts.middleware import in_zone
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, Item, Program, StatusLink
from onboarding.deployments.models.status_link import DAYS
from onboarding.deployments.status import links
from onboarding.deployments.status.document import Status, of_deployment, of_program
from onboarding.deployments.status.paper import pdf_of, xlsx_of
from onboarding.deployments.web.views.programs import find_program
from tenancy.models import Organization
from tenancy.scope import current, scope
from web.render import page, toast
from web.tables import XLSX

FILES: dict[str, tuple[str, Callable[[Status], bytes]]] = {"pdf": ("application/pdf", pdf_of), "xlsx": (XLSX, xlsx_of)}


@require(Permission.GATE_READ)
@require_safe
def deployment(request: HttpRequest, org: str, deployment: UUID, kind: str = "") -> HttpResponse:
    """The status of a deployment, with the items that the reader sees."""
    lens = Lens.of(request)
    found = lens.deployment(deployment)
    items = lens.items(deployment) if lens.can(Permission.ITEM_READ) else None
    return _show(request, found, of_deployment(found, request.organization, items), kind)  # type: ignore[attr-defined]


@require(Permission.PLAYBOOK_READ)
@require_safe
def program(request: HttpRequest, org: str, program: UUID, kind: str = "") -> HttpResponse:
    """The status of a program over its sites."""
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.PLAYBOOK_READ)
    found = find_program(program)
    return _show(request, found, of_program(found, request.organization), kind)  # type: ignore[attr-defined]


@require(Permission.DEPLOYMENT_SHARE)
@require_POST
def make_link(
    request: HttpRequest, org: str, deployment: UUID | None = None, program: UUID | None = None
) -> HttpResponse:
    """Make a link for somebody without an account."""
    if request.part is not None:  # type: ignore[attr-defined]
        raise NotAllowed(Permission.DEPLOYMENT_SHARE)
    subject: Deployment | Program = Lens.of(request).deployment(deployment) if deployment else find_program(program)  # type: ignore[arg-type]
    days = request.POST.get("days", "")
    try:
        StatusLink.make(
            subject,
            by=request.actor,  # type: ignore[attr-defined]
            purpose=request.POST.get("purpose", ""),
            days=int(days) if days.isdecimal() and len(days) < 4 else 0,
        )
    except ValueError as refusal:
        toast(request, f"No link was made. {refusal}")
    else:
        toast(request, "The link is made: copy it and hand it on")
    return redirect(_place(request, subject))


@require(Permission.DEPLOYMENT_SHARE)
@require_POST
def revoke_link(request: HttpRequest, org: str, link: UUID) -> HttpResponse:
    """Close a link; effective at its next opening."""
    found = StatusLink.objects.filter(pk=link).first()
    if found is None or request.part is not None:  # type: ignore[attr-defined]
        raise Http404
    found.revoke(by=request.actor)  # type: ignore[attr-defined]
    toast(request, "The link is closed")
    return redirect(_place(request, found.deployment or found.program))


@never_cache
@require_safe
def public(request: HttpRequest, org: str, token: str, kind: str = "") -> HttpResponse:
    """What a link opens: figures and titles, no names. Any other address is answered like a missing page."""
    organization = Organization.objects.filter(slug=org).first()
    if organization is None:
        raise Http404
    with scope(organization.pk), in_zone(organization.time_zone):
        link = links.read(token, organization)
        if link is None:
            raise Http404
        if link.deployment_id:
            found = Deployment.objects.for_page().get(pk=link.deployment_id)
            status = of_deployment(found, organization, Item.objects.of_deployment(found.pk))
        else:
            status = of_program(link.program, organization)
        if kind:
            return _file(status, kind)
        response = page(
            request, "deployments/status_public.html", {"status": status, "link": link, "place": request.path}
        )
        response["X-Robots-Tag"] = "noindex"
        return response


def _show(request: HttpRequest, subject: Deployment | Program, status: Status, kind: str) -> HttpResponse:
    if kind:
        return _file(status, kind)
    shares = can(request, Permission.DEPLOYMENT_SHARE) and request.part is None  # type: ignore[attr-defined]
    shares = shares and not (isinstance(subject, Program) and current().sites is not None)
    slug = request.organization.slug  # type: ignore[attr-defined]
    made = list(StatusLink.objects.of(subject).filter(revoked_at=None)[:20]) if shares else []
    place = _place(request, subject)
    context: dict[str, Any] = {
        "status": status,
        "place": place,
        "back": place.removesuffix("status/"),
        "shares": shares,
        "links": [(link, links.address_of(link, slug), link.is_open) for link in made],
        "days": [(str(count), f"{count} days") for count in DAYS],
    }
    return page(request, "deployments/status.html", context)


def _file(status: Status, kind: str) -> HttpResponse:
    content_type, make = FILES[kind]
    name = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in status.title).lower()
    headers = {
        "Content-Disposition": f'attachment; filename="status-{name[:60]}-{status.as_of:%Y-%m-%d}.{kind}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(make(status), content_type=content_type, headers=headers)


def _place(request: HttpRequest, subject: Deployment | Program) -> str:
    kind = "program" if isinstance(subject, Program) else "deployment"
    slug = request.organization.slug  # type: ignore[attr-defined]
    return reverse(f"org:deployments:{kind}_status", kwargs={"org": slug, kind: subject.pk})
