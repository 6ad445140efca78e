"""A forecast in words, and the items that drive it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse

from onboarding.deployments.models import Deployment
from onboarding.plans.models import GoLiveForecast
from web.formats import number


@dataclass(frozen=True, slots=True)
class Mover:
    """An item that the forecast waits for."""

    title: str
    address: str
    says: str
    days: str


def basis(forecast: GoLiveForecast) -> str:
    """Say what a forecast rests on."""
    own, estimated = forecast.from_history, forecast.from_playbook
    if not own:
        return (
            "No item has five past durations yet: all open items count with the playbook's effort and a usual spread."
        )
    return f"{own} of {own + estimated} open items count with how long they took before, the rest with the playbook's effort."


def drivers(forecast: GoLiveForecast | None, deployment: Deployment, org: str, seen: Collection[UUID]) -> list[Mover]:
    """Return the items that drive the forecast, as far as the person sees them."""
    if forecast is None:
        return []
    found: list[Mover] = []
    for pk, item, title, days, share in forecast.drivers:
        if UUID(pk) not in seen:
            continue
        place: dict[str, Any] = {"org": org, "deployment": deployment.pk, "item": item}
        says = f"Go-live waits for it in {round(share * 100)} % of the runs."
        added = f"+{number(days, 0 if days >= 10 else 1)} working days" if days else ""
        found.append(Mover(f"#{item} {title}", reverse("org:deployments:item", kwargs=place), says, added))
    return found
