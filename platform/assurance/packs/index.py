"""The index of a pack: what it holds, in a tagged PDF for people and in words for whoever verifies it."""

import json
from pathlib import Path
from typing import Any

import typst
from django.utils import timezone

from assurance.models import AuditPack
from assurance.packs import own
from tenancy.models import Organization
from web.formats import long_day

SOURCE = Path(__file__).parent / "index.typ"


def about(pack: AuditPack, parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the manifest and the index say; to be called in the organization's scope."""
    organization = Organization.objects.get(pk=pack.organization_id)
    return {
        "pack": str(pack.pk),
        "organization": organization.name,
        "organization_id": str(organization.pk),
        "deployment_id": str(pack.deployment_id) if pack.deployment_id else None,
        "title": pack.title,
        "since": pack.since.isoformat(),
        "until": pack.until.isoformat(),
        "period": f"{long_day(pack.since)} to {long_day(pack.until)}",
        "asked_by": str(pack.asked_by),
        "asked_at": timezone.localtime(pack.asked_at).isoformat(timespec="seconds"),
        "ended": over["says"] if (over := own.ended(pack.wanted())) else "",
        "parts": [
            {
                "name": one["name"], "title": one["title"], "entries": one["entries"], "files": len(one["files"]),
                "sha256": one["files"][0]["sha256"] if len(one["files"]) == 1 else "",
            }
            for one in parts
        ],
    }  # fmt: skip


def document(said: dict[str, Any]) -> bytes:
    """Return the index as a PDF/UA-1 document."""
    made = typst.compile(
        SOURCE, format="pdf", sys_inputs={"data": json.dumps(said)}, pdf_standards="ua-1", ignore_system_fonts=True
    )
    assert isinstance(made, bytes)
    return made


def readme(said: dict[str, Any]) -> str:
    """Return how the pack is verified without this program."""
    log = (
        "Each file of events/proofs/ proves that one event is in the sealed log:\n"
        "    for file in events/proofs/*.json; do python verify_log.py $file --key KEY || echo $file; done\n"
        if said["deployment_id"]
        else "events/log.jsonl is the sealed log of the period, every event with its proof:\n"
        "    python verify_log.py events/log.jsonl --key KEY\n"
    )
    ended = f"{said['ended']}\nevents/ended.json has the head to check older exports by.\n\n" if said["ended"] else ""
    return (
        f"Audit pack of {said['title']}\n{said['period']}\n\n{ended}"
        "Every file is named with its hash in SHA256SUMS:\n    sha256sum -c SHA256SUMS\n\n"
        f"{log}\nKEY is the organization's public key, got elsewhere than in this file. verify_log.py needs Python 3.9\n"
        "and the package cryptography, and nothing of the program that made this pack.\n\n"
        "gates/records/ and gates/packs/ hold signed records and frozen evidence as the very bytes of which their hashes were\n"
        "taken: the name of each file ends in the first 16 digits of its SHA-256.\n"
    )
