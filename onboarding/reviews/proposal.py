"""What a decision to scale proposes: the next wave whose sites wait."""

from typing import Any

from onboarding.deployments.models import Deployment


def next_wave(deployment: Deployment) -> dict[str, Any] | None:
    """Return the program's first later wave with sites that are still onboarded; None where there is none."""
    waiting = (
        Deployment.objects.filter(program_id=deployment.program_id, state=Deployment.State.ONBOARDING)
        .exclude(wave=None)
        .select_related("wave", "site")
        .order_by("wave__number", "site__name")
    )
    number = deployment.wave.number if deployment.wave else 0
    later = [one for one in waiting if one.wave.number >= number]
    if not later:
        return None
    first = later[0].wave
    return {
        "wave": first.title,
        "wave_id": str(first.pk),
        "sites": [one.site.name for one in later if one.wave_id == first.pk],
    }
