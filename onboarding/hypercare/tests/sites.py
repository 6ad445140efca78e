"""A site that is live, as the tests of what comes after go-live need one."""

from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

from onboarding.deployments.models import Deployment, TeamRole
from onboarding.hypercare.actions.report_figures import report_figures
from onboarding.hypercare.models import Hypercare, Ticket
from testing.scenes import Scene

WENT_LIVE = date(2027, 3, 2)
"""A Tuesday."""
STEADY = {"active_users": 40, "message_success": 0.998, "deliverers_active_share": 0.82}


def noon(day: date) -> datetime:
    """Noon in New York, more or less, on a day."""
    return datetime(day.year, day.month, day.day, 17, tzinfo=UTC)


def live(scene: Scene, on: date | None = None) -> Hypercare:
    """Make the scene's deployment live, on a day or today, with its team; return its hypercare."""
    at = noon(on) if on else timezone.now() - timedelta(hours=1)
    Deployment.objects.filter(pk=scene.deployment.pk).update(state="live", went_live_at=at)
    scene.deployment.refresh_from_db()
    people = {"person": scene.world.contributor, "deputy": scene.world.manager, "vacant_since": None}
    TeamRole.objects.filter(deployment=scene.deployment).update(**people)
    return Hypercare.begin(scene.deployment, by=scene.manager)


def defect(scene: Scene, severity: int = 1, title: str = "Alerts do not arrive", **values: object) -> Ticket:
    """Report a defect."""
    return Ticket.report(
        scene.deployment, kind="defect", severity=severity, title=title, by=scene.by(scene.world.contributor), **values
    )


def steady(scene: Scene, **figures: object) -> None:
    """Report figures with which everything holds, once one question was solved by the desk."""
    if not Ticket.objects.filter(deployment=scene.deployment, kind="question").exists():
        asked = Ticket.report(scene.deployment, kind="question", title="Where is the queue?", by=scene.manager)
        asked.move("fixed", by=scene.manager, resolution="Shown on the spot.", tier=1)
    report_figures(scene.deployment, {**STEADY, **figures}, by=scene.manager)
