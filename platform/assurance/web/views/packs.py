"""Audit packs: asked for, watched while they are made, downloaded."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import require
from assurance.models import AuditPack, AuditRefused
from assurance.packs import links, making, sections
from assurance.tasks import make_pack
from assurance.web.forms import PackForm
from audit.timeline import timeline
from web.render import etag, htmx_or_page, not_modified, page, toast
from web.tables import Column, table_file

TABLE: list[Column] = [
    ("About", "title"), ("From", "since"), ("To", "until"), ("Asked by", "asked_by"), ("Asked", "asked_at"),
    ("State", "get_state_display"), ("Size in bytes", "size"), ("SHA-256", "sha256"),
]  # fmt: skip
LATEST = 100


@require(Permission.AUDIT_READ)
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: OrganizationRequest, org: str) -> HttpResponseBase:
    """The packs that were asked for, and a new one."""
    found = AuditPack.objects.newest()
    if file := table_file(request, "audit-packs", TABLE, found):
        return file
    form = PackForm(request.POST or None, deployment=request.GET.get("deployment", ""))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = AuditPack.ask(
                since=said["since"], until=said["until"], deployment_id=said["deployment"], by=request.actor
            )
        except AuditRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            make_pack.later(request.organization.pk, made.pk)
            return redirect("org:assurance:pack", org=org, pack=made.pk)
    context = {"packs": list(found[:LATEST]), "form": form, "looks": LOOKS}
    return page(request, "assurance/packs.html", context, status=422 if form.errors else 200)


LOOKS = {"asked": "waiting", "making": "in_progress", "ready": "done", "failed": "failed", "gone": "expired"}


@require(Permission.AUDIT_READ)
@require_safe
def show(request: OrganizationRequest, org: str, pack: UUID) -> HttpResponseBase:
    """How far it has come, what it holds, and where it is downloaded."""
    found = _find(pack)
    version = (found.pk, found.state, len(found.done), found.attempt)
    if request.GET.get("progress") and (same := not_modified(request, version)):
        return same
    ready = found.state == AuditPack.State.READY
    context: dict[str, Any] = {
        "pack": found,
        "look": LOOKS[found.state],
        "version": etag(version),
        "sections": [
            (one, next((each for each in found.done if each["name"] == one.name), None)) for one in sections.every()
        ],
        "download": links.address_of(found, request.actor.person_id, org) if ready else "",
        "lasts": timezone.now() + links.LASTS,
        "history": timeline(found.pk),
    }
    return htmx_or_page(request, "assurance/pack.html", "progress", context)


@require(Permission.AUDIT_READ)
@require_POST
def retry(request: OrganizationRequest, org: str, pack: UUID) -> HttpResponse:
    """Try again what was given up."""
    found = _find(pack)
    found.retry(by=request.actor)
    make_pack.later(request.organization.pk, found.pk)
    toast(request, "It is tried again")
    return redirect("org:assurance:pack", org=org, pack=found.pk)


@require(Permission.AUDIT_READ)
@require_safe
def download(request: OrganizationRequest, org: str, token: str) -> HttpResponseBase:
    """Send the file to the one person whose link this is, while they may still see the log; written down."""
    found = links.read(token, request.organization, request.actor.person_id)
    if found is None:
        raise Http404
    path = making.zip_of(found.organization_id, found.pk)
    if not path.exists():
        raise Http404
    name = f"audit-pack-{found.since:%Y%m%d}-{found.until:%Y%m%d}.zip"
    headers = {
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Content-SHA256": found.sha256,
    }
    if request.method == "HEAD":  # nobody has taken anything
        return HttpResponse(content_type="application/zip", headers=headers)
    found.downloaded(by=request.actor)
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=name, content_type="application/zip", headers=headers
    )


def _find(pk: UUID) -> AuditPack:
    found = AuditPack.objects.newest().filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
