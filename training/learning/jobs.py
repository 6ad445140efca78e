"""What learning does every night."""

from audit.actor import Actor
from notices.jobs import job
from tenancy.models import Organization
from training.learning.actions.sweep import sweep


@job("training_audit", "Training audit: expired, due, access without training", hour=4)
def training_audit(organization: Organization) -> dict[str, int]:
    """Open renewals, plan reminders, and state every running deployment's coverage anew."""
    return sweep(by=Actor.system("training audit"))
