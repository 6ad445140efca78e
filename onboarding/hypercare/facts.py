"""The figures that end hypercare (domain.md, 3.5), as facts about a deployment.

The register states what it knows in the transaction that changes a ticket, and anew every night; the rest is reported.
"""

from datetime import timedelta

from facts.kinds import Kind, kind

FRESH = timedelta(days=3)
TICKETS = "hypercare:tickets"
"""Where what the register counts is made true."""


def _figure(
    name: str,
    says: str,
    value_type: type,
    unit: str = "",
    source: str = "command center",
    page: str = "hypercare:overview",
) -> Kind:
    return kind(
        f"hypercare.{name}",
        says,
        subject="deployment",
        value_type=value_type,
        source=source,
        fresh_for=FRESH,
        unit=unit,
        page=page,
    )


def _defects(name: str, says: str) -> Kind:
    """A figure of the register, which is made true among the defects."""
    return _figure(name, says, int, source="register", page=TICKETS)


REGISTER: dict[str, Kind] = {
    "sev1_open": _defects("sev1_open", "Open severity-1 defects"),
    "sev2_open": _defects("sev2_open", "Open severity-2 defects"),
    "sev2_without_plan": _defects("sev2_without_plan", "Open severity-2 defects without a plan"),
    "safety_events_unreviewed": _defects("safety_events_unreviewed", "Safety events that wait for review"),
}
"""What the register of defects always knows."""

DESK: dict[str, Kind] = {
    "tickets_per_active_user_week": _figure(
        "tickets_per_active_user_week", "Tickets per active user and week", float, page=TICKETS
    ),
    "ticket_rate_falling_days": _figure(
        "ticket_rate_falling_days", "Days in a row with a falling ticket rate", int, "days", page=TICKETS
    ),
    "tier1_solved_share": _figure(
        "tier1_solved_share", "Share of tickets solved at tier 1", float, "share", page=TICKETS
    ),
    "top_issues_without_article": _figure(
        "top_issues_without_article", "Top-ten issues without a knowledge article", int, page=TICKETS
    ),
}
"""What the register knows where all tickets are kept in it; reported where a service desk elsewhere keeps them."""

REPORTED: dict[str, Kind] = {
    "active_users": _figure("active_users", "People who used the tool in the last seven days", int, "people"),
    "message_success": _figure("message_success", "Share of messages that arrived", float, "share"),
    "deliverers_active_share": _figure(
        "deliverers_active_share", "Share of trained staff who used the tool once", float, "share"
    ),
}
"""What only the tool and its interfaces know: reported by the command center, or by API."""

WORKING_DAYS_MET = _figure(
    "working_days_met", "Working days in a row on which all of it held", int, "days", source="closed days"
)
