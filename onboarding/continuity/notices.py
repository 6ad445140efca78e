"""What continuity reminds people of: money that runs out, and a hand-over that comes to its last day."""

from collections.abc import Collection
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.models import User
from notices.kinds import Description, kind
from notices.models import Reminder, Wanted
from onboarding.continuity.models import ChampionHandOver
from onboarding.continuity.runway import ALARM
from onboarding.continuity.standing import runway_of
from onboarding.deployments.models import Deployment, Program, TeamRole
from tenancy.models import Organization
from tenancy.scope import current


def describe_programs(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe programs whose money lasts for less than six months."""
    found, slug = {}, _slug()
    for program in Program.objects.filter(pk__in=ids):
        months = runway_of(program)
        one = Deployment.objects.running().filter(program=program).order_by("pk").first()
        if months is not None and months < ALARM and one:
            found[program.pk] = Description(
                f"The funding of {program.title} lasts for {months:g} months",
                "Below six months: name the next source, or the end.",
                reverse("org:continuity:show", kwargs={"org": slug, "deployment": one.pk}),
            )
    return found


def describe_hand_overs(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe hand-overs that go on."""
    slug = _slug()
    running = ChampionHandOver.objects.running().filter(pk__in=ids)
    return {
        one.pk: Description(
            f"The champion leaves: {len(one.open_steps)} steps of the hand-over are open",
            str(one.deployment),
            reverse("org:continuity:show", kwargs={"org": slug, "deployment": one.deployment_id}),
            one.last_day,
        )
        for one in running.select_related("deployment__site", "deployment__tool_version__tool")
    }


RUNWAY_SHORT = kind("funding.runway_short", "Funding runs out", describe=describe_programs)
CHAMPION_LEAVES = kind("champion.leaves", "A clinical champion leaves", describe=describe_hand_overs)


def warn_of_runway(program: Program) -> None:
    """Tell sponsor, finance and manager on the first of each month while the money lasts for less than six months."""
    today = timezone.localdate()
    months = runway_of(program)
    if months is None or months >= ALARM:
        return
    running = Deployment.objects.running().filter(program=program)
    people = TeamRole.objects.filter(deployment__in=running, code__in=["EXS", "FIN", "IM"]).exclude(person=None)
    listed = {role.person.pk: role.person for role in people.select_related("person") if role.person}
    _tell(RUNWAY_SHORT, program, list(listed.values()), gettext_noop("You carry the program."), f"{today:%Y-%m}")


def warn_of_hand_over(hand_over: ChampionHandOver) -> None:
    """Tell the manager, the champion and the deputy ten, five and one day before the last day."""
    left = (hand_over.last_day - timezone.localdate()).days
    if left not in (10, 5, 1):
        return
    team = TeamRole.objects.filter(deployment_id=hand_over.deployment_id, code__in=["CHM", "IM"])
    people = {
        one.pk: one for role in team.select_related("person", "deputy") for one in (role.person, role.deputy) if one
    }
    reason = gettext_noop("You take part in the hand-over.")
    _tell(CHAMPION_LEAVES, hand_over, list(people.values()), reason, f"-{left}", hand_over.deployment_id)


def _tell(
    what: object, subject: object, people: list[User], reason: str, step: str, deployment_id: UUID | None = None
) -> None:
    Reminder.schedule(
        Wanted(
            recipient=person,
            kind=what,  # type: ignore[arg-type]
            subject_type=subject._meta.label_lower,  # type: ignore[attr-defined]
            subject_id=subject.pk,  # type: ignore[attr-defined]
            step=step,
            on=timezone.localdate(),
            reason=reason,
            deployment_id=deployment_id,
        )
        for person in people
    )


def _slug() -> str:
    return str(Organization.objects.values_list("slug", flat=True).get(pk=current().organization_id))
