"""What continuity reminds people of: money that runs out, and a hand-over that comes to its last day."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.models import User
from notices.kinds import EXPIRY, MONTHLY, Description, kind
from notices.ladder import OWNER, SAID_FOR, Plan
from notices.models import Reminder
from notices.once import say_once
from notices.planners import planner
from onboarding.continuity.models import ChampionHandOver, FundingSource
from onboarding.continuity.runway import ALARM
from onboarding.continuity.standing import runway_of
from onboarding.deployments.models import Deployment, Program, TeamRole
from tenancy.models import Organization


def describe_programs(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe programs whose money lasts for less than six months."""
    found, slug = {}, Organization.slug_in_scope()
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
    slug = Organization.slug_in_scope()
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


def describe_sources(ids: Collection[UUID]) -> dict[UUID, Description]:
    """Describe sources of running programs that end, or ended lately."""
    found, slug = {}, Organization.slug_in_scope()
    since = timezone.localdate() - SAID_FOR
    for source in FundingSource.objects.filter(pk__in=ids, ends_on__gte=since).select_related("program"):
        one = Deployment.objects.running().filter(program=source.program).order_by("pk").first()
        if one:
            found[source.pk] = Description(
                f"{source.title} of {source.program.title} ends",
                "Name the next source, or the end.",
                reverse("org:continuity:show", kwargs={"org": slug, "deployment": one.pk}),
                source.ends_on,
            )
    return found


RUNWAY_SHORT = kind("funding.runway_short", "Funding falls below six months", describe=describe_programs)
RUNWAY_MONTHLY = kind(
    "funding.runway_monthly", "Funding below six months, month by month", describe=describe_programs, ladder=MONTHLY
)
SOURCE_ENDS = kind("funding.source_ends", "A source of funding ends", describe=describe_sources, ladder=EXPIRY)
CHAMPION_LEAVES = kind("champion.leaves", "A clinical champion leaves", describe=describe_hand_overs)
CARRIES = gettext_noop("You carry the program.")


def warn_of_runway(program: Program) -> None:
    """Tell sponsor, finance and manager at once that the money lasts for less than six months; then the planner does.

    Who heard of it in the last month is not told again.
    """
    months = runway_of(program)
    if months is None or months >= ALARM:
        return
    month_ago = timezone.now() - timedelta(days=31)
    told = Reminder.objects.filter(
        subject_id=program.pk, kind__in=[RUNWAY_SHORT.name, RUNWAY_MONTHLY.name], due_at__gt=month_ago
    )
    heard = set(told.values_list("recipient_id", flat=True))
    people = [person for person in _carriers(program) if person.pk not in heard]
    if people or not heard:
        say_once(RUNWAY_SHORT, program, people, CARRIES, stand_in=True)


@planner(RUNWAY_MONTHLY)
def runways() -> Iterable[Plan]:
    """Programs whose money lasts for less than six months, on the first of each month."""
    today = timezone.localdate()
    for program in Program.objects.order_by("pk"):
        months = runway_of(program)
        if months is not None and months < ALARM:
            yield Plan(program, RUNWAY_MONTHLY, today, "", _owners(program), reasons={OWNER: CARRIES})


@planner(SOURCE_ENDS)
def sources_that_end() -> Iterable[Plan]:
    """Sources of funding with a last day: before it, and on the day after."""
    ending = FundingSource.objects.filter(ends_on__gte=timezone.localdate() - timedelta(days=1))
    for source in ending.select_related("program").order_by("pk"):
        yield Plan(
            source, SOURCE_ENDS, source.ends_on, "", _owners(source.program), lapses=True, reasons={OWNER: CARRIES}
        )


def _owners(program: Program) -> list[tuple[User, str]]:
    return [(person, OWNER) for person in _carriers(program)]


def _carriers(program: Program) -> list[User]:
    running = Deployment.objects.running().filter(program=program)
    roles = TeamRole.objects.filter(deployment__in=running, code__in=["EXS", "FIN", "IM"]).exclude(person=None)
    listed = {role.person.pk: role.person for role in roles.select_related("person").order_by("pk") if role.person}
    return list(listed.values())


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
    say_once(
        CHAMPION_LEAVES,
        hand_over,
        people.values(),
        reason,
        step=f"-{left}",
        deployment_id=hand_over.deployment_id,
        stand_in=True,
    )
