"""A deployment as it stood at a moment: its gates, its team, its checklist."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from access.permissions import Permission
from access.require import NotAllowed, require
from accounts.models import User
from audit.as_of import began, rows_at
from onboarding.deployments.lens import Lens
from onboarding.deployments.models import Deployment, Item, TeamRole
from onboarding.deployments.web.checklist import KEYS, S
from onboarding.deployments.web.frame import GATE_WORDS, frame
from web.forms import MomentForm
from web.render import page
from web.statuses import status
from web.tables import Column, table_file

COLUMNS: list[Column] = [
    ("No.", "number"), ("Item", "title"), ("Status", "state"), ("Owner", "owner"), ("Person", "person"), ("Due", "due"),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """An item as it stood."""

    number: int
    title: str
    stage: int
    look: str
    word: str | None
    owner: str
    person: str
    due: date

    @property
    def state(self) -> str:
        """The state in a word."""
        return status(self.look, self.word).word


@require(Permission.COMMENT_INTERNAL)
@require_safe
def as_of(request: HttpRequest, org: str, deployment: UUID) -> HttpResponseBase:
    """What the row history says of the moment in the address; without one, of now."""
    lens = Lens.of(request)
    if not lens.of_host:
        raise NotAllowed(Permission.COMMENT_INTERNAL)
    found = lens.deployment(deployment)
    form, at = MomentForm.asked(request)
    lines = _lines(found, lens, at)
    if form.is_valid() and (file := table_file(request, f"checklist-{at:%Y-%m-%d-%H%M}", COLUMNS, lines)):
        return file
    stood = rows_at(Deployment, [found.pk], at).get(found.pk)
    context = {
        **frame(request, found, "History"),
        "form": form,
        "at": at,
        "stood": _head(found, stood) if stood else None,
        "since": began(Deployment, [found.pk]),
        "lines": lines,
        "team": _team(found, at),
    }
    return page(request, "deployments/as_of.html", context, status=200 if form.is_valid() else 422)


def _lines(deployment: Deployment, lens: Lens, at: datetime) -> list[Line]:
    ids = list(lens.items(deployment.pk).values_list("pk", flat=True))
    images = sorted(rows_at(Item, ids, at).values(), key=lambda image: image["number"])
    names = _names(image["assignee_id"] for image in images)
    return [
        Line(
            image["number"],
            image["title"],
            image["stage"],
            KEYS[S(image["state"])],
            "Retired" if image["state"] == S.RETIRED else None,
            image["owner"],
            names.get(image["assignee_id"], ""),
            date.fromisoformat(image["due_on"]),
        )
        for image in images
    ]


def _team(deployment: Deployment, at: datetime) -> list[tuple[str, str, str]]:
    """Return role, person and deputy."""
    ids = list(TeamRole.objects.filter(deployment=deployment).values_list("pk", flat=True))
    images = sorted(rows_at(TeamRole, ids, at).values(), key=lambda image: image["title"])
    names = _names(image[who] for image in images for who in ("person_id", "deputy_id"))
    return [
        (image["title"], names.get(image["person_id"], "Vacant"), names.get(image["deputy_id"], "–"))
        for image in images
    ]


def _head(deployment: Deployment, image: dict[str, Any]) -> dict[str, Any]:
    gates = []
    for gate in deployment.playbook_version.gates:
        stood = image["gates"].get(gate["key"], {})
        look, word = GATE_WORDS.get(stood.get("state", ""), ("later", "Not yet"))
        gates.append((gate["key"], gate["title"], look, word))
    return {
        "state": Deployment.State(image["state"]).label,
        "go_live_on": date.fromisoformat(image["go_live_on"]),
        "done": image["items_done"],
        "counted": image["items_counted"],
        "stage": image["stage"],
        "gates": gates,
    }


def _names(ids: Any) -> dict[str, str]:
    found = User.objects.filter(pk__in={one for one in ids if one}).only("name", "email")
    return {str(user.pk): str(user) for user in found}
