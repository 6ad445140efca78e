"""What every page of a deployment shares: head, countdown, stage track, gate bar and tabs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from access.permissions import Permission
from onboarding.deployments.alerts import alerts_shown
from onboarding.deployments.health import health_of
from onboarding.deployments.models import Deployment
from web.charts import Stage
from web.context import address
from web.formats import MINUS, day, plural

GATE_WORDS = {
    "passed": ("passed", "Passed"),
    "lapsed": ("at_risk", "Open again since"),
    "ready": ("signature_wanted", "Ready to sign"),
    "open": ("later", "Not yet"),
}
"""What `Deployment.gates` says of a gate (golive writes it), as status and words."""
PASSED = {"passed"}


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of a deployment. `url_name` is the name below `org:`, with org and deployment as its arguments."""

    title: str
    url_name: str
    permission: Permission
    order: int = 100
    count: Callable[[Deployment], str | None] | None = None
    without: Permission | None = None
    """Shown only to those who lack this permission."""


_tabs: dict[str, Tab] = {}


def register(*tabs: Tab) -> None:
    """Add tabs, normally from an app's `ready()`; the same title replaces the older one."""
    for tab in tabs:
        _tabs[tab.title] = tab


register(
    Tab(
        "Checklist",
        "deployments:checklist",
        Permission.ITEM_READ,
        order=10,
        count=lambda one: f"{one.items_done} of {one.items_counted}",
    ),
    Tab("Stages and gates", "deployments:overview", Permission.GATE_READ, order=15, without=Permission.ITEM_READ),
    Tab("Gates", "golive:gates", Permission.GATE_READ, order=20),
    Tab("History", "deployments:history", Permission.COMMENT_INTERNAL, order=75),
    Tab("Team", "deployments:team", Permission.DEPLOYMENT_READ, order=80),
    Tab("Sharing", "deployments:sharing", Permission.DEPLOYMENT_SHARE, order=90),
)


def frame(request: HttpRequest, deployment: Deployment, current: str) -> dict[str, Any]:
    """Return the context of `deployments/frame.html`; `current` is the title of the tab that is open."""
    today = timezone.localdate()
    version = deployment.playbook_version
    gates = {gate["key"]: gate for gate in version.gates}
    return {
        "deployment": deployment,
        "swapped": False,
        "health": health_of(deployment, today),
        "lead": _lead(deployment),
        "alerts": alerts_shown(request, deployment.pk, current),  # type: ignore[arg-type]
        "countdown": countdown(deployment, today),
        "track": track(request, deployment, version.stages, gates),
        "gates": gatebar(request, deployment, gates.values()),
        "tabs": tabs(request, deployment, current),
        "stage_titles": {stage["number"]: stage["title"] for stage in version.stages},
        "can": {permission.value: True for permission in request.permissions},  # type: ignore[attr-defined]
        "moves_go_live": Permission.DEPLOYMENT_PLAN in request.permissions  # type: ignore[attr-defined]
        and request.part is None  # type: ignore[attr-defined]
        and deployment.state in (Deployment.State.ONBOARDING, Deployment.State.ROLLED_BACK),
    }


def countdown(deployment: Deployment, today: date) -> dict[str, str]:
    """Return the one number of the page, and what it counts."""
    moved = (
        ""
        if deployment.go_live_on == deployment.baseline_go_live_on
        else (f", baseline {day(deployment.baseline_go_live_on)}")
    )
    if deployment.state == Deployment.State.LIVE and deployment.went_live_at:
        days = (today - timezone.localdate(deployment.went_live_at)).days
        return {
            "number": str(days),
            "words": "day live" if days == 1 else "days live",
            "note": f"since {day(deployment.went_live_at)}",
            "forecast": "",
        }
    if deployment.state == Deployment.State.DISCONTINUED:
        live = deployment.went_live_at
        note = f"live since {day(live)}" if live else "never went live"
        return {"number": "–", "words": "ended", "note": note, "forecast": ""}
    days = deployment.days_to_go_live(today)
    number = str(days) if days >= 0 else f"{MINUS}{-days}"
    return {
        "number": number,
        "words": "day to go-live" if days == 1 else "days to go-live",
        "note": f"{day(deployment.go_live_on)}{moved}",
        "forecast": _heading(deployment),
    }


def _heading(deployment: Deployment) -> str:
    """Say where go-live is heading, as plans forecast it: "12 Jan, 80 % sure by 26 Jan"."""
    p50, p80 = deployment.forecast_p50, deployment.forecast_p80
    if p50 is None or p80 is None:
        return ""
    return f"{day(p50)}, 80 % sure by {day(p80)}" if p50 != p80 else f"{day(p50)}, more than 80 % sure"


