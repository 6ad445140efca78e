"""Papers of the vault can be found by the organization's own people."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse

from access.permissions import Permission
from onboarding.vault.models import Paper
from web.find import AT_MOST, Hit, Source, matching, register


def enter() -> None:
    """Register the papers."""
    register(Source("Vault", "lock", papers, Permission.EVIDENCE_READ, order=35, names=names))


def papers(request: HttpRequest, words: list[str]) -> Iterable[Hit]:
    """Papers by title and by the organization they came from."""
    if request.part is not None:  # type: ignore[attr-defined]
        return
    org = request.organization.slug  # type: ignore[attr-defined]
    found = matching(Paper.objects.select_related("source").order_by("title", "id"), words, "title", "source__name")
    for paper in found[: AT_MOST + 1]:
        given = f", from {paper.source.name}" if paper.source else ""
        where = reverse("org:vault:paper", kwargs={"org": org, "paper": paper.pk})
        yield Hit(paper.title, where, f"{paper.get_state_display()}{given}")


def names(request: HttpRequest, most: int) -> Iterable[str]:
    """Titles of the organization's own papers."""
    if request.part is not None:  # type: ignore[attr-defined]
        return ()
    return Paper.objects.values_list("title", flat=True)[:most]
