"""Risks, issues and decisions can be found by the organization's own people."""

from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse

from access.permissions import Permission
from onboarding.logbook.models import LogEntry
from web.find import AT_MOST, Action, Hit, Source, matching, register, register_actions


def enter() -> None:
    """Register the log, and the way to it."""
    register(Source("Risks and decisions", "hist", entries, Permission.COMMENT_INTERNAL, order=45))
    register_actions(
        Action("Look at open risks", "logbook:index", Permission.COMMENT_INTERNAL, "issue decision log raid")
    )


def entries(request: HttpRequest, words: list[str]) -> Iterable[Hit]:
    """Entries by what they say, what is done about them and how they ended; open ones first."""
    if request.part is not None:  # type: ignore[attr-defined]
        return
    org = request.organization.slug  # type: ignore[attr-defined]
    seen = LogEntry.objects.select_related("program", "deployment__site", "deployment__tool_version__tool")
    found = matching(seen.worst_first(), words, "title", "detail", "response", "outcome")
    for entry in found[: AT_MOST + 1]:
        where = reverse("org:logbook:entry", kwargs={"org": org, "entry": entry.pk})
        yield Hit(str(entry), where, f"{entry.get_kind_display()} · {entry.deployment or entry.program.title}")