def track(
    request: HttpRequest, deployment: Deployment, stages: list[dict[str, Any]], gates: dict[str, dict[str, Any]]
) -> list[Stage]:
    """Return the stage track; the marks stand on the gates that are signed by people."""
    base = address("org:deployments:checklist", org=request.organization.slug, deployment=str(deployment.pk))  # type: ignore[attr-defined]
    shown, due = [], False
    for stage in stages:
        done, counted = deployment.stages.get(str(stage["number"]), (0, 0))
        gate, mark = gates.get(stage["gate"]), ""
        if gate and gate["kind"] == "signed":
            passed = deployment.gates.get(gate["key"], {}).get("state") in PASSED
            mark = "signed" if passed else "later" if due else "due"
            due = due or not passed
        number = stage["number"]
        shown.append(
            Stage(
                stage["title"].removesuffix(" and integrate"),
                done,
                counted,
                current=number == deployment.stage and done < counted,
                gate=mark,
                address=f"{base}?stage={number}",
            )
        )
    return shown


def gatebar(request: HttpRequest, deployment: Deployment, gates: Any) -> list[dict[str, Any]]:
    """Return the signed gates as they stand; the gates themselves write `Deployment.gates`."""
    shown = []
    for gate in gates:
        if gate["kind"] != "signed":
            continue
        stands = deployment.gates.get(gate["key"], {})
        status, word = GATE_WORDS.get(stands.get("state", ""), ("later", "Not yet"))
        when = stands.get("on")
        text = f"{word} {day(date.fromisoformat(when[:10]))}" if when else word
        if failing := stands.get("failing"):
            text = f"Not yet, {plural(failing, 'rule')} open"
        place = {"org": request.organization.slug, "deployment": str(deployment.pk)}  # type: ignore[attr-defined]
        shown.append(
            {
                "code": gate["key"],
                "name": gate["title"],
                "text": text,
                "status": status,
                "address": f"{address('org:golive:gates', **place)}#{gate['key']}",
            }
        )
    return shown


def gate_rows(deployment: Deployment) -> list[dict[str, Any]]:
    """Return every gate with its criteria in words, for those who read gates."""
    stages = {stage["number"]: stage["title"] for stage in deployment.playbook_version.stages}
    rows = []
    for gate in deployment.playbook_version.gates:
        status, word = GATE_WORDS.get(deployment.gates.get(gate["key"], {}).get("state", ""), ("later", "Not yet"))
        kind = "Signed" if gate["kind"] == "signed" else "Closes by itself"
        stage = f"{gate['stage']} {stages.get(gate['stage'], '')}"
        says = _says(gate["criteria"])
        rows.append(
            {
                "key": gate["key"],
                "title": gate["title"],
                "kind": kind,
                "stage": stage,
                "status": status,
                "word": word,
                "says": says,
            }
        )
    return rows


def _says(criterion: Mapping[str, Any]) -> list[str]:
    """Return what a criterion asks for, in order; what is joined by `any` or denied stays one sentence, or it would read as asked for."""
    if said := criterion.get("says"):
        return [said]
    if "all" in criterion:
        return [text for part in criterion["all"] for text in _says(part)]
    if "any" in criterion:
        return _one("One of these", criterion["any"])
    return _denied(criterion["not"]) if "not" in criterion else []


def _denied(criterion: Mapping[str, Any]) -> list[str]:
    if "says" not in criterion and "not" in criterion:
        return _says(criterion["not"])
    for branch, before in (("all", "Not all of these"), ("any", "None of these")):
        if "says" not in criterion and branch in criterion:
            return _one(before, criterion[branch])
    return _one("Not", [criterion])


def _one(before: str, parts: Sequence[Mapping[str, Any]]) -> list[str]:
    texts = [" and ".join(text.rstrip(".") for text in _says(part)) for part in parts]
    return [f"{before}: {'; '.join(filter(None, texts))}"] if any(texts) else []


def tabs(request: HttpRequest, deployment: Deployment, current: str) -> list[dict[str, Any]]:
    """Return the tabs whose pages this person may open."""
    place = {"org": request.organization.slug, "deployment": str(deployment.pk)}  # type: ignore[attr-defined]
    may, shown = request.permissions, []  # type: ignore[attr-defined]
    for tab in sorted(_tabs.values(), key=lambda one: (one.order, one.title)):
        where = address(f"org:{tab.url_name}", **place)
        if where and tab.permission in may and tab.without not in may:
            count = tab.count(deployment) if tab.count else None
            shown.append({"title": tab.title, "address": where, "current": tab.title == current, "count": count})
    return shown


def _lead(deployment: Deployment) -> str:
    parts = [f"Version {deployment.tool_version.version}"]
    if deployment.wave:
        parts.append(deployment.wave.title)
    parts.append(f"playbook “{deployment.playbook_version.playbook.title}” {deployment.playbook_version.version}")
    if deployment.tier == "light":
        parts.append("light track")
    parts.append(plural(deployment.items_counted, "item"))
    return " · ".join(parts)
