"""What hypercare reminds people of: defects that come to their target, and a severity-1 at once."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_noop

from accounts.models import User
from audit.actor import Actor
from notices import times
from notices.kinds import Description, kind
from notices.ladder import DEPUTY, MANAGER, OWNER, SPONSOR, UP, Plan, plan_many
from notices.models import Reminder
from notices.once import say_once
from notices.planners import planner
from onboarding.deployments.models import TeamRole
from onboarding.deployments.models.calendar import working_calendars
from onboarding.deployments.notices import teams_of, terms_of
from onboarding.hypercare.models import Ticket
from onboarding.hypercare.severity import Severity
from tenancy.models import Organization
from web.language import named

RELATED = ("deployment__site", "deployment__tool_version__tool", "owner")
OPERATIONS, ALARMED = "OPS", ("OPS", "CSO", "IM", "VEN")
"""The team role that owns a defect nobody has taken, and those who hear of a severity-1 at once."""


def describe_tickets(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe tickets that are not fixed yet by their code: whoever reports one may write anything into its title."""
    found = Ticket.objects.filter(pk__in=ids, state__in=Ticket.UNFIXED).select_related(*RELATED)
    slug = Organization.slug_in_scope()
    return {
        ticket.pk: Description(
            named("Defect %(code)s", code=ticket.code),
            f"{ticket.get_severity_display()} · {ticket.deployment}",
            reverse(
                "org:hypercare:ticket",
                kwargs={"org": slug, "deployment": ticket.deployment_id, "number": ticket.number},
            ),
            _due_on(ticket),
        )
        for ticket in found
    }


TICKET_DUE = kind("hypercare.ticket_due", "A defect is due", describe=describe_tickets)
SEVERITY_ONE = kind(
    "hypercare.severity_one", "A severity-1 defect is open", describe=describe_tickets, apart=True, urgent=True
)


def plan_tickets(tickets: Iterable[Ticket], *, by: Actor) -> int:
    """Bring the reminders of these tickets in line with their state, target and owner; return how many are still due."""
    rows = list(tickets)
    plans = _plans(rows)
    due = {plan.subject.pk for plan in plans}
    over = [row.pk for row in rows if row.pk not in due]
    if over:
        Reminder.cancel(over, by=by, reason="The defect is fixed, or is none.", kind=TICKET_DUE)
    plan_many(plans, by=by)
    return len(plans)


@planner(TICKET_DUE)
def tickets_due() -> Iterable[Plan]:
    """Defects that have a target."""
    due = Ticket.objects.filter(state__in=Ticket.UNFIXED).exclude(due_at=None)
    return _plans(due.select_related(*RELATED).order_by("pk"))


def _plans(tickets: Iterable[Ticket]) -> list[Plan]:
    due = [row for row in tickets if row.state in Ticket.UNFIXED and row.due_at]
    teams = teams_of({row.deployment_id for row in due})
    calendars = working_calendars({row.deployment.site_id: row.deployment.site for row in due}.values())
    terms = terms_of({row.deployment_id for row in due})
    return [
        Plan(
            row,
            TICKET_DUE,
            _due_on(row),
            row.deployment.site.time_zone,
            _people(row, teams.get(row.deployment_id, {})),
            calendars[row.deployment.site_id],
            row.deployment_id,
            terms=terms.get(row.deployment_id, {}),
            up=UP,
        )
        for row in due
    ]


def _due_on(ticket: Ticket) -> date | None:
    """Return the day of its target where the defect is: in the evening of Hawaii it is tomorrow in UTC."""
    return times.day_at(ticket.due_at, ticket.deployment.site.time_zone) if ticket.due_at else None


def tell_of_severity_one(ticket: Ticket) -> None:
    """Tell those who must act on a severity-1, once for each day on which one is graded so."""
    if ticket.severity != Severity.CRITICAL or ticket.state not in Ticket.UNFIXED:
        return
    team = teams_of({ticket.deployment_id}).get(ticket.deployment_id, {})
    people = {role.person.pk: role.person for code in ALARMED if (role := team.get(code)) and role.person}
    say_once(
        SEVERITY_ONE,
        ticket,
        people.values(),
        gettext_noop("A severity-1 defect needs you now."),
        deployment_id=ticket.deployment_id,
        stand_in=True,
    )


def _people(ticket: Ticket, team: dict[str, TeamRole]) -> list[tuple[User, str]]:
    desk, manager, sponsor = (team.get(code) for code in (OPERATIONS, "IM", "EXS"))
    owner = ticket.owner or (desk.person if desk else None) or (manager.person if manager else None)
    listed = [
        (owner, OWNER),
        (desk.deputy if desk and ticket.owner is None else None, DEPUTY),
        (manager.person if manager else None, MANAGER),
        (sponsor.person if sponsor else None, SPONSOR),
    ]
    return [(person, role) for person, role in listed if person is not None]
