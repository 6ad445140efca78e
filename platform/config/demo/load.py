"""The demo from beginning to end."""

from collections.abc import Callable
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from access.permissions import Part
from config.demo import aftercare, audits, cutover, ending, training, vault
from config.demo.cast import Cast, gather
from config.demo.clock import at, days_ago
from config.demo.joint import lead_together
from config.demo.messages import send_what_was_due
from config.demo.money import bring_money
from config.demo.plans import commit_and_forecast
from config.demo.sites import import_sites
from config.demo.story import Story
from config.demo.studio import keep_studio
from config.demo.work import keep_beside
from onboarding.cutover.models import Run
from onboarding.deployments.models import Comment, Deployment, Item, Program
from onboarding.golive.models import GateReview, Vote, Waiver
from onboarding.playbooks.document import STARTER
from onboarding.playbooks.document import load as load_playbook
from onboarding.playbooks.models import PlaybookVersion, Tool, ToolVersion
from tenancy.models import Organization, Site
from tenancy.scope import scope

Say = Callable[[str], None]
BEGAN = 620
"""Days ago on which the demo's history begins."""


def load(say: Say) -> bool:
    """Load the demo in one transaction; return False where it stands already."""
    if Organization.objects.filter(slug="riverbend").exists():
        return False
    today = timezone.localdate()
    with transaction.atomic():
        with at(days_ago(today, BEGAN), 8):
            say("people")
            cast = gather()
        with scope(cast.host.pk):
            _host(cast, today, say)
    return True


def _host(cast: Cast, today: date, say: Say) -> None:
    manager = cast.actor_for("IM")
    with at(days_ago(today, BEGAN - 5), 9):
        say("sites")
        sites = import_sites(manager)
        programs = _programs(cast)
        training.open_courses(cast)
    for story in _stories(cast, programs, sites, today):
        say(story.site.name)
        deployment = story.tell()
        _share(cast, deployment)
    with at(days_ago(today, 20), 9):
        training.enroll_waiting(cast, Deployment.objects.get(site__city="Siler City"))
    with at(today, 5):
        for deployment in Deployment.objects.running():
            training.keep_fresh(deployment)
    say("vault")
    vault.fill(cast, today)
    say("money")
    bring_money(cast, list(Deployment.objects.for_page().order_by("planned_at")), today)
    _open_ends(cast, today)
    say("plans")
    commit_and_forecast(cast, today)
    lead_together(cast, today)
    keep_beside(cast, today)
    say("studio")
    keep_studio(cast, today)
    training.draft_next_version(cast, today)
    say("a clean end")
    ending.tell(cast, today)
    with at(days_ago(today, 2), 15):
        training.plan_drill(cast, Deployment.objects.select_related("site").get(site__city="Siler City"), today)
    say("after go-live")
    aftercare.tell(cast, today)
    say("messages")
    send_what_was_due(cast, today)
    say("audits")
    audits.audit(cast, today)
    cutover.ask(Run.objects.get(deployment__site__city="Lewistown", kind=Run.Kind.LIVE), by=cast.actor_for("IM"))


def _programs(cast: Cast) -> tuple[Program, Program]:
    by = cast.actor_for("IM")
    playbook = PlaybookVersion.adopt(load_playbook(STARTER), by=by, source="library")
    vendor = cast.organizations["stillwater"]
    cbt = Tool.register(
        title="Stillwater CBT",
        vendor=vendor,
        by=by,
        summary="Guided cognitive behavioral therapy for depression and anxiety.",
    )
    release = ToolVersion.register(cbt, version="4.2", by=by, regulated_device=True)
    parent = Tool.register(
        title="Harbor Parent", vendor=vendor, by=by, summary="Coaching for parents of children with anxiety."
    )
    parent_release = ToolVersion.register(parent, version="5.1", by=by, ehr_launched=False, generative_ai=True)
    first = Program.start(title="Stillwater CBT", tool_version=release, playbook_version=playbook, by=by)
    second = Program.start(title="Harbor Parent", tool_version=parent_release, playbook_version=playbook, by=by)
    return first, second


