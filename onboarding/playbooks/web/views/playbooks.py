"""The organization's playbooks, each readable in full; and the starter playbook of the library."""

from functools import lru_cache
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from access.permissions import Permission
from access.require import can, require
from onboarding.playbooks.document import STARTER, PlaybookDocument, load
from onboarding.playbooks.models import PlaybookItem, PlaybookVersion
from web.render import page, redirect_or_refresh, toast


@lru_cache(maxsize=1)
def starter() -> PlaybookDocument:
    """Return the library's playbook, read and checked once in a process."""
    return load(STARTER)


@require(Permission.PLAYBOOK_READ)
@require_safe
def index(request: HttpRequest, org: str) -> HttpResponse:
    """Every version, newest first, and the starter playbook while it is not adopted."""
    versions = list(
        PlaybookVersion.objects.select_related("playbook").defer("content").order_by("playbook__title", "-published_at")
    )
    library = starter()
    adopted = any(one.sha256 == library.sha256 for one in versions)
    context = {
        "versions": versions,
        "library": None if adopted else library,
        "adopts": can(request, Permission.PLAYBOOK_AUTHOR),
    }
    return page(request, "playbooks/index.html", context)


@require(Permission.PLAYBOOK_AUTHOR)
@require_POST
def adopt(request: HttpRequest, org: str) -> HttpResponse:
    """Take an own copy of the starter playbook."""
    version = PlaybookVersion.adopt(starter(), by=request.actor, source="library")  # type: ignore[attr-defined]
    toast(request, f"{version} is yours")
    return redirect_or_refresh(request, reverse("org:playbooks:version", kwargs={"org": org, "version": version.pk}))


@require(Permission.PLAYBOOK_READ)
@require_safe
def version(request: HttpRequest, org: str, version: UUID) -> HttpResponse:
    """Stages, items with guidance, gates and roles of one version."""
    found = PlaybookVersion.objects.select_related("playbook").filter(pk=version).first()
    if found is None:
        raise Http404
    items: dict[int, list[PlaybookItem]] = {}
    for item in PlaybookItem.objects.filter(version=found).order_by("stage", "number"):
        items.setdefault(item.stage, []).append(item)
    context = {
        "version": found,
        "items": items,
        "roles": {role["code"]: role for role in found.roles},
        "gates": {gate["key"]: gate for gate in found.gates},
        "total": sum(map(len, items.values())),
    }
    return page(request, "playbooks/version.html", context)
