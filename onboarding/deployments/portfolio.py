"""Carries deployments into the portfolios of everybody who sees them; rebuilds and compares them."""

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.db import transaction

from access.permissions import PARTS, Part, Permission
from onboarding.deployments.alerts import standing
from onboarding.deployments.models import Deployment, PortfolioRow
from tenancy.models import Organization, Share
from tenancy.scope import current, scope

CARRIED = [
    field.attname
    for field in PortfolioRow._meta.concrete_fields
    if field.attname not in {"id", "organization_id", "deployment_id", "updated_at"}
]
PASSED = "passed"


@transaction.atomic
def project(deployment_id: UUID) -> None:
    """Bring a deployment's rows up to date: the host's, each partner's with a share in force; take back the others'.

    Runs in the host's scope, and may run again: what is newer already stays.
    """
    deployment = (
        Deployment.objects.for_page().select_for_update(no_key=True, of=("self",)).filter(pk=deployment_id).first()
    )
    if deployment is None:
        return
    host = Organization.objects.get(pk=current().organization_id)
    values = row_values(deployment, host)
    alert = _alerts([deployment_id]).get(deployment_id, "")
    _put(values, part="")
    parts: dict[Any, str | None] = {}
    for partner_id, granted, withdrawn in Share.objects.filter(deployment_id=deployment_id).values_list(
        "partner_id", "part", "withdrawn_at"
    ):
        if withdrawn is None:
            parts[partner_id] = granted
        else:
            parts.setdefault(partner_id, None)
    for partner_id, part in parts.items():
        with scope(partner_id):
            if part:
                _put({**values, "alert": seen_by(part, alert)}, part=part)
            else:
                PortfolioRow.objects.filter(deployment_id=deployment_id, host_id=host.pk).delete()


def rebuild() -> int:
    """Project every deployment of the host in scope, and drop the host's rows of deployments that are gone."""
    ids = list(Deployment.objects.order_by("pk").values_list("pk", flat=True))
    PortfolioRow.objects.filter(part="").exclude(deployment_id__in=ids).delete()
    for deployment_id in ids:
        project(deployment_id)
    return len(ids)


def differences() -> Iterator[str]:
    """Yield, for the host in scope, each row of a portfolio that is missing or says something else than the deployment."""
    host, alerts = Organization.objects.get(pk=current().organization_id), _alerts(None)
    for deployment in Deployment.objects.for_page().order_by("pk"):
        values, alert = row_values(deployment, host), alerts.get(deployment.pk, "")
        viewers: dict[UUID, str] = {host.pk: ""}
        viewers.update(Share.objects.in_force().filter(deployment_id=deployment.pk).values_list("partner_id", "part"))
        for viewer, part in viewers.items():
            with scope(viewer):
                row = PortfolioRow.objects.filter(deployment_id=deployment.pk).first()
            wanted = {**values, "part": part, "alert": seen_by(part, alert)}
            if row is None:
                yield f"{deployment.pk} is missing in the portfolio of {viewer}"
            elif wrong := [name for name in CARRIED if name != "version" and getattr(row, name) != wanted[name]]:
                yield f"{deployment.pk} in the portfolio of {viewer}: {', '.join(wrong)}"


def row_values(deployment: Deployment, host: Organization) -> dict[str, Any]:
    """Return what a row says of a deployment, to whomever; without what only some of them see."""
    playbook = deployment.playbook_version
    gates = {gate["key"]: gate for gate in playbook.gates}
    stages: list[list[Any]] = []
    next_gate = ""
    for stage in playbook.stages:
        done, counted = deployment.stages.get(str(stage["number"]), (0, 0))
        gate, mark = gates.get(stage["gate"]), ""
        if gate and deployment.gates.get(gate["key"], {}).get("state") != PASSED:
            mark = "later" if next_gate else "due"
            next_gate = next_gate or f"{gate['key']} {gate['title']}"
        elif gate:
            mark = "signed"
        stages.append([stage["title"], done, counted, mark if gate and gate["kind"] == "signed" else ""])
    titles = {stage["number"]: stage["title"] for stage in playbook.stages}
    return {
        "host_id": host.pk,
        "host_name": host.name,
        "host_slug": host.slug,
        "deployment_id": deployment.pk,
        "title": deployment.tool_version.tool.title,
        "tool_version": deployment.tool_version.version,
        "program": deployment.program.title,
        "wave": deployment.wave.title if deployment.wave else "",
        "site": deployment.site.name,
        "state": deployment.state,
        "stage": deployment.stage,
        "stage_title": titles.get(deployment.stage, ""),
        "stages": stages,
        "done": deployment.items_done,
        "counted": deployment.items_counted,
        "blocked": deployment.items_blocked,
        "next_due_on": deployment.next_due_on,
        "next_gate": next_gate[:80],
        "go_live_on": deployment.go_live_on,
        "baseline_go_live_on": deployment.baseline_go_live_on,
        "forecast_p50": deployment.forecast_p50,
        "forecast_p80": deployment.forecast_p80,
        "alert": "",
        "version": deployment.version,
    }


def seen_by(part: str, alert: str) -> str:
    """Return of what cannot wait what a partner's own portfolio says: nothing to a part that sees no items."""
    return alert if part and Permission.ITEM_READ in PARTS[Part(part)] else ""


def _alerts(deployment_ids: Collection[UUID] | None) -> dict[UUID, str]:
    """Return the first of what cannot wait at each of these deployments, or of all of the host's."""
    return {alert.deployment_id: alert.title[:120] for alert in reversed(standing(deployment_ids))}


def _put(values: dict[str, Any], *, part: str) -> None:
    row = PortfolioRow(**values, part=part)
    PortfolioRow.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["organization", "deployment_id"],
        update_fields=[*(name.removesuffix("_id") if name == "host_id" else name for name in CARRIED), "updated_at"],
    )
