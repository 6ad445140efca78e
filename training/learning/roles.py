"""Job roles: what somebody does at a site, which decides what they must learn (not what they may do in Causeway)."""

from training.courses.document import ROLES

TITLES = {
    "prescriber": "Prescriber, therapist",
    "care-manager": "Care manager",
    "digital-navigator": "Digital navigator",
    "front-desk": "Front desk, MA",
    "superuser": "Superuser",
    "manager": "Manager, executive",
    "it-integration": "IT, integration",
    "billing": "Billing",
    "crisis-responder": "Crisis responder",
}
assert tuple(TITLES) == ROLES
CHOICES = list(TITLES.items())