def _stories(cast: Cast, programs: tuple[Program, Program], sites: dict[str, Site], today: date) -> list[Story]:
    cbt, parent = programs

    def go(days: int) -> date:
        return days_ago(today + timedelta(days=days), 0)

    return [
        Story(cast, cbt, sites["Morrisville"], go(-200), today, wave=1),
        Story(cast, cbt, sites["Wenatchee"], go(-75), today, wave=1, roll_back_first=True),
        Story(cast, cbt, sites["Lewistown"], go(-6), today, wave=2),
        Story(cast, cbt, sites["Benton"], go(4), today, wave=2, held=frozenset({79, 87, 88, 90}), punctual=True),
        Story(cast, cbt, sites["Siler City"], go(50), today, wave=3, held=frozenset({55, 58})),
        Story(cast, parent, sites["Washburn"], go(292), today, wave=1),
        Story(cast, parent, sites[ending.CITY], go(-260), days_ago(today, ending.BEGAN + 5), wave=1),
    ]


def _share(cast: Cast, deployment: Deployment) -> None:
    by = cast.actor_for("IM")
    with at(timezone.localdate(deployment.planned_at), 11):
        for slug, part in (("stillwater", Part.VENDOR), ("northern-reach", Part.HUB), ("lakeshore", Part.FUNDER)):
            deployment.share_with(cast.organizations[slug], part=part, by=by)


def _open_ends(cast: Cast, today: date) -> None:
    """What waits for somebody today: a block, comments, a waiver that was asked for, a meeting in session."""
    blocked = Item.objects.select_related("deployment").get(number=58, deployment__site__city="Siler City")
    with at(days_ago(today, 13), 15):
        blocked.start(by=cast.actor_for("INT"))
        blocked.block(
            by=cast.actor_for("INT"),
            reason="The firewall change waits for the security officer's window.",
            waits_for="SEC",
        )
    with at(days_ago(today, 6), 10):
        Comment.add(
            blocked,
            body="Change 4417 is written and reviewed. It needs an hour on any evening.",
            by=cast.actor_for("INT"),
        )
    with at(days_ago(today, 5), 16):
        Comment.add(
            blocked,
            body="Our window this week went to the patch. Next one is Thursday.",
            by=cast.actor_for("SEC"),
            internal=True,
        )
    with at(days_ago(today, 2), 9):
        Waiver.ask(
            Item.objects.get(number=55, deployment__site__city="Siler City"),
            reason="The roster feed comes with the EHR's spring release.",
            compensating_control="A daily list by hand, leavers first, checked by a second person.",
            expires_on=today + timedelta(days=90),
            by=cast.actor_for("IM"),
        )
    vault.ask_for_approval(cast, today)
    _meeting(cast, Deployment.objects.get(site__city="Benton"), today)


def _meeting(cast: Cast, deployment: Deployment, today: date) -> None:
    """The go/no-go of Benton: one waiver granted, two conditions set, one dissent, the sponsor still to vote and sign."""
    manager = cast.actor_for("IM")
    drill, staffing, equity = (Item.objects.get(deployment=deployment, number=number) for number in (79, 87, 88))
    with at(days_ago(today, 9), 9):
        waiver = Waiver.ask(
            drill,
            reason="The EHR's downtime environment is closed until the middle of next month.",
            compensating_control="Paper forms are in every room; the charge nurse walked each shift through them.",
            expires_on=today + timedelta(days=30),
            by=manager,
        )
    with at(days_ago(today, 8), 16):
        waiver.grant(by=cast.actor("clinical.safety.officer"))
    rehearsed_on = days_ago(today, 3)
    rehearsal = cutover.plan(deployment, "rehearsal", rehearsed_on, by=manager, planned_on=days_ago(today, 9))
    cutover.carry_out(rehearsal, by=manager)
    cutover.plan(deployment, "live", deployment.go_live_on, by=manager, planned_on=days_ago(today, 2))
    with at(days_ago(today, 1), 14):
        training.keep_fresh(deployment)
        review = GateReview.convene(deployment, "G6", by=manager)
        for item, owner, workaround in (
            (staffing, "OPS", "A float nurse covers the first five days."),
            (equity, "EQL", "Interpreter line on the poster until the sheet is printed."),
        ):
            review.set_condition(
                item, owner=owner, workaround=workaround, expires_on=today + timedelta(days=10), by=manager
            )
        voices = {
            "CHM": ("go", ""),
            "CSO": ("go", ""),
            "SEC": ("go", ""),
            "INT": ("go", ""),
            "TRN": ("conditions", "The night superuser must be named by Thursday."),
            "OPS": ("no_go", "Fifteen percent is too thin a schedule for two prescribers."),
            "EQL": ("conditions", "The interpreter line must answer on weekends too."),
        }
        for vote in Vote.objects.filter(review=review, role__in=voices):
            choice, reason = voices[vote.role]
            vote.cast(choice, reason=reason, by=cast.actor_for(vote.role))
