"""How the pages of audits are looked at."""

from typing import Any

from assurance.models import AuditPack, Definition, Finding, Run
from testing.pictures.registry import EVERY, LIGHT, OWNER, SMALL, picture, unpictured


def review(demo: Any) -> Run:
    """The access review that is under way."""
    return Run.objects.open().get(definition__check_name="access_review")


def found(demo: Any) -> Finding:
    """A finding that waits for its owner."""
    return Finding.objects.open().order_by("due_on")[0]


def scheduled(demo: Any) -> Definition:
    """The audit of gates."""
    return Definition.objects.get(check_name="gate_integrity")


def composed(demo: Any) -> Definition:
    """The audit of facts and papers, which are grouped."""
    return Definition.objects.get(check_name="facts")


def signed(demo: Any) -> Run:
    """An audit that was signed off."""
    return Run.objects.filter(state="signed").order_by("-began_at")[0]


picture("audits", OWNER, "assurance:index", looks=EVERY)
picture("audit-new", OWNER, "assurance:new", query="?check=facts")
picture("audit", OWNER, "assurance:definition", {"definition": scheduled})
picture("audit-composed", OWNER, "assurance:definition", {"definition": composed}, looks=EVERY)
picture("audit-change", OWNER, "assurance:change", {"definition": scheduled})
picture("access-review", OWNER, "assurance:run", {"run": review}, looks=EVERY)
picture("audit-signed", OWNER, "assurance:run", {"run": signed})
picture("findings", OWNER, "assurance:findings", looks=(LIGHT, SMALL))
picture("finding", OWNER, "assurance:finding", {"finding": found}, looks=EVERY)
picture("audit-packs", OWNER, "assurance:packs", looks=(LIGHT, SMALL))
picture("audit-pack", OWNER, "assurance:pack", {"pack": lambda demo: AuditPack.objects.get(state="ready")}, looks=EVERY)
unpictured("assurance:pack_file", "A link that is one person's for an hour.")
