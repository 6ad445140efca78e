"""Job roles: what somebody does at a site, which decides what they must learn (not what they may do in Causeway)."""

from django.utils.translation import gettext_noop

from training.courses.roles import ROLES

TITLES = {
    "prescriber": gettext_noop("Prescriber, therapist"),
    "care-manager": gettext_noop("Care manager"),
    "digital-navigator": gettext_noop("Digital navigator"),
    "front-desk": gettext_noop("Front desk, MA"),
    "superuser": gettext_noop("Superuser"),
    "manager": gettext_noop("Manager, executive"),
    "it-integration": gettext_noop("IT, integration"),
    "billing": gettext_noop("Billing"),
    "crisis-responder": gettext_noop("Crisis responder"),
}
assert tuple(TITLES) == ROLES
CHOICES = list(TITLES.items())
