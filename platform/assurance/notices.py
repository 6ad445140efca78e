"""Reminders of audits that wait for a signature, and of findings that wait for their owner."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.utils.translation import gettext_noop as _

from access.permissions import Role
from accounts.models import Membership, User
from assurance.models import Finding, Run
from audit.actor import Actor
from notices.kinds import Description, Kind, kind
from notices.ladder import MANAGER, OWNER, SPONSOR, Plan, plan_many
from notices.models import Reminder
from notices.planners import planner
from tenancy.models import Organization
from tenancy.scope import current
from web.addresses import reverse


def describe_runs(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe audits that nobody signed off."""
    slug = Organization.slug_in_scope()
    found = Run.objects.open().filter(pk__in=ids).with_counts().select_related("definition")
    return {
        one.pk: Description(
            one.definition.title,
            f"{one.waiting} of {one.looked_at} lines wait" if one.waiting else f"{one.open_findings} findings open",  # type: ignore[attr-defined]
            reverse("org:assurance:run", kwargs={"org": slug, "run": one.pk}),
            one.due_on,
        )
        for one in found
    }


def describe_findings(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe findings that their owner has not corrected."""
    slug = Organization.slug_in_scope()
    found = Finding.objects.filter(pk__in=ids, state=Finding.State.OPEN).with_run()
    return {
        one.pk: Description(
            f"Finding {one.number}",  # its words stay in Causeway: somebody typed them
            f"Of “{one.run.definition.title}”",
            reverse("org:assurance:finding", kwargs={"org": slug, "finding": one.pk}),
            one.due_on,
        )
        for one in found
    }


RUN_DUE = kind("assurance.run", "An audit waits for you", describe=describe_runs)
FINDING_DUE = kind("assurance.finding", "A finding waits for you", describe=describe_findings)


WHY = {
    MANAGER: _("You administer this organization, and it is late."),
    SPONSOR: _("You are an owner of this organization, and it is late."),
}
LEFT = {OWNER: _("Whoever answered for it has left this organization.")}


def plan(runs: Iterable[Run], findings: Iterable[Finding], *, by: Actor) -> int:
    """Bring the reminders of these audits and findings in line; return how many are open.

    What is late goes up: from the owner to an administrator, then to an owner of the organization.
    """
    runs, findings = list(runs), list(findings)
    over = [one.pk for one in runs if one.state != Run.State.OPEN]
    done = [one.pk for one in findings if one.state != Finding.State.OPEN]
    if over or done:
        Reminder.cancel([*over, *done], by=by, reason="It is done.")
    plans = _plans([one for one in runs if one.pk not in over], [one for one in findings if one.pk not in done])
    plan_many(plans, by=by)
    return len(plans)


@planner(RUN_DUE, FINDING_DUE)
def audits() -> Iterable[Plan]:
    """Audits and findings that are open."""
    runs = Run.objects.open().select_related("definition__owner").order_by("pk")
    return _plans(list(runs), list(Finding.objects.open().select_related("owner").order_by("pk")))


def _plans(runs: list[Run], findings: list[Finding]) -> list[Plan]:
    above, here = _above(), _here([one.definition.owner_id for one in runs] + [one.owner_id for one in findings])
    home = Organization.objects.get(pk=current().organization_id)
    wanted: list[tuple[Run | Finding, Kind, User]] = [(one, RUN_DUE, one.definition.owner) for one in runs]
    wanted += [(one, FINDING_DUE, one.owner) for one in findings]
    return [
        Plan(
            one,
            which,
            one.due_on,
            home.time_zone,
            _people(owner, above) if owner.pk in here else _people_without_owner(owner, above),
            reasons=WHY if owner.pk in here else WHY | LEFT,
        )
        for one, which, owner in wanted
    ]


def _people(owner: User, above: list[tuple[User, str]]) -> list[tuple[User, str]]:
    return [(owner, OWNER), *((who, role) for who, role in above if who != owner)]


def _people_without_owner(owner: User, above: list[tuple[User, str]]) -> list[tuple[User, str]]:
    """Whoever would hear of it once it is late hears of it from the beginning."""
    return _people(above[0][0], above[1:]) if above else [(owner, OWNER)]


def _here(ids: Collection[UUID]) -> set[UUID]:
    """Which of these people still belong to the organization."""
    return set(Membership.objects.active().filter(user_id__in=ids).values_list("user_id", flat=True))


def _above() -> list[tuple[User, str]]:
    """An administrator and an owner, the longest-standing of each."""
    found = []
    for role, step in ((Role.ADMINISTRATOR, MANAGER), (Role.OWNER, SPONSOR)):
        member = Membership.objects.active().with_role(role).select_related("user").order_by("joined_at", "pk").first()
        if member:
            found.append((member.user, step))
    return found
