"""The evidence pack of a meeting, and the record of its decision: listed, and downloaded as the bytes that were hashed."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse

from access.permissions import Permission
from access.request import OrganizationRequest
from access.require import NotAllowed, can, require
from onboarding.deployments.models import Evidence
from onboarding.golive.actions.open_papers import opened
from onboarding.golive.archive import members, papers, streamed
from onboarding.golive.canonical import canonical, digest
from onboarding.golive.evidence import KINDS, changes, look
from onboarding.golive.models import EvidencePack, GateReview
from onboarding.golive.web.room import find
from web.render import page
from web.tables import table_file

COLUMNS = (
    ("Kind", lambda one: KINDS[one["kind"]]),
    ("What", lambda one: one["title"]),
    ("As it stood", lambda one: one["says"]),
    ("SHA-256", lambda one: one.get("sha256") or ""),
)


@require(Permission.GATE_READ)
def contents(request: OrganizationRequest, org: str, review: UUID, number: int) -> HttpResponseBase:
    """List what a pack holds, with what has changed since it was frozen."""
    found, pack = _pack(request, review, number)
    if file := table_file(request, f"{found.gate}-evidence-pack-{number}", COLUMNS, pack.content["entries"]):
        return file
    changed = {one.key: one for one in changes(pack.content, look(found))}
    groups: dict[str, list[Any]] = {title: [] for title in KINDS.values()}
    for entry in pack.content["entries"]:
        address = _address(org, found, entry)
        groups[KINDS[entry["kind"]]].append(
            {"entry": entry, "change": changed.pop(entry["key"], None), "address": address}
        )
    context = {
        "review": found,
        "deployment": found.deployment,
        "pack": pack,
        "whole": pack.is_whole,
        "groups": {title: rows for title, rows in groups.items() if rows},
        "since": list(changed.values()),
        "changed_count": len(changed) + sum(bool(row["change"]) for rows in groups.values() for row in rows),
        "with_files": can(request, Permission.EVIDENCE_READ),
        "files": sum(bool(one.get("sha256")) for one in pack.content["entries"]),
        "packs": EvidencePack.objects.filter(review=found).order_by("number"),
    }
    return page(request, "golive/pack.html", context)


@require(Permission.GATE_READ)
def download(request: OrganizationRequest, org: str, review: UUID, number: int) -> HttpResponse:
    """Send a pack as the very bytes of which the hash was taken."""
    found, pack = _pack(request, review, number)
    opened(found, by=request.actor, pack=pack)
    return _file(pack.content, f"{found.gate.lower()}-record-{found.number}-pack-{number}.json")


@require(Permission.EVIDENCE_READ)
def archive(request: OrganizationRequest, org: str, review: UUID, number: int) -> StreamingHttpResponse:
    """Send a pack with its files as one ZIP, while it is written; each file counts as read."""
    found, pack = _pack(request, review, number)
    files = members(pack)
    opened(found, by=request.actor, pack=pack)
    Evidence.opened_many(papers(pack), by=request.actor, how=f"in evidence pack {number} of {found.gate}")
    return StreamingHttpResponse(
        streamed(pack, files),
        content_type="application/zip",
        headers=_headers(f"{found.gate.lower()}-record-{found.number}-pack-{number}.zip"),
    )


@require(Permission.GATE_READ)
def record(request: OrganizationRequest, org: str, review: UUID) -> HttpResponse:
    """Send the signed record as the very bytes of which the hash was taken."""
    found = find(review)
    if request.part is not None:
        raise NotAllowed(Permission.GATE_READ)
    if not found.record:
        raise Http404
    opened(found, by=request.actor)
    return _file(found.record, f"{found.gate.lower()}-record-{found.number}.json")


def _pack(request: OrganizationRequest, review: UUID, number: int) -> tuple[GateReview, EvidencePack]:
    """Return a pack of the host's own; raise Http404, and NotAllowed for partners, who see outcomes."""
    found = find(review)
    if request.part is not None:
        raise NotAllowed(Permission.GATE_READ)
    pack = EvidencePack.objects.filter(review=found, number=number).first()
    if pack is None:
        raise Http404
    return found, pack


def _file(content: Any, name: str) -> HttpResponse:
    return HttpResponse(
        canonical(content),
        content_type="application/json",
        headers={**_headers(name), "X-Content-SHA256": digest(content)},
    )


def _headers(name: str) -> dict[str, str]:
    return {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }


def _address(org: str, review: GateReview, entry: dict[str, Any]) -> str:
    """Return where an entry is looked at, as it is now; for a paper, the version that stood there."""
    place = {"org": org, "deployment": review.deployment_id}
    if entry["kind"] == "item":
        return reverse("org:deployments:item", kwargs={**place, "item": entry["key"].partition("/")[2]})
    if entry["kind"] == "evidence" and entry.get("version"):
        paper = {**place, "evidence": entry["evidence"], "number": entry["version"]}
        return reverse("org:deployments:evidence", kwargs=paper)
    return {
        "role": reverse("org:deployments:team", kwargs=place),
        "waiver": reverse("org:golive:waivers", kwargs=place),
        "criterion": reverse("org:golive:gate", kwargs={**place, "gate": review.gate}),
    }.get(entry["kind"], "")
