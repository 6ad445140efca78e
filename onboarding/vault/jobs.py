"""What the vault does every night."""

from audit.actor import Actor
from notices.jobs import job
from onboarding.vault import notices
from tenancy.models import Organization

BY = Actor.system("vault")


@job("vault_expiry", "Vault: reminders 90, 60 and 30 days before a paper expires", hour=3)
def vault_expiry(organization: Organization) -> dict[str, int]:
    """Remind whoever keeps a paper; what lapsed is opened again by the deployment audit."""
    return {"papers_reminded": notices.plan_expiry(notices.with_a_date(), by=BY)}
