"""What time alone changes: days without a champion, and months of money."""

from notices.jobs import job
from onboarding.continuity import notices
from onboarding.continuity.models import ChampionHandOver
from onboarding.continuity.standing import state_all
from onboarding.deployments.models import Program
from tenancy.models import Organization


@job("continuity", "Continuity: champions and funding", hour=4)
def continuity(organization: Organization) -> dict[str, int]:
    """State both anew, and warn of what runs out."""
    programs = list(Program.objects.order_by("pk"))
    for program in programs:
        notices.warn_of_runway(program)
    for hand_over in ChampionHandOver.objects.running().order_by("pk"):
        notices.warn_of_hand_over(hand_over)
    return {"deployments": state_all(programs)}
