"""The whole way in a browser: from an empty organization to a site that is live, with training on a phone."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from access.permissions import Role
from accounts.models import Membership, User
from audit.actor import Actor
from audit.models import Event
from onboarding.deployments.models import Deployment, Item, Program, TeamRole
from onboarding.golive.models import GateReview, Signature, Vote
from onboarding.golive.tests.readiness import fill_team, ready_for_go_no_go, sponsor
from onboarding.rosters.models import RosterImport
from tenancy.models import Site
from tenancy.scope import scope
from testing.browser import PHONE, Windows, follow, turn
from testing.cast import SETUP, World, person
from testing.journey import (
    Work,
    actor,
    carry_out_reactions,
    finish_import,
    pass_course,
)
from testing.scenes import GO_LIVE, Scene
from testing.tests.by_hand import equip, sign_by_hand, sign_in, vote_by_hand
from training.courses.document import CONTENT, load_course
from training.learning.actions.apply_rules import apply_rule
from training.learning.actions.enroll import enroll
from training.learning.actions.take_up_version import adopt_course
from training.learning.facts import state_training
from training.learning.models import AccessList, Answer, Assignment, AssignmentRule, Attempt, LessonProgress, Rollout

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.transactional,
    pytest.mark.django_db(transaction=True, databases=["default", "steward"]),
]

ROSTER = (
    "Facility,Address,City,ST,Zip Code,Type\n"
    "North Clinic,1 Main Street,Waterbury,CT,06708,FQHC\n"
    "South Clinic,2 Main Street,Prattville,AL,36067,FQHC\n"
)
LESSON = "who-it-helps"


@pytest.fixture
def paper(tmp_path: Path) -> Callable[[str], Path]:
    """Return a small file that says what it is."""

    def write(name: str) -> Path:
        path = tmp_path / f"{name}.txt"
        path.write_text(f"{name}: what was agreed, and by whom.\n")
        return path

    return write


def test_from_an_empty_organization_to_live(
    world: World, window: Windows, paper: Callable[[str], Path], tmp_path: Path
) -> None:
    owner = sign_in(window, world.owner)
    bring_sites_in(owner, world, tmp_path)
    program = start_program(owner, world)
    deployment = plan_the_site(owner, world, program)
    team_and_rollout(world, deployment)
    work_the_checklist(window, world, deployment, paper)
    learn_on_a_phone(window, world, deployment)
    convene_vote_and_sign(window, world, deployment, "G4", world.approver, "Pass")
    with scope(world.host.pk):
        work = Work(deployment, by=actor(world.manager), signer=actor(world.approver))
    manager = window.open(world.manager)
    for stage in (5, 6):
        work_a_stage(manager, world, work, stage, paper)
    with scope(world.host.pk):
        work.finish(*range(7), besides=frozenset({"G6"}))
        director = person("medical.director@host.example", "Director Host")
        Membership.add(director, roles=[Role.APPROVER], by=SETUP)
    convene_vote_and_sign(window, world, deployment, "G6", director, "Go")
    go_live(window, world, deployment, paper)
    with scope(world.host.pk):
        assert Deployment.objects.get().state == "live"
        assert {one.method for one in Signature.objects.filter(review__gate__in=["G4", "G6"])} == {"password+totp"}
        told = set(Event.objects.values_list("action", flat=True))
        assert {"deployment.planned", "item.blocked", "item.completed", "deployment.went_live"} <= told


# --- By hand, one chapter each ---------------------------------------------------------------------------------------


def bring_sites_in(page: Page, world: World, tmp_path: Path) -> None:
    roster = tmp_path / "sites.csv"
    roster.write_text(ROSTER)
    page.goto("/o/host/imports/")
    page.get_by_label("Roster").set_input_files(roster)
    page.get_by_role("button", name="Upload roster").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Which column is what")
    follow(page, page.get_by_role("button", name="Preview the import").click)
    let_workers_import(world)
    follow(page, page.get_by_role("button", name="Import 2 sites").click)
    let_workers_import(world)
    page.get_by_role("link", name="Look at the sites").click()
    expect(page.get_by_role("link", name="North Clinic")).to_be_visible()
    with scope(world.host.pk):
        assert sorted(Site.objects.values_list("name", flat=True)) == ["North Clinic", "South Clinic"]


def let_workers_import(world: World) -> None:
    with scope(world.host.pk):
        finish_import(RosterImport.objects.get())


def start_program(page: Page, world: World) -> Program:
    page.goto("/o/host/playbooks/")
    page.get_by_role("button", name="Adopt the starter playbook").click()
    expect(page.get_by_role("table", name="Cut-over", exact=True)).to_be_visible()
    page.goto("/o/host/programs/start/")
    page.get_by_label("Program").fill("Stillwater CBT")
    page.get_by_label("Tool").fill("Stillwater CBT")
    page.get_by_label("Version").fill("4.2")
    page.get_by_role("button", name="Start the program").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Stillwater CBT")
    with scope(world.host.pk):
        return Program.objects.get()


def plan_the_site(page: Page, world: World, program: Program) -> Deployment:
    page.get_by_role("link", name="Add sites").first.click()
    page.get_by_label("Select North Clinic").check()
    page.get_by_label("Go-live date").fill(a_working_day(timezone.localdate() + timedelta(days=400)).isoformat())
    page.get_by_role("button", name="Plan the ticked sites").click()
    page.get_by_role("link", name="North Clinic").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Stillwater CBT at North Clinic")
    with scope(world.host.pk):
        deployment = Deployment.objects.get(program=program)
        assert Item.objects.of_deployment(deployment.pk).count() > 90
    return deployment


def a_working_day(day: date) -> date:
    return day + timedelta(days=(1 - day.weekday()) % 7)  # a Tuesday


def team_and_rollout(world: World, deployment: Deployment) -> None:
    assert carry_out_reactions(world.host.pk) > 0
    with scope(world.host.pk):
        by = actor(world.manager)
        for role in TeamRole.objects.filter(deployment=deployment):
            role.fill(world.contributor, deputy=world.manager, by=by)
        assert Rollout.objects.get().pk == deployment.pk


def work_the_checklist(window: Windows, world: World, deployment: Deployment, paper: Callable[[str], Path]) -> None:
    """One item of each stage up to Build by hand, with what it asks for; the first with everything else, too."""
    page = window.open(world.manager)
    with scope(world.host.pk):
        work = Work(deployment, by=actor(world.manager), signer=actor(world.approver))
        first = work.ready(0)[0]
    place = f"/o/host/deployments/{deployment.pk}/"
    page.goto(f"{place}items/{first.number}/")
    remark(page)
    block_and_clear(page)
    for stage in range(5):
        work_a_stage(page, world, work, stage, paper)
        if stage == 0:
            complete_together(page, place, world, work)
        with scope(world.host.pk):
            work.finish(stage, besides=frozenset({"G4"}))


def work_a_stage(page: Page, world: World, work: Work, stage: int, paper: Callable[[str], Path]) -> None:
    with scope(world.host.pk):
        ready = [one for one in work.ready(stage) if not one.completed_by_gate]
        item = next((one for one in ready if one.required_evidence), ready[0])
    complete_by_hand(page, f"/o/host/deployments/{work.deployment.pk}/items/{item.number}/", item, paper)
    with scope(world.host.pk):
        assert Item.objects.get(pk=item.pk).state == "accepted"


def remark(page: Page) -> None:
    page.get_by_label("Comment", exact=True).fill("The sponsor is named by Friday.")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("#log")).to_contain_text("The sponsor is named by Friday.")


def block_and_clear(page: Page) -> None:
    page.locator("#item").get_by_text("Block…", exact=True).click()
    page.locator("#item").get_by_label("What stops the work").fill("The room is taken.")
    page.get_by_role("button", name="Mark as blocked").click()
    expect(page.locator("#item .pill")).to_have_text("Blocked")
    page.get_by_role("button", name="Clear the block").click()
    expect(page.locator("#item .pill")).to_have_text("In progress")


def complete_by_hand(page: Page, address: str, item: Item, paper: Callable[[str], Path]) -> None:
    page.goto(address)
    for wanted in item.required_evidence:
        name = f"{item.key}-{wanted['key']}"
        page.get_by_label("Add a file").set_input_files(paper(name))
        page.get_by_label("It shows").select_option(wanted["key"])
        page.get_by_role("button", name="Add evidence").click()
        expect(page.locator("#files")).to_contain_text(f"{name}.txt")
    page.get_by_role("button", name="Accept", exact=True).click()
    expect(page.locator("#item .pill")).to_have_text("Accepted")


def complete_together(page: Page, place: str, world: World, work: Work) -> None:
    with scope(world.host.pk):
        pair = work.ready(0)[:2]
        for item in pair:
            work.give_evidence(item)
    page.goto(place)
    for item in pair:
        page.locator(f"[data-pick][value='{item.pk}']").check()
    expect(page.locator("[data-picked]")).to_have_text("2 selected")
    page.get_by_role("toolbar").get_by_role("button", name="Complete").click()
    page.get_by_role("button", name="Complete 2 items").click()  # after what changes was looked at
    expect(page.locator(f"[data-pick][value='{pair[0].pk}']")).not_to_be_checked()
    with scope(world.host.pk):
        assert [Item.objects.get(pk=item.pk).state for item in pair] == ["accepted", "accepted"]


def learn_on_a_phone(window: Windows, world: World, deployment: Deployment) -> None:
    """The first lesson by hand with an interruption, the rest of the course by verbs."""
    with scope(world.host.pk):
        by = actor(world.manager)
        assign(world, deployment, by)
        assignment = Assignment.objects.select_related("version", "course", "user", "learner").get()
    page = window.open(world.learner, size=PHONE)
    page.goto("/o/host/learning/")
    page.locator(".up-next a").click()
    read_to_the_questions(page)
    answer_rightly(page, world, assignment)
    turn(page, page.get_by_role("link", name="Continue").click)
    second = page.locator("input[name=question]").get_attribute("value")
    page.context.close()
    page = window.open(world.learner, size=PHONE)
    page.goto("/o/host/learning/")
    page.locator(".up-next a").click()
    assert page.locator("input[name=question]").get_attribute("value") == second
    while page.locator("input[name=question]").count():
        answer_rightly(page, world, assignment)
        turn(page, page.get_by_role("link", name="Continue").click)
    expect(page.get_by_role("heading", name="Passed with 100 %")).to_be_visible()
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    with scope(world.host.pk):
        assert LessonProgress.objects.get(assignment=assignment, lesson=LESSON).passed_at
        pass_course(assignment, observer=by)
        state_training([deployment.pk])
    page.goto("/o/host/learning/")
    expect(page.get_by_role("heading", name="Finished")).to_be_visible()


def assign(world: World, deployment: Deployment, by: Actor) -> None:
    version = adopt_course(load_course(CONTENT / "prescriber-risk-protocol", starter=True), by=by, source="library")
    rule = AssignmentRule.set(version.course, job_role="prescriber", offset_days=-7, by=by)
    enroll(
        world.learner,
        job_role="prescriber",
        site=deployment.site,
        started_on=timezone.localdate() - timedelta(days=1),
        by=by,
    )
    apply_rule(rule, by=by)
    AccessList.take(Rollout.objects.get(), [world.learner.email], source="access.csv", by=by)


def read_to_the_questions(page: Page) -> None:
    """Go through cards and cases until a question stands there."""
    expect(page.locator(".lesson")).to_be_visible()
    for _ in range(60):
        if page.locator("input[name=question]").count():
            return
        if page.locator("input[name=path]").count():
            page.locator("input[name=path]").first.check()
            turn(page, page.get_by_role("button", name="Do this").click)
        else:
            turn(page, page.locator(".foot button, footer button, form.lesson button.primary").first.click)
    raise AssertionError("sixty steps and no question")


def answer_rightly(page: Page, world: World, assignment: Assignment) -> None:
    key = page.locator("input[name=question]").get_attribute("value") or ""
    with scope(world.host.pk):
        attempt = Attempt.running(LessonProgress.objects.get(assignment=assignment, lesson=LESSON))
        assert attempt is not None
        right = [number for number, option in enumerate(attempt.question(key).answers) if option.correct]
        answered = Answer.objects.filter(attempt=attempt).count()
    for number in right:
        page.locator(f"input[name=choice][value='{number}']").check()
    page.get_by_role("button", name="Check answer").click()
    expect(page.locator(".answers[data-marked]")).to_be_visible()
    expect(page.get_by_role("heading", name="Right", exact=True)).to_be_visible()
    with scope(world.host.pk):
        assert Answer.objects.filter(attempt=attempt).count() == answered + 1


def convene_vote_and_sign(
    window: Windows,
    world: World,
    deployment: Deployment,
    gate: str,
    signer: User,
    decision: str,
    *,
    javascript: bool = True,
) -> None:
    manager = window.open(world.manager, javascript=javascript)
    manager.goto(f"/o/host/deployments/{deployment.pk}/gates/")
    manager.get_by_role("button", name=f"Convene {gate}").click()
    expect(manager.locator(".live")).to_contain_text("Meeting open")
    vote_by_hand(manager)
    with scope(world.host.pk):
        review = GateReview.objects.meeting().get(deployment=deployment, gate=gate)
        assert Vote.objects.filter(review=review).exclude(choice="").count() == 1
        Work(deployment, by=actor(world.manager), signer=actor(world.approver)).vote(review)
    secret = equip(signer)
    sign_by_hand(window.open(signer, javascript=javascript), review, signer, secret, decision)
    with scope(world.host.pk):
        assert Signature.objects.get(review=review).method == "password+totp"


def go_live(window: Windows, world: World, deployment: Deployment, paper: Callable[[str], Path]) -> None:
    page = window.open(world.manager)
    page.goto(f"/o/host/deployments/{deployment.pk}/gates/")
    page.get_by_role("link", name="Go live").click()
    follow(page, page.get_by_role("button", name="Record go-live").click)
    page.goto(f"/o/host/deployments/{deployment.pk}/")
    expect(page.locator(".page-head .pill")).to_have_text("Live")
    with scope(world.host.pk):
        item = Work(deployment, by=actor(world.manager), signer=actor(world.approver)).ready(7)[0]
    complete_by_hand(page, f"/o/host/deployments/{deployment.pk}/items/{item.number}/", item, paper)


# --- And without JavaScript ------------------------------------------------------------------------------------------


def test_the_main_steps_need_no_script(scene: Scene, window: Windows, paper: Callable[[str], Path]) -> None:
    world, deployment = scene.world, scene.deployment
    page = sign_in(window, world.owner, javascript=False)
    page.goto(f"/o/host/deployments/{deployment.pk}/")
    with scope(world.host.pk):
        fill_team(scene)
        item = next(
            one for one in Work(deployment, by=scene.manager, signer=sponsor(scene)).ready(0) if one.required_evidence
        )
    complete_by_hand(page, f"/o/host/deployments/{deployment.pk}/items/{item.number}/", item, paper)
    with scope(world.host.pk):
        assert Item.objects.get(pk=item.pk).state == "accepted"
    answer_without_script(window, scene)
    with scope(world.host.pk):
        ready_for_go_no_go(scene)
    convene_vote_and_sign(window, world, deployment, "G6", world.approver, "Go", javascript=False)
    manager = window.open(world.manager, javascript=False)
    manager.goto(f"/o/host/deployments/{deployment.pk}/go-live/")
    follow(manager, manager.get_by_role("button", name="Record go-live").click)
    manager.goto(f"/o/host/deployments/{deployment.pk}/")
    expect(manager.locator(".page-head .pill")).to_have_text("Live")
    with scope(world.host.pk):
        assert Deployment.objects.get().state == "live"


def answer_without_script(window: Windows, scene: Scene) -> None:
    world = scene.world
    with scope(world.host.pk):
        site, by = scene.site, scene.manager
        Rollout.introduce(
            scene.deployment.pk, title="Stillwater CBT", tool_version="4.2", site=site, go_live_on=GO_LIVE, by=by
        )
        assign(world, scene.deployment, by)
        assignment = Assignment.objects.select_related("version", "course", "user", "learner").get()
    page = window.open(world.learner, size=PHONE, javascript=False)
    page.goto("/o/host/learning/")
    page.locator(".up-next a").click()
    read_to_the_questions(page)
    answer_rightly(page, world, assignment)
