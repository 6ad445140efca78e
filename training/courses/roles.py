"""The nine job roles of a rollout (what somebody does at a site)."""

ROLES = (
    "prescriber",
    "care-manager",
    "digital-navigator",
    "front-desk",
    "superuser",
    "manager",
    "it-integration",
    "billing",
    "crisis-responder",
)
